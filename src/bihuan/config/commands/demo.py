"""``demo``: the simulated company."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from bihuan.config import home
from bihuan.config.commands.output import progress
from bihuan.config.commands.serving import serve
from bihuan.config.demo import load


@click.command(help=_("Set up the simulated company, evaluate its quarters, and serve it."))
@click.option("--no-serve", is_flag=True, help=_("Set it up only."))
@click.pass_context
def demo(context: click.Context, no_serve: bool) -> None:
    """Load what is missing of the demo, then serve."""
    home.prepare()
    for title, step in load.steps():
        click.echo(title)
        with progress(title) as report:
            step(report)
    click.echo(load.how_to_sign_in())
    if not no_serve:
        context.invoke(serve)


COMMANDS = (demo,)
