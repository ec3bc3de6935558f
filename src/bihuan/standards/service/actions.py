"""Acts on service standards: ask for a revision, take it up, adopt or decline it, publish a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.chain.actions import link
from bihuan.base.chain.moves import begin, finish
from bihuan.base.chain.registry import kind as known_kind
from bihuan.base.chain.states import Relation
from bihuan.base.trail.act import Refused, act, note
from bihuan.base.ui.formats import cycle_name
from bihuan.measure.definition import DefinitionError
from bihuan.standards import cycles, queries, reader
from bihuan.standards.actions import first_open_cycle, put_version
from bihuan.standards.models import IndicatorVersion
from bihuan.standards.service import rules
from bihuan.standards.service.catalogue import link_indicators
from bihuan.standards.service.models import (
    RevisionRequest,
    ServiceStandard,
    StandardClause,
    StandardVersion,
)
from bihuan.standards.service.rules import IN_PUBLISHING, REVISIONS, VERSIONS
from bihuan.standards.service.states import RevisionState
from bihuan.standards.states import VersionState

LONGEST_ZH, LONGEST_EN, LONGEST_REASON = 400, 600, 600
Goals = Mapping[str, Mapping[str, Any]]


@act
def request_revision(
    clause: StandardClause,
    *,
    actor: Any,
    text_zh: str,
    reason: str,
    text_en: str = "",
    evidence: tuple[str, Any] | None = None,
) -> RevisionRequest:
    """Ask for another wording of a clause in force; ``evidence``: kind and id of what shows the need."""
    if not rules.may_ask(actor):
        raise Refused(
            _("Only quality managers, leaders, department heads and inspectors ask for a revision."),
            "not_yours",
            subject=clause,
        )
    zh, en, why = text_zh.strip(), text_en.strip(), reason.strip()
    _check_wording(clause, zh, en, why)
    request = RevisionRequest.objects.create(
        standard=clause.version.standard,
        clause=clause,
        text_zh=zh,
        text_en=en,
        reason=why,
        evidence_kind=evidence[0] if evidence else "",
        evidence_id=str(evidence[1]) if evidence else "",
        state_since=timezone.now(),
        asked_by=actor,
        asked_at=timezone.now(),
    )
    link(("clause", clause.code), Relation.REVISED_BY, ("revision", request.pk), actor=actor)
    if evidence is not None:
        _check_evidence(actor, evidence, request)
        link((evidence[0], str(evidence[1])), Relation.REVISED_BY, ("revision", request.pk), actor=actor)
    note(actor, "revision.requested", request, clause=clause.code, reason=why)
    return request


def _check_wording(clause: StandardClause, zh: str, en: str, why: str) -> None:
    if clause.version.state != VersionState.EFFECTIVE:
        raise Refused(
            _("Only a clause of the version in force can be revised; open it from there."),
            "not_effective",
            subject=clause,
        )
    if not zh:
        raise Refused(_("Write the Chinese wording you propose."), "no_text", subject=clause)
    if not why:
        raise Refused(_("Write why the clause should change."), "no_reason", subject=clause)
    if (zh, en) == (clause.text_zh, clause.text_en):
        raise Refused(_("The wording is the same as before; change it."), "no_change", subject=clause)
    if len(zh) > LONGEST_ZH or len(en) > LONGEST_EN or len(why) > LONGEST_REASON:
        raise Refused(
            _("Too long: at most %(zh)d Chinese characters, %(en)d English letters, %(why)d for the reason.")
            % {"zh": LONGEST_ZH, "en": LONGEST_EN, "why": LONGEST_REASON},
            "too_long",
            subject=clause,
        )


def _check_evidence(actor: Any, evidence: tuple[str, Any], request: RevisionRequest) -> None:
    """What stands as evidence must be there, and be open to whoever names it."""
    known = known_kind(evidence[0])
    found = known.find(str(evidence[1])) if known else None
    if known is None or found is None or (actor is not None and not known.visible(actor, found)):
        raise Refused(_("There is nothing here that you may see."), "not_visible", subject=request.clause)


@act
def take_up_revision(request: RevisionRequest, *, actor: Any) -> RevisionRequest:
    """Begin to review it."""
    return finish(REVISIONS, begin(REVISIONS, request, "take_up", actor=actor), "take_up", actor=actor)


@act
def decline_revision(request: RevisionRequest, *, actor: Any, reason: str) -> RevisionRequest:
    """Leave the clause as it is, and say why."""
    request = begin(REVISIONS, request, "decline", actor=actor, reason=reason)
    request.answer, request.decided_by = reason.strip()[:400], actor
    fields = ("answer", "decided_by")
    return finish(REVISIONS, request, "decline", actor=actor, fields=fields, reason=request.answer)


@act
def adopt_revision(request: RevisionRequest, *, actor: Any) -> RevisionRequest:
    """Put its wording into the draft of the next version. Nobody adopts what they asked for themselves."""
    if actor is not None and actor.pk == request.asked_by_id:
        raise Refused(
            _("Nobody adopts their own request; ask another leader or quality manager of the company."),
            "own_request",
            subject=request,
        )
    request = begin(REVISIONS, request, "adopt", actor=actor)
    draft = _draft_of(request.standard, actor)
    clause = draft.clauses.select_for_update().filter(number=request.clause.number).first()
    if clause is None or (clause.text_zh, clause.text_en) != (request.clause.text_zh, request.clause.text_en):
        raise Refused(
            _("%(version)s already changes clause %(number)s; decline this and ask anew on top of it.")
            % {"version": draft.number, "number": request.clause.number},
            "changed_meanwhile",
            subject=request,
        )
    clause.text_zh, clause.text_en = request.text_zh, request.text_en
    clause.save(update_fields=["text_zh", "text_en"])
    request.version, request.decided_by = draft, actor
    fields = ("version", "decided_by")
    return finish(REVISIONS, request, "adopt", actor=actor, fields=fields, version=draft.number)


def _draft_of(standard: ServiceStandard, actor: Any) -> StandardVersion:
    """The draft of a standard, made as a copy of the version in force where there is none yet."""
    standard = ServiceStandard.objects.select_for_update().get(pk=standard.pk)
    draft = standard.versions.filter(state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]).first()
    if draft is not None:
        return draft
    current = standard.versions.get(state=VersionState.EFFECTIVE)
    now = timezone.now()
    draft = StandardVersion.objects.create(
        standard=standard,
        number=next_number(list(standard.versions.values_list("number", flat=True))),
        state=VersionState.DRAFT,
        state_since=now,
        replaces=current,
        made_by=actor,
        made_at=now,
    )
    for clause in current.clauses.prefetch_related("indicators", "basis"):
        indicators, basis = list(clause.indicators.all()), list(clause.basis.all())
        copy = StandardClause.objects.create(
            version=draft,
            number=clause.number,
            area=clause.area,
            text_zh=clause.text_zh,
            text_en=clause.text_en,
            source=clause.source,
            order=clause.order,
        )
        copy.indicators.set(indicators)
        copy.basis.set(basis)
    note(actor, "standard_version.drafted", draft, replaces=current.number)
    return draft


def next_number(numbers: list[str]) -> str:
    """The number after the highest: ``V3.2`` is followed by ``V3.3``."""

    def parts(text: str) -> tuple[int, int]:
        major, _dot, minor = text.lstrip("Vv").partition(".")
        return (int(major) if major.isdecimal() else 0, int(minor) if minor.isdecimal() else 0)

    major, minor = max((parts(number) for number in numbers), default=(1, -1))
    return f"V{major}.{minor + 1}"


@act
def publish_version(
    version: StandardVersion, *, actor: Any, goals: Goals | None = None, note_zh: str = "", note_en: str = ""
) -> StandardVersion:
    """Put a draft into force from the next cycle on; the version before it counts until then.

    ``goals`` may move targets and floors in the same act, such as ``{"R03": {"target": 96}}``: each becomes a
    new version of the indicator from the same cycle.
    """
    ServiceStandard.objects.select_for_update().get(pk=version.standard_id)
    version = begin(VERSIONS, version, "publish", actor=actor)
    adopted = list(
        version.revisions.select_for_update(of=("self",)).filter(state=RevisionState.ADOPTED).order_by("pk")
    )
    if not adopted:
        raise Refused(
            _("Nothing is adopted in this draft; adopt a revision first."), "no_change", subject=version
        )
    version.from_cycle = first_open_cycle("")
    _end(version.standard, version.from_cycle, actor)
    version.note_zh, version.note_en = note_zh.strip()[:300], note_en.strip()[:300]
    version.published_by, version.published_at = actor, timezone.now()
    moved = [_move_goal(code, goal, version, actor) for code, goal in (goals or {}).items()]
    fields = ("from_cycle", "note_zh", "note_en", "published_by", "published_at")
    said = {
        "from_cycle": version.from_cycle,
        "clauses": [one.clause.number for one in adopted],
        "goals": moved,
    }
    finish(VERSIONS, version, "publish", actor=actor, fields=fields, **said)
    for request in adopted:
        row = begin(IN_PUBLISHING, request, "publish", actor=actor)
        finish(REVISIONS, row, "publish", actor=actor, version=version.number)
        link(("revision", row.pk), Relation.REVISED_BY, ("standard_version", version.pk), actor=actor)
    link_indicators(version, actor=actor)
    return version


def _end(standard: ServiceStandard, start: str, actor: Any) -> None:
    """End the version in force; one that had not begun to count is withdrawn, since nobody worked by it."""
    current = standard.versions.select_for_update().filter(state=VersionState.EFFECTIVE).first()
    if current is None:
        return
    begun = cycles.start_key(current.from_cycle) < cycles.start_key(start)
    current.state = VersionState.SUPERSEDED if begun else VersionState.WITHDRAWN
    current.state_since = timezone.now()
    current.save(update_fields=["state", "state_since"])
    note(actor, f"standard_version.{current.state}", current, from_cycle=start)


def _move_goal(code: str, goal: Mapping[str, Any], version: StandardVersion, actor: Any) -> str:
    """Give an indicator another target or floor from the cycle on in which the version comes into force."""
    current = (
        IndicatorVersion.objects.filter(indicator__code=code, state=VersionState.EFFECTIVE)
        .select_related("indicator")
        .prefetch_related("clauses")
        .first()
    )
    if current is None or not current.indicator.standard_clauses.filter(version=version).exists():
        raise Refused(
            _("%(code)s measures no clause of %(version)s; change its target in the catalogue instead.")
            % {"code": code, "version": version},
            "wrong_indicator",
            subject=version,
        )
    changed = {key: value for key, value in goal.items() if key in ("target", "floor") and value is not None}
    definition = {**current.definition, **changed}
    try:
        queries.Definition.parse({**definition, "version": str(current.number + 1), "from_cycle": ""})
    except DefinitionError as exc:
        raise Refused(str(exc), "wrong_goal", subject=version) from exc
    entry = reader.Entry(
        code=code,
        definition=definition,
        short={"zh": current.short_zh, "en": current.short_en},
        words={"zh": current.words_zh, "en": current.words_en},
        said=current.said,
        note={
            "zh": f"目标值随{version.standard.title_zh}{version.number}调整",
            "en": f"Target moved with {version.standard.code} {version.number}",
        },
        clauses=tuple(clause.code for clause in current.clauses.select_related("regulation")),
        target_source=current.target_source,
        control_chart=current.control_chart,
    )
    made, _change = put_version(current.indicator, entry, list(current.clauses.all()), actor)
    return str(made)


def in_force(version: StandardVersion) -> str:
    """From which cycle a version counts, in words."""
    if not version.from_cycle:
        return _("from the start")
    return _("from %(cycle)s") % {"cycle": cycle_name(version.from_cycle)}
