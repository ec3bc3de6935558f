"""``init``: a company that is not the demo, from the command line and Excel files."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.people import actions as people
from bihuan.base.people import queries, slips
from bihuan.base.people.models import User
from bihuan.base.places import sheets
from bihuan.base.places.models import Place, SheetImport
from bihuan.base.places.views.sheet_pages import said_of
from bihuan.base.trail.act import Refused, together
from bihuan.config import home
from bihuan.config.commands.output import json_option, say_json
from bihuan.config.models import Installation
from bihuan.config.start import missing
from bihuan.config.start.actions import set_up_company
from bihuan.config.start.files import KINDS, Kind

INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass
class Answers:
    """What the company and its first administrator are called."""

    company_zh: str | None
    company_en: str | None
    code: str | None
    admin_number: str | None
    admin_name: str | None


@dataclass
class Outcome:
    """What came of one run, for people and for programs."""

    company: Place
    administrator: User | None = None
    password: str = ""
    new_company: bool = False
    files: list[dict[str, Any]] = field(default_factory=list)
    slips: dict[str, Any] | None = None

    @property
    def refused(self) -> bool:
        """Whether anything is left to mend."""
        return any(file["rejected"] or file["error"] for file in self.files)

    def as_json(self) -> dict[str, Any]:
        """One object for programs."""
        administrator = self.administrator.employee_number if self.administrator else None
        return {
            "company": {"code": self.company.code, "name": self.company.name_zh, "new": self.new_company},
            "administrator": {"employee_number": administrator, "password": self.password or None},
            "files": self.files,
            "passwords": self.slips,
            "missing": [
                {"name": item.name, "what": item.missing} for item in missing.items() if not item.there
            ],
        }


@click.command(help=_("Set a real company up: its name, the first administrator, and its Excel files."))
@click.option("--company-zh", default=None, help=_("Chinese name of the company."))
@click.option("--company-en", default=None, help=_("English name of the company; may be left out."))
@click.option("--code", default=None, help=_("Code of the company, such as HT; the same code goes on later."))
@click.option("--admin-number", default=None, help=_("Employee number of the first administrator."))
@click.option("--admin-name", default=None, help=_("Name of the first administrator."))
@click.option("--tree", type=INPUT, default=None, help=_("Excel file of places."))
@click.option("--departments", type=INPUT, default=None, help=_("Excel file of departments and contractors."))
@click.option("--people", "people_", type=INPUT, default=None, help=_("Excel file of people."))
@click.option("--households", type=INPUT, default=None, help=_("Excel file of households."))
@click.option(
    "--templates",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help=_("Write the empty Excel templates into this folder, and end."),
)
@click.option(
    "--passwords",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help=_("PDF to write: one-time passwords on paper for everybody who has none."),
)
@click.option("--address", default=None, help=_("Where people sign in, as it stands on the paper."))
@click.option("--new-password", is_flag=True, help=_("Make the administrator's password anew."))
@json_option
def init(
    company_zh: str | None,
    company_en: str | None,
    code: str | None,
    admin_number: str | None,
    admin_name: str | None,
    tree: Path | None,
    departments: Path | None,
    people_: Path | None,
    households: Path | None,
    templates: Path | None,
    passwords: Path | None,
    address: str | None,
    new_password: bool,
    as_json: bool,
) -> None:
    """Set up what is not there yet and take the files in; status 1 when a row was refused."""
    if templates is not None:
        _write_templates(templates, as_json)
        return
    home.prepare()
    answers = Answers(company_zh, company_en, code, admin_number, admin_name)
    outcome = _company(answers, ask=not as_json and sys.stdin.isatty())
    given = {"tree": tree, "departments": departments, "people": people_, "households": households}
    for name, path in given.items():
        if path is not None:
            outcome.files.append(_take(KINDS[name], path))
            if not as_json:
                _say_file(outcome.files[-1])
    if passwords is not None:
        outcome.slips = _print_slips(passwords, address or _address(), outcome.administrator)
    _give_password(outcome, anew=new_password)
    if as_json:
        say_json(outcome.as_json())
    else:
        _say(outcome)
    raise click.exceptions.Exit(1 if outcome.refused else 0)


def _write_templates(folder: Path, as_json: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, kind in enumerate(KINDS.values(), start=1):
        path = folder / f"{number}-{kind.name}.xlsx"
        if path.exists():
            raise click.ClickException(_("%(file)s is there already. Name another folder.") % {"file": path})
        written.append((path, sheets.template(kind.form())))
    for path, content in written:
        path.write_bytes(content)
    if as_json:
        say_json({"templates": [str(path) for path, _content in written]})
        return
    for path, _content in written:
        click.echo(str(path))


def _company(answers: Answers, *, ask: bool) -> Outcome:
    """The company of this home: made now, or the one that was being set up under the same code."""
    installation = Installation.current()
    if installation is None:
        return _new_company(answers, ask)
    company = Place.objects.filter(parent=None).order_by("pk").first()
    simulated = installation.kind == Installation.Kind.SIMULATED
    if simulated or company is None or company.code != answers.code:
        if simulated:
            what = _("This home folder holds the simulated company.")
        else:
            what = _("This home folder holds %(name)s; to go on with it, give --code %(code)s.") % {
                "name": company.name if company else "",
                "code": company.code if company else "",
            }
        elsewhere = _("A new company needs a folder of its own (BIHUAN_HOME).")
        raise Refused(f"{what} {elsewhere}", code="set_up_already")
    return Outcome(company, _administrator(answers.admin_number))


def _administrator(number: str | None) -> User | None:
    found = queries.holding(User.objects.filter(is_active=True), "administrator").order_by("pk")
    return found.filter(employee_number=number).first() if number else found.first()


def _new_company(answers: Answers, ask: bool) -> Outcome:
    asked = {
        "--company-zh": ("company_zh", _("Chinese name of the company")),
        "--code": ("code", _("Code of the company, such as HT")),
        "--admin-number": ("admin_number", _("Employee number of the first administrator")),
        "--admin-name": ("admin_name", _("Name of the first administrator")),
    }
    lacking = [option for option, (name, _question) in asked.items() if not getattr(answers, name)]
    if lacking and not ask:
        raise click.UsageError(_("Give these too: %(options)s.") % {"options": ", ".join(lacking)})
    for option in lacking:
        name, question = asked[option]
        setattr(answers, name, click.prompt(question))
    company, person = set_up_company(
        actor=None,
        company_code=answers.code or "",
        name_zh=answers.company_zh or "",
        name_en=answers.company_en or "",
        admin_number=answers.admin_number or "",
        admin_name=answers.admin_name or "",
        language=settings.LANGUAGE_CODE,
    )
    return Outcome(company, person, new_company=True)


def _take(kind: Kind, path: Path) -> dict[str, Any]:
    """Take one file in; what was refused is kept beside it."""
    report: dict[str, Any] = {
        "kind": kind.name, "file": str(path), "read": 0, "created": 0, "changed": 0, "unchanged": 0,
        "rejected": 0, "to_mend": None, "problems": [], "error": None, "said": "",
    }  # fmt: skip
    try:
        taken = kind.take(actor=None, content=path.read_bytes(), filename=path.name)
    except sheets.SheetError as exc:
        return report | {"error": str(exc), "said": str(exc)}
    counts = {key: getattr(taken, key) for key in ("read", "created", "changed", "unchanged", "rejected")}
    report |= {**counts, "problems": taken.apart["problems"], "said": said_of(taken)}
    if taken.rejected:
        report["to_mend"] = str(_keep_apart(kind, taken, path))
    return report


def _keep_apart(kind: Kind, taken: SheetImport, path: Path) -> Path:
    """Write the refused rows beside their file, under a name that is free; they hold personal data."""
    stem = path.stem.split("-to-mend")[0]
    free = _free(path.with_name(f"{stem}-to-mend.xlsx"))
    free.touch(mode=0o600)
    free.write_bytes(kind.rows_to_mend(taken))
    return free


def _free(path: Path) -> Path:
    """The path, or the next one with a number where it is taken: nothing is overwritten."""
    free, number = path, 2
    while free.exists():
        free, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
    return free


def _address() -> str:
    """Where people sign in, from the settings."""
    host = next((h for h in settings.ALLOWED_HOSTS if h not in ("127.0.0.1", "localhost", "*")), "")
    scheme = "https" if settings.BIHUAN_HTTPS else "http"
    return f"{scheme}://{host or settings.BIHUAN_BIND}{reverse('signin')}"


def _print_slips(path: Path, address: str, leave_out: User | None) -> dict[str, Any]:
    """Make passwords and their paper in one act, so that none counts that stands on no paper."""
    waiting = queries.without_password(User.objects.all())
    if leave_out is not None:
        waiting = waiting.exclude(pk=leave_out.pk)
    with together():
        made = people.issue_passwords(list(waiting), actor=None)
        if not made:
            return {"file": None, "people": 0}
        free = _free(path)
        free.parent.mkdir(parents=True, exist_ok=True)
        free.touch(mode=0o600)
        free.write_bytes(
            slips.render(made, address=address, language=settings.LANGUAGE_CODE, made_at=timezone.now())
        )
    return {"file": str(free), "people": len(made)}


def _give_password(outcome: Outcome, *, anew: bool) -> None:
    """The administrator's one-time password, last: a run that was broken off has not used it up."""
    person = outcome.administrator
    if person is not None and (anew or not person.has_usable_password()):
        outcome.password = people.issue_one_time_password(person, actor=None)


