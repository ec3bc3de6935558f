"""Setting the simulated company up, step by step; a step that was done before is passed over."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.archive.store import Archive
from bihuan.assess.actions import evaluate_cycle
from bihuan.assess.models import EvaluationRun
from bihuan.base.people.models import User
from bihuan.base.places.models import Occupancy, Place
from bihuan.base.trail.act import Refused
from bihuan.config.demo import archive, loops, people, places
from bihuan.config.demo.calendar import cycle_codes
from bihuan.config.models import Installation

Report = Callable[[int, int], None]
Step = tuple[str, Callable[[Report], object]]


def steps() -> Iterator[Step]:
    """Title and work of every step that is still to be done.

    Raises ``Refused`` where the home folder already holds a real company.
    """
    installation = Installation.current()
    if installation is None and (Place.objects.exists() or User.objects.exists()):
        raise Refused(_("This home folder is in use. Give the demo a folder of its own with BIHUAN_HOME."))
    if installation is not None and installation.kind != Installation.Kind.SIMULATED:
        raise Refused(
            _("This home folder holds a real company. Give the demo a folder of its own with BIHUAN_HOME.")
        )
    Installation.objects.get_or_create(pk=Installation.ONLY, defaults={"kind": Installation.Kind.SIMULATED})
    if not Place.objects.exists():
        yield _("Places"), lambda report: places.plant_tree(actor=None)
    if not User.objects.exists():
        yield _("People"), lambda report: people.employ(actor=None, password=_make_password())
    if not Occupancy.objects.exists():
        yield _("Households"), lambda report: places.settle_households(actor=None, progress=report)
    if Archive(settings.ARCHIVE_URL).snapshot() < len(archive.TABLES):
        yield (
            _("Three years of records"),
            lambda report: archive.publish(Archive(settings.ARCHIVE_URL), report),
        )
    done = set(
        EvaluationRun.objects.filter(state__in=("done", "issued")).values_list("cycle__code", flat=True)
    )
    missing = [cycle for cycle in cycle_codes() if cycle not in done]
    if missing:
        yield (
            _("Evaluation of %(count)d quarters") % {"count": len(missing)},
            lambda report: _evaluate(missing, report),
        )
    stories = loops.untold()
    if stories:
        yield _("Findings, plans and notices"), lambda report: loops.tell(stories, report)


def _evaluate(cycles: list[str], report: Report) -> None:
    for done, cycle in enumerate(cycles, 1):
        evaluate_cycle(cycle=cycle, actor=None)
        report(done, len(cycles))


def _password_file():
    return settings.BIHUAN_HOME / "keys" / "demo-password.txt"


def _make_password() -> str:
    """A password of this installation alone; kept in the home folder, so that it can be told again."""
    password = f"bihuan-{secrets.token_hex(4)}"
    path = _password_file()
    path.touch(mode=0o600)
    path.write_text(password)
    return password


def how_to_sign_in() -> str:
    """Who can sign in, and with which password."""
    lines = [
        _("Sign in with an employee number and the password %(password)s:")
        % {"password": _password_file().read_text()}
    ]
    for number, name, _department, role, place, _contractor in people.STAFF:
        lines.append(f"  {number}  {name}  {role.label}  {place}")
    return "\n".join(lines)
