"""Service standards and revisions for programs: the same reads and acts as the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from bihuan.base.people.access import get_or_404
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import MAX_PAGE_SIZE
from bihuan.standards import rules as standard_rules
from bihuan.standards.service import actions, queries, rules
from bihuan.standards.service.models import RevisionRequest, ServiceStandard, StandardVersion
from bihuan.standards.service.rules import REVISIONS
from bihuan.standards.states import VersionState

router = Router(tags=["standards"])


class Refusal(Schema):
    """Why something was refused; ``code`` names the rule."""

    detail: str
    code: str


class ClauseOut(Schema):
    """One clause."""

    number: str
    area: str
    text_zh: str
    text_en: str
    source: str
    indicators: list[str]
    basis: list[str]


class VersionOut(Schema):
    """One version of a standard."""

    number: str
    state: str
    from_cycle: str
    note_zh: str
    note_en: str


class StandardOut(Schema):
    """One standard or procedure with its versions."""

    code: str
    kind: str
    title_zh: str
    title_en: str
    versions: list[VersionOut]


class StandardWithClauses(StandardOut):
    """A standard with the clauses of one version, the one in force unless another is asked for."""

    version: str
    clauses: list[ClauseOut]
    changes: list[str]


class RevisionOut(Schema):
    """One revision request."""

    id: int
    standard: str
    clause: str
    state: str
    before_zh: str
    before_en: str
    text_zh: str
    text_en: str
    reason: str
    answer: str
    evidence: list[str]
    asked_by: str | None
    asked_at: datetime
    version: str | None
    acts: list[str]


class RevisionPage(Schema):
    """One page of requests, the newest first."""

    total: int
    rows: list[RevisionOut]


class RevisionIn(Schema):
    """Another wording for a clause in force, and why; ``evidence`` is the kind and id of a record."""

    standard: str
    clause: str
    text_zh: str
    text_en: str = ""
    reason: str
    evidence: tuple[str, str] | None = None


class ReasonIn(Schema):
    """Why."""

    reason: str = ""


class GoalIn(Schema):
    """A target or floor that moves with the version."""

    target: float | None = None
    floor: float | None = None


class PublishIn(Schema):
    """What changes, in words, and which goals move."""

    note_zh: str = ""
    note_en: str = ""
    goals: dict[str, GoalIn] = {}


def _reader(request: HttpRequest) -> Any:
    user: Any = request.user
    if not standard_rules.may_read(user):
        raise Http404
    return user


def _version_out(version: StandardVersion) -> dict[str, Any]:
    names = ("number", "state", "from_cycle", "note_zh", "note_en")
    return {name: getattr(version, name) for name in names}


def _standard_out(user: Any, standard: ServiceStandard) -> dict[str, Any]:
    names = ("code", "kind", "title_zh", "title_en")
    listed = [_version_out(one) for one in queries.versions(user, standard)]
    return {**{name: getattr(standard, name) for name in names}, "versions": listed}


def _revision_out(user: Any, request: RevisionRequest) -> dict[str, Any]:
    evidence = [request.evidence_kind, request.evidence_id] if request.evidence_kind else []
    return {
        "id": request.pk,
        "standard": request.standard.code,
        "clause": request.clause.number,
        "state": request.state,
        "before_zh": request.clause.text_zh,
        "before_en": request.clause.text_en,
        "text_zh": request.text_zh,
        "text_en": request.text_en,
        "reason": request.reason,
        "answer": request.answer,
        "evidence": evidence,
        "asked_by": request.asked_by.employee_number if request.asked_by else None,
        "asked_at": request.asked_at,
        "version": request.version.number if request.version else None,
        "acts": [act for act, move in REVISIONS.acts_for(user, request).items() if move.offered],
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


@router.get("/service-standards", response=list[StandardOut], url_name="service_standards")
def standards(request: HttpRequest) -> Any:
    """The company's service standards and procedures."""
    user = _reader(request)
    return [_standard_out(user, one) for one in ServiceStandard.objects.visible_to(user)]


