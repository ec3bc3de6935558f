"""Regular checks of a plan under way."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.trail.act import Refused, act
from bihuan.base.trail.act import note as write_down
from bihuan.improve import moves, rules, told
from bihuan.improve.choices import CheckVerdict
from bihuan.improve.models import Action, ImprovementPlan, ProgressCheck


@act
def check_progress(
    plan: ImprovementPlan,
    *,
    actor: Any,
    verdict: str,
    note: str,
    action: Action | None = None,
    next_check: date | None = None,
) -> ProgressCheck:
    """Write down how a plan under way stands, and when it is looked at again."""
    row = ImprovementPlan.objects.select_for_update().get(pk=plan.pk)
    moves.refuse_unless_seen(row, actor=actor)
    if not rules.may_check(actor, row):
        raise Refused(
            _("Only the owner, the quality manager, an inspector or the leader of the place checks a plan."),
            code="not_yours",
            subject=row,
        )
    if not rules.under_way(row):
        raise Refused(
            _("A plan is checked while it is under way; it is “%(state)s”.")
            % {"state": row.get_state_display()},
            code="wrong_state",
            subject=row,
        )
    if verdict not in CheckVerdict.values:
        raise Refused(_("Say whether it is on track, behind or blocked."), code="no_verdict", subject=row)
    if not note.strip():
        raise Refused(_("Write what you saw."), code="no_note", subject=row)
    check = ProgressCheck.objects.create(
        plan=row,
        action=action,
        verdict=verdict,
        note=note.strip(),
        next_check=next_check,
        by=actor,
        at=timezone.now(),
    )
    told.plan_checked(row, check, actor=actor)
    write_down(actor, "plan.checked", row, place=row.place, verdict=verdict)
    return check
