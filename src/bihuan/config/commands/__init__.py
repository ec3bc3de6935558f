"""The commands of ``bihuan``, one module for each family."""

import click
from django.utils.translation import gettext as _

import bihuan as package
from bihuan.config.commands import archive, checking, demo, evaluating, init, plans, records, serving


@click.group(help=_("Bihuan: the service-quality loop for property-management companies."))
@click.version_option(package.__version__, prog_name="bihuan")
def bihuan() -> None:
    """Group of every command."""


for module in (serving, init, demo, records, evaluating, init, plans, archive, checking):
    for command in module.COMMANDS:
        bihuan.add_command(command)
