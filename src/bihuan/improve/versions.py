"""The content of a plan in one canonical form, its fingerprint, and what changed between two versions.

The content holds only text, whole numbers, true, false, null, lists and objects, so that it reads the same
from every database, and its fingerprint can be computed again by anybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Place
from bihuan.base.ui import formats
from bihuan.improve.choices import Proof
from bihuan.improve.models import Action, ExpectedImpact, ImprovementPlan

Content = dict[str, Any]


def content(plan: ImprovementPlan) -> Content:
    """Everything a leader approves, as it stands now."""
    actions = plan.actions.select_related("assignee", "department").order_by("order", "pk")
    impacts = plan.impacts.select_related("place").prefetch_related("comparison").order_by("order", "pk")
    return {
        "code": plan.code,
        "title": plan.title,
        "findings": sorted(plan.findings.values_list("code", flat=True)),
        "place": plan.place.code,
        "department": plan.department.code if plan.department else "",
        "owner": plan.owner.employee_number,
        "leader": plan.leader.employee_number if plan.leader else "",
        "why": plan.why,
        "resources": plan.resources,
        "cost": plain(plan.cost),
        "trigger_cycle": plan.trigger_cycle,
        "due": plain(plan.due),
        "actions": [_action(action) for action in actions],
        "impacts": [_impact(impact) for impact in impacts],
    }


def _action(action: Action) -> Content:
    return {
        "key": action.pk,
        "order": action.order,
        "title": action.title,
        "assignee": action.assignee.employee_number,
        "department": action.department.code if action.department else "",
        "proof": action.proof,
        "proof_kind": str(action.proof_kind),
        "starts": plain(action.starts),
        "due": plain(action.due),
        "checkpoints": list(action.checkpoints),
        "training": action.training,
    }


def _impact(impact: ExpectedImpact) -> Content:
    return {
        "key": impact.pk,
        "indicator": impact.indicator,
        "place": impact.place.code,
        "direction": impact.direction,
        "promised": plain(impact.promised),
        "measured_from": impact.measured_from,
        "comparison": sorted(place.code for place in impact.comparison.all()),
    }


def plain(value: Any) -> Any:
    """A number or a day as text that does not depend on how it was typed."""
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        text = format(Decimal(str(value)).normalize(), "f")
        return "0" if text == "-0" else text
    return value.isoformat()


def canonical(given: Content) -> str:
    """The one way of writing a content down."""
    return json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(given: Content) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(canonical(given).encode()).hexdigest()


@dataclass(frozen=True)
class Change:
    """One thing that is different: ``+`` new, ``-`` gone, ``~`` changed, and the sentence that says it."""

    sign: str
    text: str

    @property
    def tone(self) -> str:
        """The colour of the sign."""
        return {"+": "met", "-": "miss"}.get(self.sign, "acc")


def diff(old: Content, new: Content) -> list[Change]:
    """What changed from one version to the next, in words."""
    names = _Names([old, new])
    return [
        *_actions_changed(old, new, names),
        *_impacts_changed(old, new, names),
        *_fields_changed(old, new, names),
    ]


class _Names:
    """Names of the people, departments and places that contents mention by code; three queries in all."""

    def __init__(self, contents: list[Content]) -> None:
        people: set[str] = set()
        departments: set[str] = set()
        places: set[str] = set()
        for one in contents:
            people |= {one["owner"], one["leader"], *(a["assignee"] for a in one["actions"])}
            departments |= {one["department"], *(a["department"] for a in one["actions"])}
            places |= {one["place"], *(i["place"] for i in one["impacts"])}
        self.people = {
            user.employee_number: user.get_short_name()
            for user in User.objects.filter(employee_number__in=people)
        }
        self.departments = {one.code: one.name for one in Department.objects.filter(code__in=departments)}
        self.places = {place.code: place.name for place in Place.objects.filter(code__in=places)}

    def say(self, field: str, value: Any) -> str:
        """A value of a field as people read it."""
        if value in ("", None):
            return _("nothing")
        if field in ("owner", "leader", "assignee"):
            return self.people.get(value, str(value))
        if field == "department":
            return self.departments.get(value, str(value))
        if field == "place":
            return self.places.get(value, str(value))
        if field in ("due", "starts"):
            return formats.day(parse_date(value))
        if field == "cost":
            return money(value)
        if field in ("measured_from", "trigger_cycle"):
            return formats.cycle_name(value)
        if field == "proof_kind":
            return str(Proof(value).label)
        return str(value)


def money(value: Any) -> str:
    """A sum in yuan."""
    return _("%(sum)s yuan") % {"sum": formats.number(Decimal(str(value)))}


def _field_words() -> dict[str, str]:
    """Sentences for fields whose old and new value are short enough to be said."""
    return {
        "title": _("Title: “%(old)s” is now “%(new)s”"),
        "place": _("Place: from %(old)s to %(new)s"),
        "department": _("Department: from %(old)s to %(new)s"),
        "owner": _("Owner: from %(old)s to %(new)s"),
        "leader": _("Approved by: from %(old)s to %(new)s"),
        "due": _("Done by: from %(old)s to %(new)s"),
        "trigger_cycle": _("Cycle that led to it: from %(old)s to %(new)s"),
    }


def _fields_changed(old: Content, new: Content, names: _Names) -> Iterator[Change]:
    for field, words in _field_words().items():
        if old[field] != new[field]:
            yield Change(
                "~", words % {"old": names.say(field, old[field]), "new": names.say(field, new[field])}
            )
    if old["cost"] != new["cost"]:
        yield Change("~", _cost(old["cost"], new["cost"]))
    if old["why"] != new["why"]:
        yield Change("~", _("The reason why it happens is written anew"))
    if old["resources"] != new["resources"]:
        yield Change("~", _("People and means are written anew"))
    for code in sorted(set(new["findings"]) - set(old["findings"])):
        yield Change("+", _("Finding %(code)s added") % {"code": code})
    for code in sorted(set(old["findings"]) - set(new["findings"])):
        yield Change("-", _("Finding %(code)s left out") % {"code": code})


def _cost(old: str, new: str) -> str:
    before, after = Decimal(old or "0"), Decimal(new or "0")
    words = _("Budget up by %(sum)s") if after > before else _("Budget down by %(sum)s")
    return words % {"sum": money(abs(after - before))}


def _actions_changed(old: Content, new: Content, names: _Names) -> Iterator[Change]:
    before = {action["key"]: action for action in old["actions"]}
    after = {action["key"]: action for action in new["actions"]}
    for key, action in after.items():
        if key not in before:
            yield Change(
                "+", _("Action %(n)d added: %(title)s") % {"n": action["order"], "title": action["title"]}
            )
    for key, action in before.items():
        if key not in after:
            yield Change("-", _("Action “%(title)s” left out") % {"title": action["title"]})
    for key, action in after.items():
        if key in before:
            yield from _action_changed(before[key], action, names)


def _action_changed(old: Content, new: Content, names: _Names) -> Iterator[Change]:
    words = {
        "title": _("Action %(n)d: “%(old)s” is now “%(new)s”"),
        "assignee": _("Action %(n)d: from %(old)s to %(new)s"),
        "department": _("Action %(n)d: department from %(old)s to %(new)s"),
        "starts": _("Action %(n)d begins on %(new)s instead of %(old)s"),
        "due": _("Action %(n)d ends on %(new)s instead of %(old)s"),
        "proof": _("Action %(n)d: proof “%(new)s” instead of “%(old)s”"),
        "proof_kind": _("Action %(n)d: proof is %(new)s instead of %(old)s"),
    }
    for field, sentence in words.items():
        if old[field] != new[field]:
            yield Change(
                "~",
                sentence
                % {
                    "n": new["order"],
                    "old": names.say(field, old[field]),
                    "new": names.say(field, new[field]),
                },
            )
    if old["checkpoints"] != new["checkpoints"]:
        n = len(new["checkpoints"])
        text = ngettext("Action %(n)d: %(k)d check point", "Action %(n)d: %(k)d check points", n)
        yield Change("~", text % {"n": new["order"], "k": n})
    if old["training"] != new["training"]:
        now = (
            _("Action %(n)d is a training now")
            if new["training"]
            else _("Action %(n)d is no training any more")
        )
        yield Change("~", now % {"n": new["order"]})


def _impacts_changed(old: Content, new: Content, names: _Names) -> Iterator[Change]:
    before = {impact["key"]: impact for impact in old["impacts"]}
    after = {impact["key"]: impact for impact in new["impacts"]}
    for key, impact in after.items():
        if key not in before:
            where = {"indicator": impact["indicator"], "place": names.say("place", impact["place"])}
            yield Change("+", _("%(indicator)s at %(place)s is judged too") % where)
    for key, impact in before.items():
        if key not in after:
            where = {"indicator": impact["indicator"], "place": names.say("place", impact["place"])}
            yield Change("-", _("%(indicator)s at %(place)s is judged no longer") % where)
    for key, impact in after.items():
        if key in before:
            yield from _impact_changed(before[key], impact, names)


def _impact_changed(old: Content, new: Content, names: _Names) -> Iterator[Change]:
    words = {
        "indicator": _("Judged by %(new)s instead of %(old)s"),
        "place": _("%(indicator)s is judged at %(new)s instead of %(old)s"),
        "promised": _("%(indicator)s: promised improvement %(new)s instead of %(old)s"),
        "measured_from": _("%(indicator)s is measured from %(new)s instead of %(old)s"),
    }
    for field, sentence in words.items():
        if old[field] != new[field]:
            yield Change(
                "~",
                sentence
                % {
                    "indicator": new["indicator"],
                    "old": names.say(field, old[field]),
                    "new": names.say(field, new[field]),
                },
            )
    if old["comparison"] != new["comparison"]:
        yield Change(
            "~",
            _("%(indicator)s: compared with %(new)d places instead of %(old)d")
            % {
                "indicator": new["indicator"],
                "old": len(old["comparison"]),
                "new": len(new["comparison"]),
            },
        )