@router.get("/service-standards/{code}", response=StandardWithClauses, url_name="service_standard")
def standard(request: HttpRequest, code: str, version: str = "") -> Any:
    """One standard with its clauses."""
    user = _reader(request)
    found = get_or_404(ServiceStandard.objects.visible_to(user), code=code)
    wanted = {"number": version} if version else {"state": VersionState.EFFECTIVE}
    chosen = get_or_404(found.versions.all(), **wanted)
    return {
        **_standard_out(user, found),
        "version": chosen.number,
        "clauses": [
            {
                "number": one.number,
                "area": one.area,
                "text_zh": one.text_zh,
                "text_en": one.text_en,
                "source": one.source,
                "indicators": [indicator.code for indicator in one.indicators.all()],
                "basis": [basis.code for basis in one.basis.all()],
            }
            for one in queries.clauses(chosen)
        ],
        "changes": [change.number for change in queries.changes(chosen)],
    }


@router.post(
    "/service-standards/{code}/publish", response={200: VersionOut, 409: Refusal}, url_name="publish_standard"
)
def publish(request: HttpRequest, code: str, given: PublishIn) -> Any:
    """Put the draft of a standard into force from the next cycle on."""
    user = _reader(request)
    if not rules.may_decide(user):
        raise Http404
    found = get_or_404(ServiceStandard.objects.visible_to(user), code=code)
    draft = get_or_404(found.versions.filter(state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]))
    goals = {name: goal.dict(exclude_none=True) for name, goal in given.goals.items()}
    notes = {"note_zh": given.note_zh, "note_en": given.note_en}
    return _do(lambda: actions.publish_version(draft, actor=user, goals=goals, **notes), _version_out)


@router.get("/revisions", response=RevisionPage, url_name="revisions")
def revisions(
    request: HttpRequest, state: str = "", standard: str = "", page: int = 1, size: int = 50
) -> Any:
    """Revision requests, the newest first."""
    user = _reader(request)
    rows = queries.revisions(user)
    if state:
        rows = rows.filter(state=state)
    if standard:
        rows = rows.filter(standard__code=standard)
    size = min(max(size, 1), MAX_PAGE_SIZE)
    start = (min(max(page, 1), 100_000) - 1) * size
    return {"total": rows.count(), "rows": [_revision_out(user, one) for one in rows[start : start + size]]}


def _revision(request: HttpRequest, number: int) -> RevisionRequest:
    return get_or_404(queries.revisions(_reader(request)), pk=number)


@router.get("/revisions/{int:number}", response=RevisionOut, url_name="revision")
def revision(request: HttpRequest, number: int) -> Any:
    """One revision request, with the acts open to the person."""
    return _revision_out(request.user, _revision(request, number))


@router.post("/revisions", response={200: RevisionOut, 409: Refusal}, url_name="ask_revision")
def ask(request: HttpRequest, given: RevisionIn) -> Any:
    """Ask for another wording of a clause."""
    user = _reader(request)
    found = queries.clause(user, given.standard, given.clause)
    if found is None:
        raise Http404
    said = {"text_zh": given.text_zh, "text_en": given.text_en, "reason": given.reason}
    return _do(
        lambda: actions.request_revision(found, actor=user, evidence=given.evidence, **said),
        lambda made: _revision_out(user, made),
    )


def _act(request: HttpRequest, number: int, act: Callable[[RevisionRequest], RevisionRequest]) -> Any:
    found = _revision(request, number)
    return _do(lambda: act(found), lambda done: _revision_out(request.user, done))


@router.post("/revisions/{int:number}/take-up", response={200: RevisionOut, 409: Refusal}, url_name="take_up")
def take_up(request: HttpRequest, number: int) -> Any:
    """Begin to review a request."""
    return _act(request, number, lambda found: actions.take_up_revision(found, actor=request.user))


@router.post("/revisions/{int:number}/adopt", response={200: RevisionOut, 409: Refusal}, url_name="adopt")
def adopt(request: HttpRequest, number: int) -> Any:
    """Put the wording into the draft of the next version."""
    return _act(request, number, lambda found: actions.adopt_revision(found, actor=request.user))


@router.post("/revisions/{int:number}/decline", response={200: RevisionOut, 409: Refusal}, url_name="decline")
def decline(request: HttpRequest, number: int, given: ReasonIn) -> Any:
    """Leave the clause as it is, with a reason."""
    return _act(
        request,
        number,
        lambda found: actions.decline_revision(found, actor=request.user, reason=given.reason),
    )
