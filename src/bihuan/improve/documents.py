"""The management report as blocks for the PDF: what came of it, what was done, the numbers, the proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from bihuan.assess import units
from bihuan.base.documents import pdf
from bihuan.base.files.models import Attachment
from bihuan.base.ui import formats
from bihuan.improve import charts, words
from bihuan.improve.choices import EFFECT_LOOKS, Effect, NoteKind
from bihuan.improve.models import Action, ActionNote, ImprovementPlan, ManagementReport
from bihuan.improve.versions import money


def management_report(report: ManagementReport, *, language: str) -> bytes:
    """The PDF of a report in one language."""
    with override(language):
        plan, effect = report.plan, report.effect
        names = words.indicators(plan.trigger_cycle)
        records = effect.record["impacts"]
        drawings = {
            f"impact-{n}": charts.before_after(
                record, words.unit_of(names.get(record["indicator"])), width=640
            )
            for n, record in enumerate(records)
            if record["before"]["cycles"] or record["after"]["cycles"]
        }
        title = _("Management report %(code)s: %(title)s") % {"code": report.code, "title": plan.title}
        blocks = list(_blocks(report, title, records, names, set(drawings)))
        snapshots = [
            one["snapshot"]
            for record in records
            for side in ("before", "after")
            for one in record[side]["cycles"]
        ]
        return pdf.render(
            "documents/report.typ",
            {"blocks": blocks},
            language=language,
            about=pdf.About(
                title=title,
                company=(plan.place.ancestors().first() or plan.place).name,
                cycle=formats.cycle_name(plan.trigger_cycle),
                snapshot=max(snapshots, default=None),
                made_at=report.made_at,
            ),
            drawings=drawings,
        )


def _blocks(
    report: ManagementReport,
    title: str,
    records: list[dict[str, Any]],
    names: dict[str, Any],
    drawn: set[str],
) -> Iterator[dict[str, Any]]:
    plan, effect = report.plan, report.effect
    yield {"kind": "text", "text": title}
    yield _verdict(plan, effect.verdict)
    if report.message:
        yield {"kind": "text", "text": report.message}
    yield {"kind": "figures", "items": _figures(report)}
    if plan.why:
        yield {"kind": "heading", "text": _("Why it happened")}
        yield {"kind": "text", "text": plan.why}
    yield {"kind": "heading", "text": _("What was done, and its proof")}
    yield _actions(plan)
    yield {"kind": "heading", "text": _("What came of it")}
    for n, record in enumerate(records):
        version = names.get(record["indicator"])
        name = words.indicator_name(record["indicator"], version)
        yield {"kind": "heading", "level": 3, "text": name}
        yield {"kind": "text", "text": words.change_sentence(record, words.unit_of(version))}
        if f"impact-{n}" in drawn:
            yield {"kind": "chart", "name": f"impact-{n}", "label": name}
    yield _effects(records, names)
    yield {"kind": "heading", "text": _("How it was judged")}
    yield {"kind": "notes", "items": _notes(report, records)}


def _verdict(plan: ImprovementPlan, verdict: str) -> dict[str, Any]:
    glyph, tone = EFFECT_LOOKS[Effect(verdict)]
    sentence = words.effect_headline(verdict) % {"title": plan.title}
    before, _open, rest = sentence.partition("[[")
    mark, _close, after = rest.partition("]]")
    return {
        "kind": "verdict",
        "glyph": glyph,
        "tone": tone,
        "before": before,
        "mark": mark,
        "after": after,
        "detail": "",
    }


def _figures(report: ManagementReport) -> list[dict[str, str]]:
    plan = report.plan
    return [
        {"label": _("Plan"), "value": plan.code},
        {"label": _("Where"), "value": plan.place.name},
        {"label": _("Responsible"), "value": plan.owner.get_short_name()},
        {"label": _("Budget"), "value": money(plan.cost) if plan.cost is not None else "—"},
    ]


def _actions(plan: ImprovementPlan) -> dict[str, Any]:
    actions = plan.actions.select_related("assignee", "verified_by")
    return {
        "kind": "table",
        "heads": [_("Action"), _("Who does it"), _("Until"), _("Proof"), _("State"), _("Verified by")],
        "align": ["left"] * 6,
        "rows": [
            [
                f"{action.order}. {action.title}",
                action.assignee.get_short_name(),
                formats.day(action.due),
                proof_of(action),
                str(action.get_state_display()),
                action.verified_by.get_short_name() if action.verified_by else "—",
            ]
            for action in actions
        ],
    }


def proof_of(action: Action) -> str:
    """What was handed in: files by name, else the note."""
    notes = list(action.notes.filter(kind__in=[NoteKind.PROGRESS, NoteKind.DONE]))
    files = Attachment.objects.filter(
        subject_kind=ActionNote._meta.label_lower, subject_id__in=[str(note.pk) for note in notes]
    )
    names = [attachment.name for attachment in files]
    return words.listed(names) or next((note.text for note in notes if note.text), "—")


def _effects(records: list[dict[str, Any]], names: dict[str, Any]) -> dict[str, Any]:
    rows = []
    for record in records:
        unit = words.unit_of(names.get(record["indicator"]))
        rows.append(
            [
                record["indicator"],
                units.value(record["before"]["value"], unit),
                units.value(record["after"]["value"], unit),
                formats.signed(record["change"]),
                units.interval(record["low"], record["high"], unit) or "—",
                units.difference(record["promised"], unit),
                str(Effect(record["verdict"]).label),
            ]
        )
    return {
        "kind": "table",
        "heads": [
            *(_("Indicator"), _("Before"), _("After"), _("Change, better being more")),
            *(_("95% interval"), _("Promised"), _("Verdict")),
        ],
        "align": ["left", "right", "right", "right", "left", "right", "left"],
        "rows": rows,
    }


def _notes(report: ManagementReport, records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    notes = [(str(rule["label"]), str(rule["text"])) for rule in words.rules()]
    for record in records:
        said = [words.method_sentence(record), *words.left_out(record), words.missing(record)]
        notes += [(record["indicator"], part) for part in said if part]
    notes.append((_("Evaluation"), str(report.effect)))
    notes.append((_("Fingerprint of the plan"), report.effect.version.sha256))
    notes.append((_("Fingerprint of the evaluation"), report.effect.sha256))
    return notes
