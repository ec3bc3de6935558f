"""What the page of a plan says: its verdict, its Gantt chart, how it will be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.assess import units
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict
from bihuan.improve import words
from bihuan.improve.effects import Design, design
from bihuan.improve.models import Action, EffectEvaluation, ImprovementPlan, PlanVersion
from bihuan.improve.states import LOOKS, ActionState, PlanState
from bihuan.improve.versions import money
from bihuan.standards.models import IndicatorVersion

WIDTH = 300  # of the Gantt chart, in pixels
AIR = 8


@dataclass(frozen=True)
class Bar:
    """One action in the Gantt chart; every number is an attribute of its SVG."""

    action: Action
    x: float
    width: float
    done: float
    points: Sequence[str]
    late: int


@dataclass(frozen=True)
class Month:
    """A month's beginning in the head of the chart."""

    x: float
    label: str


@dataclass(frozen=True)
class Gantt:
    """The actions of a plan over time."""

    bars: Sequence[Bar]
    months: Sequence[Month]
    today: float | None
    width: int = WIDTH
    lines: Sequence[float] = field(default_factory=tuple)


def gantt(actions: Sequence[Action], today: date | None = None) -> Gantt:
    """Lay the actions out from the first day to the last, a little air at both ends."""
    now = today or timezone.localdate()
    if not actions:
        return Gantt((), (), None)
    first = min(action.starts for action in actions)
    last = max(max(action.due, *_points(action)) for action in actions)
    if first - timedelta(days=45) < now < first:
        first = now  # a plan that is about to begin shows how far off that is
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(AIR + (WIDTH - 2 * AIR) * (day - first).days / days, 1)

    months = _months(first, last)
    marks = [Month(x(day), formats.cycle_short(f"{day:%Y-%m}")) for day in months]
    return Gantt(
        bars=[_bar(action, x, now) for action in actions],
        months=[mark for mark in marks if mark.x < WIDTH - 24],
        today=x(now) if first <= now <= last else None,
        lines=[mark.x for mark in marks],
    )


def _points(action: Action) -> list[date]:
    days = [day for text in action.checkpoints if (day := parse_date(text)) is not None]
    return sorted(days) or [action.due]