def _say_file(report: dict[str, Any]) -> None:
    click.echo(f"{report['file']}: {report['said']}")
    for problem in report["problems"][:20]:
        line = _("  row %(row)s, %(column)s: %(what)s") % problem
        click.echo(f"{line} → {problem['how']}" if problem["how"] else line)
    if len(report["problems"]) > 20:
        more = len(report["problems"]) - 20
        click.echo(ngettext("  and %(n)d more", "  and %(n)d more", more) % {"n": more})
    if report["to_mend"]:
        click.echo(_("  Mend them in %(file)s and run this again with it.") % {"file": report["to_mend"]})


def _say(outcome: Outcome) -> None:
    if outcome.new_company:
        click.echo(_("%(name)s is set up.") % {"name": outcome.company.name})
    if outcome.slips is not None:
        count = outcome.slips["people"]
        text = ngettext(
            "%(n)d slip is in %(file)s. Print it and delete the file.",
            "%(n)d slips are in %(file)s. Print them and delete the file.",
            count,
        ) % {"n": count, "file": outcome.slips["file"]}
        click.echo(text if count else _("Everybody has a password; no paper was made."))
    if outcome.password and outcome.administrator:
        text = _("Sign in as %(number)s with the one-time password %(password)s. It is not shown again.")
        number = outcome.administrator.employee_number
        click.echo(text % {"number": number, "password": outcome.password})
    lacking = [item.missing for item in missing.items() if not item.there]
    if lacking:
        click.echo(_("Still missing:"))
    for text in lacking:
        click.echo(f"  {text}")


COMMANDS = (init,)
