"""Findings pass on when somebody hands over: whoever takes them must have a role at their place."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.assess.findings import rules
from bihuan.assess.findings.models import Finding
from bihuan.assess.findings.states import UNFINISHED
from bihuan.base.people import handover
from bihuan.base.trail.act import Refused, note


def register() -> None:
    """Tell the page of handing over; called once the apps are loaded."""
    label = gettext_lazy("Findings")
    handover.register("findings", label, count=_owned, move=_pass_owned)
    handover.register_departments("findings", label, count=_of_department, move=_pass_department)


def _unfinished(**of: Any) -> Any:
    return Finding.objects.filter(state__in=UNFINISHED, **of)


def _owned(giver: Any) -> int:
    return _unfinished(owner=giver).count()


def _of_department(giver: Any) -> int:
    return _unfinished(department=giver).count()


def _pass_owned(giver: Any, taker: Any, actor: Any) -> int:
    found = list(_unfinished(owner=giver).select_related("place").select_for_update(of=("self",)))
    for finding in found:
        if not rules.may_answer_for(taker, finding.place):
            raise Refused(
                _("%(number)s has no role at %(place)s and would not see %(code)s. Pass the roles on too.")
                % {"number": taker.employee_number, "place": finding.place.name, "code": finding.code},
                "wrong_owner",
                subject=finding,
            )
        finding.owner = taker
        finding.save(update_fields=["owner"])
        note(actor, "finding.assigned", finding, place=finding.place, owner=taker.employee_number)
    return len(found)


def _pass_department(giver: Any, taker: Any, actor: Any) -> int:
    found = list(_unfinished(department=giver).select_related("place").select_for_update(of=("self",)))
    for finding in found:
        finding.department = taker
        finding.save(update_fields=["department"])
        note(actor, "finding.assigned", finding, place=finding.place, department=taker.code)
    return len(found)
