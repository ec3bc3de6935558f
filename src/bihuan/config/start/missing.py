"""What a company still lacks before its first quarter can be evaluated, read from what is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.archive.store import Archive
from bihuan.assess.models import EvaluationRun
from bihuan.assess.states import RunState
from bihuan.base.people import queries as people
from bihuan.base.people.models import Department, User
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Household, Place
from bihuan.standards.models import MonitoringCycle


@dataclass(frozen=True)
class Item:
    """One thing a company needs: whether it is there, what is missing in words, and where to mend it."""

    name: str
    title: str
    missing: str
    url: str
    verb: str

    @property
    def there(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def items() -> list[Item]:
    """Everything, in the order in which it is done."""
    return [ask() for ask in ASKED]


def count() -> int:
    """How many things are missing."""
    return sum(not item.there for item in items())


def _tree() -> Item:
    there = Place.objects.filter(kind=Kind.PROJECT).exists()
    missing = "" if there else _("There is no project yet: nothing can be measured anywhere.")
    return Item("tree", _("Places"), missing, reverse("start_file", args=["tree"]), _("Send the places"))


def _departments() -> Item:
    if not Department.objects.filter(is_active=True).exists():
        return Item(
            "departments",
            _("Departments"),
            _("There is no department yet: nobody answers for findings and plans."),
            reverse("start_file", args=["departments"]),
            _("Send the departments"),
        )
    headless = people.headless().count()
    missing = ngettext(
        "%(n)d department has no head: its tasks reach nobody.",
        "%(n)d departments have no head: their tasks reach nobody.",
        headless,
    ) % {"n": headless}
    url = reverse("departments")
    return Item("departments", _("Departments"), missing if headless else "", url, _("Name the heads"))


def _people() -> Item:
    url, verb = reverse("start_file", args=["people"]), _("Send the people")
    if User.objects.filter(is_active=True).count() < 2:
        return Item("people", _("People"), _("Nobody but the administrator is there yet."), url, verb)
    nobody = people.roles_of_nobody()
    missing = (
        _("Nobody holds these roles yet: %(roles)s.")
        % {"roles": _(", ").join(str(role.label) for role in nobody)}
        if nobody
        else ""
    )
    return Item("people", _("People"), missing, reverse("roles") if nobody else url, _("Give the roles"))


def _passwords() -> Item:
    waiting = people.without_password(User.objects.all()).count()
    missing = ngettext(
        "%(n)d person has no way to sign in.", "%(n)d people have no way to sign in.", waiting
    ) % {"n": waiting}
    url = reverse("people_paper")
    return Item("passwords", _("Passwords"), missing if waiting else "", url, _("Print the slips"))


def bare_projects() -> Any:
    """Projects in use without a single household, listed or by contract."""
    here = Household.objects.filter(unit__parent=OuterRef("pk"))
    in_buildings = Household.objects.filter(unit__parent__parent=OuterRef("pk"))
    return Place.objects.active().filter(
        ~Exists(here), ~Exists(in_buildings), kind=Kind.PROJECT, own_households=None
    )


def _households() -> Item:
    bare = bare_projects().count()
    if not Place.objects.filter(kind=Kind.PROJECT).exists():
        missing = _("Households come after the places.")
    elif bare:
        missing = ngettext(
            "%(n)d project has no households: it weighs nothing and nobody can be asked there.",
            "%(n)d projects have no households: they weigh nothing and nobody can be asked there.",
            bare,
        ) % {"n": bare}
    else:
        missing = ""
    url = reverse("start_file", args=["households"])
    return Item("households", _("Households"), missing, url, _("Send the households"))


def _cycle() -> Item:
    missing = "" if MonitoringCycle.objects.exists() else _("No cycle is open: records belong to none yet.")
    return Item("cycle", _("First cycle"), missing, reverse("start_cycle"), _("Open a cycle"))


def _records() -> Item:
    there = Archive(settings.ARCHIVE_URL).snapshot() > 0
    missing = "" if there else _("No work orders, inspections or answers have come in yet.")
    return Item("records", _("Records"), missing, reverse("imports"), _("Bring records in"))


def _evaluated() -> Item:
    done = EvaluationRun.objects.filter(state__in=(RunState.DONE, RunState.ISSUED)).exists()
    missing = "" if done else _("No cycle has been evaluated yet.")
    return Item("evaluated", _("First evaluation"), missing, reverse("cycles"), _("Evaluate"))


ASKED: tuple[Callable[[], Item], ...] = (
    _tree, _departments, _people, _households, _passwords, _cycle, _records, _evaluated,
)  # fmt: skip
