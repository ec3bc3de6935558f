"""``archive``: look into the data archive and prove that it is whole."""

from __future__ import annotations

import click
from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.archive.store import Archive
from bihuan.config.commands.output import json_option, say_json, say_rows


@click.group(help=_("The data archive: what is in it, and whether it is whole."))
def archive() -> None:
    """Group of the archive's commands."""


@archive.command("ls", help=_("List the partitions of the newest snapshot, or of an older one."))
@click.option("--snapshot", type=click.IntRange(0), default=None, help=_("Number of the snapshot."))
@json_option
def ls(snapshot: int | None, as_json: bool) -> None:
    """List partitions."""
    state = Archive(settings.ARCHIVE_URL).at(snapshot)
    rows = [
        {
            "table": p.table,
            "source": p.source,
            "cycle": p.cycle,
            "rows": p.rows,
            "files": len(p.files),
            "line": p.line,
        }
        for p in state.partitions()
    ]
    if as_json:
        say_json({"snapshot": state.number, "partitions": rows})
    else:
        say_rows(rows, ["table", "source", "cycle", "rows", "files", "line"], "table")
        click.echo(_("Snapshot %(number)s.") % {"number": state.number})


@archive.command("verify", help=_("Read every file again and compare it with the manifest."))
@json_option
def verify(as_json: bool) -> None:
    """Verify the archive; status 1 when anything is wrong."""
    problems = Archive(settings.ARCHIVE_URL).verify()
    if as_json:
        say_json({"whole": not problems, "problems": [str(p) for p in problems]})
    elif problems:
        for problem in problems:
            click.echo(str(problem))
    else:
        click.echo(_("The archive is whole: every file is as its manifest says."))
    raise click.exceptions.Exit(1 if problems else 0)


COMMANDS = (archive,)
