"""Signals and findings for programs: the same reads and acts as the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from bihuan.assess.findings import actions, queries, rules, words
from bihuan.assess.findings.models import Finding, Signal
from bihuan.base.chain.models import Proposal
from bihuan.base.people.access import get_or_404
from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import MAX_PAGE_SIZE

router = Router(tags=["findings"])


class Refusal(Schema):
    """Why something was refused; ``code`` names the rule."""

    detail: str
    code: str


class SignalOut(Schema):
    """One signal with the numbers behind it."""

    id: int
    kind: str
    state: str
    sentence: str
    detail: str
    indicator: str
    version: str
    place: str
    cycle: str
    run: str
    value: float
    low: float | None
    high: float | None
    target: float | None
    floor: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    test: dict[str, Any]
    weight: float
    far: float
    finding: str | None
    reason: str


class SignalPage(Schema):
    """One page of signals, the gravest first."""

    total: int
    rows: list[SignalOut]


class FindingOut(Schema):
    """One finding."""

    code: str
    state: str
    title_zh: str
    title_en: str
    place: str
    indicator: str
    cycle: str
    department: str | None
    owner: str | None
    due: date | None
    overdue: bool
    cause: list[str]
    reason: str
    opened_at: datetime
    acts: list[str]


class FindingPage(Schema):
    """One page of findings."""

    total: int
    rows: list[FindingOut]


class ReasonIn(Schema):
    """Why."""

    reason: str = ""


class CauseIn(Schema):
    """Up to five whys."""

    cause: list[str]


class OpenIn(Schema):
    """What a finding is made from: signals by number, or one proposal; the rest may be left out."""

    signals: list[int] = []
    proposal: int | None = None
    title_zh: str = ""
    title_en: str = ""
    department: str = ""
    owner: str = ""
    due: date | None = None


class AssignIn(Schema):
    """Who answers for it; what is left out stays."""

    title_zh: str | None = None
    title_en: str | None = None
    department: str = ""
    owner: str = ""
    due: date | None = None


def _reader(request: HttpRequest) -> Any:
    user: Any = request.user
    if not rules.may_read_some(user):
        raise Http404
    return user


def _window(page: int, size: int) -> slice:
    size = min(max(size, 1), MAX_PAGE_SIZE)
    start = (min(max(page, 1), 100_000) - 1) * size
    return slice(start, start + size)


def _place(user: Any, code: str) -> Place | None:
    return get_or_404(Place.objects.visible_to(user), code=code) if code else None


def _signal_out(signal: Signal) -> dict[str, Any]:
    numbers = (
        "value",
        "low",
        "high",
        "target",
        "floor",
        "change",
        "change_low",
        "change_high",
        "test",
        "weight",
        "far",
    )
    return {
        "id": signal.pk,
        "kind": signal.kind,
        "state": signal.state,
        "sentence": words.sentence(signal),
        "detail": words.detail(signal),
        "indicator": signal.indicator,
        "version": str(signal.version.number),
        "place": signal.place.code,
        "cycle": signal.cycle,
        "run": signal.run.run_id,
        "finding": signal.finding.code if signal.finding else None,
        "reason": signal.reason,
        **{name: getattr(signal, name) for name in numbers},
    }


def _finding_out(user: Any, finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "state": finding.state,
        "title_zh": finding.title_zh,
        "title_en": finding.title_en,
        "place": finding.place.code,
        "indicator": finding.indicator,
        "cycle": finding.cycle,
        "department": finding.department.code if finding.department else None,
        "owner": finding.owner.employee_number if finding.owner else None,
        "due": finding.due,
        "overdue": finding.overdue,
        "cause": finding.cause,
        "reason": finding.reason,
        "opened_at": finding.opened_at,
        "acts": [act for act, move in queries.acts_for(user, finding).items() if move.offered],
    }


def _do(act: Callable[[], Any], answer: Callable[[Any], dict[str, Any]]) -> Any:
    """Carry out an act: what is not there for the person is 404, what a rule refuses 409 and its sentence."""
    try:
        done = act()
    except Refused as refusal:
        if refusal.code == "not_visible":
            raise Http404 from refusal
        return Status(409, {"detail": str(refusal), "code": refusal.code})
    return Status(200, answer(done))


@router.get("/signals", response=SignalPage, url_name="signals")
def signals(
    request: HttpRequest, cycle: str = "", place: str = "", state: str = "", page: int = 1, size: int = 50
) -> Any:
    """Signals at the places one answers for, the gravest first."""
    user = _reader(request)
    rows = queries.signals(user, place=_place(user, place), cycle=cycle)
    if state:
        rows = rows.filter(state=state)
    return {"total": rows.count(), "rows": [_signal_out(one) for one in rows[_window(page, size)]]}


def _signal(request: HttpRequest, number: int) -> Signal:
    return get_or_404(queries.signals(_reader(request)), pk=number)


@router.get("/signals/{int:number}", response=SignalOut, url_name="signal")
def signal(request: HttpRequest, number: int) -> Any:
    """One signal."""
    return _signal_out(_signal(request, number))


@router.post("/signals/{int:number}/see", response={200: SignalOut, 409: Refusal}, url_name="see_signal")
def see_signal(request: HttpRequest, number: int) -> Any:
    """Mark a signal as seen."""
    found = _signal(request, number)
    return _do(lambda: actions.see_signal(found, actor=request.user), _signal_out)


@router.post(
    "/signals/{int:number}/dismiss", response={200: SignalOut, 409: Refusal}, url_name="dismiss_signal"
)
def dismiss_signal(request: HttpRequest, number: int, given: ReasonIn) -> Any:
    """Dismiss a signal with a reason."""
    found = _signal(request, number)
    return _do(lambda: actions.dismiss_signal(found, actor=request.user, reason=given.reason), _signal_out)


@router.get("/findings", response=FindingPage, url_name="findings")
def findings(
    request: HttpRequest,
    place: str = "",
    state: str = "",
    department: str = "",
    overdue: bool = False,
    page: int = 1,
    size: int = 50,
) -> Any:
    """Findings one may see, the newest first."""
    user = _reader(request)
    rows: Any = queries.findings(user, place=_place(user, place))
    if state:
        rows = rows.filter(state=state)
    if department:
        rows = rows.filter(department__code=department)
    if overdue:
        rows = rows.overdue()
    return {"total": rows.count(), "rows": [_finding_out(user, one) for one in rows[_window(page, size)]]}


def _finding(request: HttpRequest, code: str) -> Finding:
    return get_or_404(queries.findings(_reader(request)), code=code)


@router.get("/findings/{code}", response=FindingOut, url_name="finding")
def finding(request: HttpRequest, code: str) -> Any:
    """One finding, with the acts open to the person."""
    return _finding_out(request.user, _finding(request, code))


@router.post("/findings", response={200: FindingOut, 409: Refusal}, url_name="open_finding")
def open_finding(request: HttpRequest, given: OpenIn) -> Any:
    """Make signals of one place, or a proposal, a finding."""
    user = _reader(request)
    chosen = [get_or_404(queries.signals(user), pk=number) for number in dict.fromkeys(given.signals)]
    proposal = get_or_404(Proposal.objects.all(), pk=given.proposal) if given.proposal is not None else None
    who = _who(given)
    return _do(
        lambda: actions.open_finding(
            signals=chosen,
            proposal=proposal,
            actor=user,
            title_zh=given.title_zh,
            title_en=given.title_en,
            due=given.due,
            **who,
        ),
        lambda made: _finding_out(user, made),
    )


def _who(given: OpenIn | AssignIn) -> dict[str, Any]:
    """The department and the person named by their codes; a name that is not there is 404."""
    departments = Department.objects.filter(is_active=True)
    people = User.objects.filter(is_active=True)
    return {
        "department": get_or_404(departments, code=given.department) if given.department else None,
        "owner": get_or_404(people, employee_number=given.owner) if given.owner else None,
    }


@router.post("/findings/{code}/assign", response={200: FindingOut, 409: Refusal}, url_name="assign_finding")
def assign_finding(request: HttpRequest, code: str, given: AssignIn) -> Any:
    """Say who answers for a finding and until when."""
    found, who = _finding(request, code), _who(given)
    texts: dict[str, Any] = {"due": given.due, "title_zh": given.title_zh, "title_en": given.title_en}
    return _act(request, lambda: actions.assign_finding(found, actor=request.user, **who, **texts))


@router.post("/findings/{code}/analyse", response={200: FindingOut, 409: Refusal}, url_name="analyse_finding")
def analyse_finding(request: HttpRequest, code: str, given: CauseIn) -> Any:
    """Write down the cause."""
    found = _finding(request, code)
    return _act(request, lambda: actions.analyse_finding(found, actor=request.user, cause=given.cause))


@router.post("/findings/{code}/cancel", response={200: FindingOut, 409: Refusal}, url_name="cancel_finding")
def cancel_finding(request: HttpRequest, code: str, given: ReasonIn) -> Any:
    """Cancel a finding with a reason."""
    found = _finding(request, code)
    return _act(request, lambda: actions.cancel_finding(found, actor=request.user, reason=given.reason))


@router.post("/findings/{code}/close", response={200: FindingOut, 409: Refusal}, url_name="close_finding")
def close_finding(request: HttpRequest, code: str) -> Any:
    """Close a finding; its proof is checked."""
    found = _finding(request, code)
    return _act(request, lambda: actions.close_finding(found, actor=request.user))


def _act(request: HttpRequest, act: Callable[[], Finding]) -> Any:
    return _do(act, lambda done: _finding_out(request.user, done))
