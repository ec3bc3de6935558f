"""Acts on signals and findings: see, dismiss, open, assign, analyse, cancel, close, and what plans do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.assess.findings import proof, rules, words
from bihuan.assess.findings.models import Finding, FindingCounter, Signal
from bihuan.assess.findings.rules import FINDINGS, SIGNALS
from bihuan.assess.findings.states import UNDECIDED, UNFINISHED, FindingState
from bihuan.base.chain.actions import decide_proposal, link
from bihuan.base.chain.models import Proposal
from bihuan.base.chain.moves import begin, finish, refuse_unless_seen
from bihuan.base.chain.states import ProposalState, Relation
from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused, act, note

DAYS_TO_FIND_THE_CAUSE = 10
MOST_WHYS = 5
LONGEST_WHY = 300


@act
def see_signal(signal: Signal, *, actor: Any) -> Signal:
    """Somebody has read it; the other signal on the same matter is read with it."""
    return _move_matter(signal, "see", actor=actor)


@act
def dismiss_signal(signal: Signal, *, actor: Any, reason: str) -> Signal:
    """It needs no finding, and the reason says why; both signals on the same matter go."""
    return _move_matter(signal, "dismiss", actor=actor, reason=reason)


def matter(signal: Signal) -> list[Signal]:
    """The undecided signals on one indicator at one place in one cycle, this one first, rows locked."""
    others = (
        Signal.objects.select_for_update()
        .filter(indicator=signal.indicator, place=signal.place_id, cycle=signal.cycle, state__in=UNDECIDED)
        .exclude(pk=signal.pk)
        .order_by("pk")
    )
    return [signal, *others]


def _move_matter(signal: Signal, move: str, *, actor: Any, reason: str = "") -> Signal:
    first = begin(SIGNALS, signal, move, actor=actor, reason=reason)
    for one in matter(first):
        if one.state in SIGNALS.moves[move].sources:
            _decide(one, move, actor=actor, reason=reason)
    return first


def _decide(signal: Signal, move: str, *, actor: Any, reason: str = "") -> None:
    signal.decided_by, signal.reason = actor, reason.strip()[:400]
    said = {"reason": signal.reason} if signal.reason else {}
    finish(SIGNALS, signal, move, actor=actor, fields=("decided_by", "reason", "finding"), **said)


@act
def open_finding(
    *,
    actor: Any,
    signals: Iterable[Signal] = (),
    proposal: Proposal | None = None,
    title_zh: str = "",
    title_en: str = "",
    department: Department | None = None,
    owner: User | None = None,
    due: date | None = None,
) -> Finding:
    """Make signals of one place, or a proposal, a finding; its title is their sentence unless given."""
    given = sorted(signals, key=lambda one: one.pk)
    if bool(given) == (proposal is not None):
        raise Refused(_("A finding comes from signals or from one proposal; choose one."), "no_source")
    if proposal is not None:
        return _from_proposal(proposal, actor, title_zh, title_en, department, owner, due)
    locked = [begin(SIGNALS, one, "open", actor=actor) for one in given]
    if len({one.place_id for one in locked}) > 1:
        raise Refused(_("These signals lie at different places; make a finding at each."), "many_places")
    first = max(locked, key=lambda one: (one.rank, -one.pk))
    finding = _create(
        actor,
        first.place,
        title_zh.strip() or words.title(first, "zh-hans"),
        title_en.strip() or ("" if title_zh.strip() else words.title(first, "en")),
        department,
        owner,
        due,
        indicator=first.indicator,
        version=first.version,
        cycle=first.cycle,
    )
    taken = {one.pk: one for signal in locked for one in matter(signal)}
    for one in taken.values():
        one.finding = finding
        _decide(one, "open", actor=actor)
        link(("signal", one.pk), Relation.BECAME, ("finding", finding.code), actor=actor)
    return finding


def _from_proposal(
    proposal: Proposal,
    actor: Any,
    title_zh: str,
    title_en: str,
    department: Department | None,
    owner: User | None,
    due: date | None,
) -> Finding:
    place = Place.objects.filter(code=proposal.place_code).first()
    if place is None or (actor is not None and not rules.reads_place(actor, place)):
        raise Refused(_("There is nothing here that you may see."), "not_visible", subject=proposal)
    if not rules.opens_findings_at(actor, place):
        raise Refused(
            _("Only the place's quality manager opens findings there."), "not_yours", subject=proposal
        )
    decide_proposal(proposal, actor=actor, state=ProposalState.ACCEPTED)
    detail = proposal.detail
    finding = _create(
        actor,
        place,
        title_zh.strip() or proposal.title_zh,
        title_en.strip() or ("" if title_zh.strip() else proposal.title_en),
        department,
        owner,
        due,
        indicator=str(detail.get("indicator", ""))[:40],
        cycle=str(detail.get("cycle", ""))[:8],
    )
    source = (proposal.source_kind, proposal.source_id)
    link(source, Relation.BECAME, ("finding", finding.code), actor=actor)
    return finding


def _create(
    actor: Any,
    place: Place,
    title_zh: str,
    title_en: str,
    department: Department | None,
    owner: User | None,
    due: date | None,
    **measured: Any,
) -> Finding:
    if len(title_zh) > 200 or len(title_en) > 300:
        raise Refused(_("The title is too long; say it in one sentence."), "long_title")
    _check_owner(owner, place)
    now = timezone.now()
    today = timezone.localdate(now)
    if due is not None and due < today:
        raise Refused(_("The date lies in the past; choose today or later."), "past_date")
    finding = Finding.objects.create(
        code=_next_code(today.year),
        title_zh=title_zh,
        title_en=title_en,
        place=place,
        department=department or (owner.department if owner else None),
        owner=owner,
        due=due or today + timedelta(days=DAYS_TO_FIND_THE_CAUSE),
        state_since=now,
        opened_by=actor,
        opened_at=now,
        **measured,
    )
    note(actor, "finding.opened", finding, place=place, title=title_zh, due=finding.due)
    return finding


def _next_code(year: int) -> str:
    """The next number of the year; the counter stays locked until the finding is written or given up."""
    FindingCounter.objects.get_or_create(year=year)
    counter = FindingCounter.objects.select_for_update().get(year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"F-{year}-{counter.last:04d}"


def _check_owner(owner: User | None, place: Place) -> None:
    if owner is not None and not rules.may_answer_for(owner, place):
        raise Refused(
            _("This person has no role at %(place)s and would not see the finding; choose somebody who has.")
            % {"place": place.name},
            "wrong_owner",
        )


@act
def assign_finding(
    finding: Finding,
    *,
    actor: Any,
    owner: User | None = None,
    department: Department | None = None,
    due: date | None = None,
    title_zh: str | None = None,
    title_en: str | None = None,
) -> Finding:
    """Say who answers for it and until when, and put its title right. What is left out stays as it is."""
    finding = Finding.objects.select_for_update().get(pk=finding.pk)
    refuse_unless_seen(FINDINGS, finding, actor=actor)
    if not rules.opens_findings_at(actor, finding.place):
        raise Refused(
            _("Only the place's quality manager says who answers for a finding."),
            "not_yours",
            subject=finding,
        )
    if finding.state not in UNFINISHED:
        raise Refused(
            _("This finding is settled; nothing about it changes any more."), "wrong_state", subject=finding
        )
    _check_owner(owner, finding.place)
    if due is not None and due != finding.due and due < timezone.localdate():
        raise Refused(_("The date lies in the past; choose today or later."), "past_date", subject=finding)
    if title_zh is not None and not title_zh.strip():
        raise Refused(
            _("The Chinese title is empty; say in one sentence what is wrong."), "no_title", subject=finding
        )
    wanted = {"owner": owner, "department": department, "due": due}
    changed: dict[str, Any] = {
        name: value for name, value in wanted.items() if value not in (None, getattr(finding, name))
    }
    for name, text in (("title_zh", title_zh), ("title_en", title_en)):
        if text is not None and text.strip() != getattr(finding, name):
            changed[name] = text.strip()[: 200 if name == "title_zh" else 300]
    for name, value in changed.items():
        setattr(finding, name, value)
    if changed:
        finding.save(update_fields=list(changed))
        said = {"owner": owner.trail_label if owner else "", "due": finding.due, "fields": sorted(changed)}
        note(actor, "finding.assigned", finding, place=finding.place, **said)
    return finding


@act
def analyse_finding(finding: Finding, *, actor: Any, cause: Sequence[str]) -> Finding:
    """Write down why it happens: up to five whys, each answering the one before."""
    finding = begin(FINDINGS, finding, "analyse", actor=actor)
    whys = [" ".join(str(why).split()) for why in cause if str(why).strip()]
    if not whys:
        raise Refused(_("Write at least one line: why does it happen?"), "no_cause", subject=finding)
    if len(whys) > MOST_WHYS or any(len(why) > LONGEST_WHY for why in whys):
        raise Refused(
            _("Write at most %(n)d whys of at most %(length)d characters; keep what leads to the root.")
            % {"n": MOST_WHYS, "length": LONGEST_WHY},
            "long_cause",
            subject=finding,
        )
    finding.cause = whys
    return finish(FINDINGS, finding, "analyse", actor=actor, fields=("cause",), cause=whys)


@act
def cancel_finding(finding: Finding, *, actor: Any, reason: str) -> Finding:
    """Give it up before a plan was drawn up; the reason stays on record."""
    finding = begin(FINDINGS, finding, "cancel", actor=actor, reason=reason)
    finding.reason = reason.strip()[:400]
    return finish(FINDINGS, finding, "cancel", actor=actor, fields=("reason",), reason=finding.reason)


@act
def mark_planned(finding: Finding, *, actor: Any, plan: tuple[str, Any] | None = None) -> Finding:
    """An improvement plan answers it; ``plan`` is the plan's kind and id, which is linked."""
    finding = _begin_for_plan(finding, "plan", actor=actor)
    if plan is not None:
        link(("finding", finding.code), Relation.PLANNED_IN, plan, actor=actor)
    if finding.state == FindingState.PLANNED:
        return finding
    return finish(FINDINGS, finding, "plan", actor=actor)


