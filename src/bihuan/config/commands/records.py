"""``import``: records from files into the data archive."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.collect.records import reasons
from bihuan.collect.records.importer import run_import
from bihuan.config import home
from bihuan.config.commands.output import json_option, progress, say_json


@click.command("import", help=_("Bring records in from a CSV, Excel or Parquet file."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "mapping",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("The mapping file (YAML) that says what each column is."),
)
@json_option
def import_(file: Path, mapping: Path, as_json: bool) -> None:
    """Import one file; rows that were refused are told with their reasons and fail nothing."""
    home.prepare()
    with progress(file.name, quiet=as_json) as report:
        result = run_import(file, mapping, actor=None, progress=report)
    if as_json:
        say_json(result.as_json())
    else:
        click.echo(
            ngettext("Read %(n)s row.", "Read %(n)s rows.", result.read) % {"n": f"{result.read:,}"}
            + " "
            + _("Accepted %(accepted)s, of these unchanged %(unchanged)s; rejected %(rejected)s.")
            % {
                "accepted": f"{result.accepted:,}",
                "unchanged": f"{result.unchanged:,}",
                "rejected": f"{result.rejected:,}",
            }
        )
        for reason, count in result.reasons.most_common():
            click.echo(f"  {count:>9,}  {reasons.label(reason)}")


COMMANDS = (import_,)
