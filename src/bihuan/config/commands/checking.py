"""``check``: is this installation sound?"""

from __future__ import annotations

import click
from django.core import checks
from django.utils.translation import gettext as _

from bihuan.base.trail.verify import verify
from bihuan.config.commands.output import json_option, say_json


@click.command(help=_("Check the settings and, with --trail, that nobody has touched the audit trail."))
@click.option(
    "--trail", is_flag=True, help=_("Walk the whole trail and name what was altered, removed or cut off.")
)
@json_option
def check(trail: bool, as_json: bool) -> None:
    """Run the checks; status 1 when something is wrong."""
    found = [f"{m.msg} {m.hint or ''}".strip() for m in checks.run_checks() if m.level >= checks.WARNING]
    if trail:
        found += [str(problem) for problem in verify()]
    if as_json:
        say_json({"sound": not found, "problems": found})
    elif found:
        for line in found:
            click.echo(line)
    else:
        click.echo(_("All sound."))
    raise click.exceptions.Exit(1 if found else 0)


COMMANDS = (check,)