@act
def mark_verified(finding: Finding, *, actor: Any, effect: tuple[str, Any]) -> Finding:
    """The evaluation of an effect proved that the plan worked; refused unless that effect says so."""
    finding = _begin_for_plan(finding, "verify", actor=actor)
    kind, number = effect[0], str(effect[1])
    if not proof.proves(kind, number):
        raise Refused(
            _("This evaluation does not prove an effect; only an effective or partly effective plan does."),
            "no_proof",
            subject=finding,
        )
    link(("finding", finding.code), Relation.PROVED_BY, (kind, number), actor=actor)
    if finding.state == FindingState.VERIFIED:
        return finding
    return finish(FINDINGS, finding, "verify", actor=actor, effect=f"{kind} {number}")


@act
def reopen_finding(finding: Finding, *, actor: Any, reason: str) -> Finding:
    """The plan did not work: back to its cause, which is looked at again before the next plan."""
    finding = _begin_for_plan(finding, "reopen", actor=actor, reason=reason)
    finding.reason = reason.strip()[:400]
    return finish(FINDINGS, finding, "reopen", actor=actor, fields=("reason",), reason=finding.reason)


@act
def close_finding(finding: Finding, *, actor: Any) -> Finding:
    """Settle it; refused without an effect evaluation that proves that it is gone."""
    finding = begin(FINDINGS, finding, "close", actor=actor)
    if not proof.is_proved(finding.code):
        raise Refused(
            _("No finding closes without proof: evaluate the effect of its plan first."),
            "no_proof",
            subject=finding,
        )
    return finish(FINDINGS, finding, "close", actor=actor)


def _begin_for_plan(finding: Finding, move: str, *, actor: Any, reason: str = "") -> Finding:
    """As ``begin``, for acts that a plan brings about: whoever may act on the plan need not see the place."""
    return begin(rules.OF_PLANS, finding, move, actor=actor, reason=reason)
