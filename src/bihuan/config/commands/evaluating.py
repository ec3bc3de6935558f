"""``evaluate``, ``results`` and ``report``: from the archive to numbers, rows and a document."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.assess import actions, queries
from bihuan.config import home
from bihuan.config.commands.output import json_option, progress, say_json, say_rows
from bihuan.standards.actions import load_definitions

COLUMNS = [
    "cycle",
    "period",
    "place",
    "indicator",
    "breakdown",
    "item",
    "n",
    "value",
    "se",
    "low",
    "high",
    "score",
    "status",
    "standing",
]


def _instant(_context: click.Context, _param: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as exc:
        raise click.BadParameter(_("write it as 2026-10-10 or 2026-10-10T18:00:00")) from exc
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


@click.command(help=_("Evaluate a cycle: measure every indicator and score every place."))
@click.option("--cycle", required=True, help=_("Such as 2026Q3, or 2015 for a year."))
@click.option(
    "--as-of",
    callback=_instant,
    default=None,
    help=_("The instant at which open and overdue are judged; ten days after the cycle when left out."),
)
@click.option(
    "--snapshot",
    type=click.IntRange(1),
    default=None,
    help=_("Snapshot of the archive; the newest when left out."),
)
@click.option(
    "--indicators",
    "definitions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help=_("Definitions (YAML) to load first and to evaluate instead of the catalogue."),
)
@json_option
def evaluate(
    cycle: str, as_of: datetime | None, snapshot: int | None, definitions: Path | None, as_json: bool
) -> None:
    """Run one evaluation."""
    home.prepare()
    codes = (
        [version.indicator.code for version in load_definitions(definitions, actor=None)]
        if definitions
        else None
    )
    with progress(cycle, quiet=as_json) as report:
        run = actions.evaluate_cycle(
            cycle=cycle, actor=None, as_of=as_of, snapshot=snapshot, indicators=codes, progress=report
        )
    if as_json:
        say_json({"run": run.run_id, "cycle": cycle, "record": run.record})
    else:
        click.echo(
            _("Run %(run)s evaluated %(cycle)s on snapshot %(snapshot)s.")
            % {"run": run.run_id, "cycle": cycle, "snapshot": run.snapshot}
        )


@click.command(help=_("The measured values: each with n, value, standard error, interval, score and status."))
@click.option("--cycle", required=True, help=_("Such as 2026Q3, or 2015 for a year."))
@click.option("--place", default=None, help=_("Code of a place."))
@click.option("--indicator", default=None, help=_("Code of an indicator, such as R03."))
@click.option("--breakdown", default=None, help=_("Break down by, such as service_area or contractor."))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    help=_("How to write the rows."),
)
@json_option
def results(
    cycle: str, place: str | None, indicator: str | None, breakdown: str | None, form: str, as_json: bool
) -> None:
    """Rows of the newest run of the cycle; status 1 when there are none."""
    home.prepare()
    rows = queries.results_rows(None, cycle=cycle, place=place, indicator=indicator, breakdown=breakdown)
    if not rows:
        click.echo(_("No results: no run of %(cycle)s has such rows.") % {"cycle": cycle}, err=True)
        raise click.exceptions.Exit(1)
    say_rows(rows, COLUMNS, "json" if as_json else form)


@click.command(help=_("Write the analysis report of a cycle as PDF."))
@click.option("--cycle", required=True, help=_("Such as 2026Q3."))
@click.option("--place", default=None, help=_("Code of a place; the whole company when left out."))
@click.option(
    "--language", type=click.Choice(["zh-hans", "en"]), default="zh-hans", help=_("Language of the report.")
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help=_("File to write.")
)
@json_option
def report(cycle: str, place: str | None, language: str, out: Path, as_json: bool) -> None:
    """Draft the report and write its PDF."""
    home.prepare()
    document = actions.draft_report(cycle=cycle, place=place, language=language, actor=None)
    out.write_bytes(document.read_pdf())
    if as_json:
        say_json({"report": document.pk, "file": str(out), "sha256": document.sha256})
    else:
        click.echo(_("Wrote %(file)s.") % {"file": out})


COMMANDS = (evaluate, results, report)