def _months(first: date, last: date) -> list[date]:
    days = []
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        days.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    step = -(-len(days) // 6) or 1
    return days[::step]


def _bar(action: Action, x: Any, now: date) -> Bar:
    start, width = x(action.starts), max(x(action.due) - x(action.starts), 6.0)
    percent = 100 if action.state in (ActionState.DONE, ActionState.VERIFIED) else action.percent
    points = []
    for day in _points(action):
        at = x(day)
        points.append(f"{at},8 {at + 6},14 {at},20 {at - 6},14")
    return Bar(
        action, start, round(width, 1), round(width * percent / 100, 1), points, days_late(action, now)
    )


def days_late(action: Action, today: date | None = None) -> int:
    """For how many days an open action is late; 0 when it is not."""
    now = today or timezone.localdate()
    if action.state not in (ActionState.TODO, ActionState.IN_PROGRESS):
        return 0
    if action.plan.state != PlanState.EXECUTING:
        return 0
    return max((now - action.due).days, 0)


def plan_late(plan: ImprovementPlan, today: date | None = None) -> int:
    """For how many days the plan as a whole is late."""
    now = today or timezone.localdate()
    if plan.state == PlanState.EXECUTING and plan.due is not None:
        return max((now - plan.due).days, 0)
    if plan.state == PlanState.SUBMITTED and plan.decide_by is not None:
        return max((now - timezone.localtime(plan.decide_by).date()).days, 0)
    return 0


def verdict(
    plan: ImprovementPlan,
    version: PlanVersion | None,
    actions: Sequence[Action],
    effect: EffectEvaluation | None,
    *,
    mine: bool,
    reason: str,
    detail: str,
    buttons: tuple[Any, ...] = (),
) -> Verdict:
    """The first sentence of the page: where the plan stands, and whose turn it is."""
    look = LOOKS[plan.state]
    tone, glyph = look.tone, look.glyph
    sentence, more = _sentence(plan, actions, effect, mine=mine)
    if plan_late(plan) or (plan.state == PlanState.EXECUTING and any(map(days_late, actions))):
        tone, glyph = "miss", "late"
    elif plan.state == PlanState.SUBMITTED and mine:
        tone, glyph = "acc", "wait"
    if reason:
        more = _("The reason: %(reason)s") % {"reason": reason}
    return Verdict(sentence, tone, glyph, more or detail, buttons)


def _sentence(
    plan: ImprovementPlan, actions: Sequence[Action], effect: EffectEvaluation | None, *, mine: bool
) -> tuple[str, str]:
    title = {"title": plan.title}
    if plan.state == PlanState.SUBMITTED:
        until = {**title, "until": formats.moment(plan.decide_by)}
        late = plan_late(plan)
        if late and mine:
            text = ngettext(
                "%(title)s: [[your approval is %(days)d day late]].",
                "%(title)s: [[your approval is %(days)d days late]].",
                late,
            )
            return text % {**title, "days": late}, ""
        if mine:
            return _("%(title)s: [[waits for your approval]], until %(until)s.") % until, ""
        return _("%(title)s: [[waits for the leader]], until %(until)s.") % until, ""
    if plan.state == PlanState.EXECUTING:
        return _executing(plan, actions), ""
    if plan.state in (PlanState.EVALUATING, PlanState.INEFFECTIVE, PlanState.CLOSED) and effect is not None:
        return words.effect_headline(effect.verdict) % title, ""
    said = {
        PlanState.DRAFT: _("%(title)s [[is a draft]]: finish it and submit it."),
        PlanState.RETURNED: _("%(title)s [[was returned]]: change it and submit it again."),
        PlanState.APPROVED: _("%(title)s [[is approved]]: it can start."),
    }
    known = said.get(PlanState(plan.state))
    if known:
        return known % title, ""
    return _("%(title)s: [[%(state)s]].") % {**title, "state": plan.get_state_display()}, ""


def _executing(plan: ImprovementPlan, actions: Sequence[Action]) -> str:
    n = len(actions)
    late = sum(days_late(action) > 0 for action in actions)
    verified = sum(action.state == ActionState.VERIFIED for action in actions)
    given = {"title": plan.title, "n": n, "verified": verified, "late": late}
    if late:
        return _("%(title)s: [[%(late)d of %(n)d actions late]], %(verified)d verified.") % given
    if verified == n:
        return _("%(title)s: [[all %(n)d actions verified]]; the effect is next.") % given
    return _("%(title)s: [[%(verified)d of %(n)d actions verified]], none late.") % given


def summary(plan: ImprovementPlan, actions: Sequence[Action], names: dict[str, IndicatorVersion]) -> str:
    """What the plan wants, with whom, for how much, by when: one sentence."""
    impact = plan.impacts.select_related("place").first()
    n = ngettext("%(n)d action", "%(n)d actions", len(actions)) % {"n": len(actions)}
    given = {
        "actions": n,
        "owner": plan.owner.get_short_name(),
        "cost": money(plan.cost) if plan.cost is not None else _("none"),
        "due": formats.day(plan.due),
    }
    if impact is None:
        return _("%(actions)s, owner %(owner)s, budget %(cost)s, done by %(due)s.") % given
    version = names.get(impact.indicator)
    return _(
        "%(name)s at %(place)s is to get better by %(size)s. %(actions)s, owner %(owner)s, budget %(cost)s, "
        "done by %(due)s, judged from %(cycle)s on."
    ) % {
        **given,
        "name": version.name if version else impact.indicator,
        "place": impact.place.name,
        "size": units.difference(impact.promised, words.unit_of(version)),
        "cycle": formats.cycle_name(impact.measured_from),
    }


@dataclass(frozen=True)
class Judging:
    """How one impact will be judged, in words."""

    name: str
    code: str
    lines: Sequence[tuple[str, str]]
    warning: str = ""


def judging(plan: ImprovementPlan, names: dict[str, IndicatorVersion]) -> list[Judging]:
    """How each impact of the plan will be judged, as the results stand now."""
    impacts = plan.impacts.select_related("place").prefetch_related("comparison")
    return [_judging(design(impact, plan.trigger_cycle), names.get(impact.indicator)) for impact in impacts]


def _judging(found: Design, version: IndicatorVersion | None) -> Judging:
    impact, unit = found.impact, words.unit_of(version)
    before = found.series.before
    places = [place.name for place in impact.comparison.all()]
    lines = [
        (_("At"), impact.place.name),
        (_("Baseline"), _baseline(found, unit)),
        (
            _("Promised"),
            _("better by %(size)s, from %(cycle)s on")
            % {
                "size": units.difference(impact.promised, unit),
                "cycle": formats.cycle_name(impact.measured_from),
            },
        ),
        (_("Compared with"), words.listed(places) if places else _("no other place")),
        (_("How"), _("change less the change of the others") if places else _("after less before")),
        (_("Would be seen"), _detectable(found, unit)),
    ]
    warning = ""
    if not found.enough_placebos:
        warning = _(
            "%(n)d placebo comparisons are too few; 19 are needed. Compare with more places, or with none."
        ) % {"n": found.placebos}
    elif not before:
        warning = _("There is no cycle to compare with yet, so the verdict would be “not enough data”.")
    return Judging(version.name if version else impact.indicator, impact.indicator, lines, warning)


def _baseline(found: Design, unit: str) -> str:
    if not found.series.before:
        return _("no evaluated cycle before the one that led to the plan")
    cycles = [formats.cycle_short(one.cycle) for one in found.series.before]
    value = units.value(found.before.value, unit)
    n = formats.number(found.before.n, 0)
    if len(cycles) == 1:
        return _("%(cycle)s: %(value)s, %(n)s records") % {"cycle": cycles[0], "value": value, "n": n}
    return _("%(first)s to %(last)s: %(value)s, %(n)s records") % {
        "first": cycles[0],
        "last": cycles[-1],
        "value": value,
        "n": n,
    }


def _detectable(found: Design, unit: str) -> str:
    if found.series.beside:
        return _("judged against chance among the other places")
    if formats.missing(found.detectable):
        return "—"
    return _("changes of %(size)s and more (in 8 of 10 cases)") % {
        "size": units.difference(found.detectable, unit)
    }
