from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.assess import actions, queries, rules, tasks, words
from bihuan.assess.models import EvaluationRun
from bihuan.assess.states import RunState
from bihuan.assess.views import chosen
from bihuan.base.jobs.models import Job
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Figure, Progress, Step, Verdict
from bihuan.collect.upkeep import display as archived
from bihuan.standards import queries as standards
from bihuan.standards.states import CycleState

WAITING = (RunState.QUEUED, RunState.RUNNING)


@require_GET
@signed_in
def runs(request: HttpRequest) -> HttpResponseBase:
    """All evaluations: of which cycle, on which snapshot, and how they ended."""
    user = chosen.reader(request)
    listed = queries.runs(user)
    page = ListPage(
        request,
        listed,
        columns=[
            Column("run", _("Run"), value="run_id", url=lambda r: reverse("run", args=[r.run_id])),
            Column("cycle", _("Cycle"), value=lambda r: r.cycle.title, sort="cycle__start"),
            Column("state", _("State"), value="get_state_display", sort="state"),
            Column("kind", _("Kind"), value=_kind),
            Column("snapshot", _("Snapshot"), sort="snapshot", numeric=True),
            Column("as_of", _("Judged at"), sort="as_of"),
            Column("seconds", _("Seconds"), numeric=True),
            Column(
                "by",
                _("Ordered by"),
                value=lambda r: r.made_by.get_short_name() if r.made_by else _("system"),
            ),
            Column("made", _("Ordered at"), value="made_at", sort="made_at"),
        ],
        filters=[
            Filter("state", _("State"), choices=RunState.choices),
            Filter("of", _("Cycle"), choices=_cycles(user), path="cycle__code"),
        ],
        sort="-made",
        caption=_("Evaluations"),
    )
    if page.wants_export:
        return page.export("evaluations")
    cycle = chosen.cycle(request)
    context = {
        "list": page,
        "crumbs": [Crumb(_("Evaluations"))],
        "verdict": _list_verdict(user, cycle),
        "may": rules.may_evaluate(user),
        "cycles": standards.cycles_visible(user),
        "chosen": cycle,
        "empty": Empty(
            _("No evaluation yet"),
            _("An evaluation measures every indicator of a cycle and scores every place."),
        ),
    }
    return render(request, "assess/runs.html", context)


def _cycles(user: Any) -> list[tuple[str, str]]:
    return [(cycle.code, cycle.title) for cycle in standards.cycles_visible(user)]


def _kind(run: EvaluationRun) -> str:
    if run.repeats_id:
        return _("repetition")
    return _("revision") if run.revises_id else _("evaluation")


def _list_verdict(user: Any, cycle: str) -> Verdict:
    waiting = queries.runs(user).filter(state__in=WAITING).count()
    if waiting:
        text = ngettext("%(n)d evaluation [[is under way]].", "%(n)d evaluations [[are under way]].", waiting)
        return Verdict(text % {"n": waiting}, glyph="prov")
    run = queries.latest_run(cycle) if cycle else None
    if run is None:
        name = formats.cycle_name(cycle) if cycle else ""
        if not name:
            return Verdict(_("There is [[no cycle]] to show yet."), glyph="todo")
        return Verdict(_("%(cycle)s has [[no results]] yet.") % {"cycle": name}, glyph="todo")
    return words.run(run.state, cycle, bool(run.revises_id))


@require_POST
@signed_in
def start(request: HttpRequest) -> HttpResponseBase:
    """Order an evaluation; it is carried out in the background."""
    user = chosen.manager(request)
    code = request.POST.get("cycle", "")[:8]
    if code not in {cycle.code for cycle in standards.cycles_visible(user)}:
        messages.error(request, _("There is no cycle %(code)s; plan it first.") % {"code": code})
        return redirect("runs")
    try:
        run = actions.order_evaluation(cycle=code, actor=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("runs")
    tasks.carry_out.enqueue(owner=user, run=run.pk)
    return redirect("run", run_id=run.run_id)


@require_POST
@signed_in
def repeat(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Order the repetition of a run, which proves that it gives the same numbers."""
    user = chosen.manager(request)
    found = get_or_404(queries.runs(user), run_id=run_id)
    try:
        repetition = actions.repeat_run(found, actor=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("run", run_id=run_id)
    tasks.carry_out.enqueue(owner=user, run=repetition.pk)
    return redirect("run", run_id=repetition.run_id)


@require_POST
@signed_in
def issue_results(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Issue the results of a run."""
    user = chosen.manager(request)
    found = get_or_404(queries.runs(user), run_id=run_id)
    try:
        actions.issue_run(found, actor=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The results are issued."))
    return redirect("run", run_id=run_id)


@require_GET
@signed_in
def run(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """One evaluation: what it used, how long it took, and whether it repeats."""
    user = chosen.reader(request)
    found = get_or_404(queries.runs(user).select_related("weights"), run_id=run_id)
    repetitions = list(found.repetitions.order_by("-made_at"))
    same = _same(found, repetitions)
    verdict = words.run(found.state, found.cycle.code, bool(found.revises_id), same)
    context = {
        "run": found,
        "verdict": Verdict(
            verdict.sentence, verdict.tone, verdict.glyph, verdict.detail, _buttons(request, found)
        ),
        "crumbs": [Crumb(_("Evaluations"), reverse("runs")), Crumb(found.run_id)],
        "figures": _figures(found),
        "progress": _progress(found) if found.state in WAITING else None,
        "repetitions": repetitions,
        "partitions": [
            {**part, "records": archived.table(part["table"])} for part in found.record.get("partitions", ())
        ],
        "used": _used(found),
        "kind": _kind(found),
        "same": same,
    }
    return render(request, "assess/run.html", context)


def _same(run: EvaluationRun, repetitions: list[EvaluationRun]) -> bool | None:
    """Whether run and repetition agree; nothing where there is no finished pair."""
    if run.repeats is not None:
        return run.result_hash == run.repeats.result_hash if run.state == RunState.DONE else None
    done = [one for one in repetitions if one.state == RunState.DONE]
    return all(one.result_hash == run.result_hash for one in done) if done else None


def _buttons(request: HttpRequest, run: EvaluationRun) -> tuple[Button, ...]:
    if run.state not in (RunState.DONE, RunState.ISSUED):
        return ()
    query = f"?cycle={run.cycle.code}" + ("" if run.state == RunState.ISSUED else f"&run={run.run_id}")
    buttons = [Button(_("See the scorecard"), reverse("scorecard") + query, icon="chart-line")]
    if rules.may_evaluate(request.user) and not run.repeats_id:
        buttons.append(
            Button(_("Repeat it"), reverse("repeat_run", args=[run.run_id]), icon="refresh", post=True)
        )
        if run.state == RunState.DONE and run.cycle.state == CycleState.CLOSED:
            buttons.append(
                Button(
                    _("Issue the revision"), reverse("issue_run", args=[run.run_id]), post=True, primary=True
                )
            )
    return tuple(buttons)


def _figures(run: EvaluationRun) -> list[Figure]:
    counts = run.record.get("counts") or {}
    return [
        Figure(_("Cycle"), run.cycle.title),
        Figure(_("Snapshot"), formats.number(run.snapshot) if run.snapshot is not None else "—"),
        Figure(_("Judged at"), formats.moment(run.as_of)),
        Figure(_("Indicators"), formats.number(len(run.definitions))),
        Figure(_("Values"), formats.number(counts.get("measurements"))),
        Figure(
            _("Time taken"),
            _("%(n)s s") % {"n": formats.number(run.seconds, 1)} if run.seconds is not None else "—",
        ),
    ]


def _used(run: EvaluationRun) -> list[tuple[Any, Any]]:
    record = run.record
    engine = record.get("engine") or "—"
    rows = [
        (_("Engine"), engine),
        (_("Weights"), f"v{run.weights.number}" if run.weights else _("alike for every family")),
        (_("Stands on"), ", ".join(run.history) or _("no earlier cycle")),
        (_("Series tested"), _tested(record.get("signals") or {})),
        (_("Kind"), _kind(run)),
        (_("Revises"), run.revises.run_id if run.revises else ""),
        (_("Repeats"), run.repeats.run_id if run.repeats else ""),
        (_("Ordered by"), run.made_by.get_short_name() if run.made_by else _("system")),
    ]
    versions = record.get("versions") or {}
    if isinstance(versions, dict):
        rows += [(name, version) for name, version in sorted(versions.items())]
    return [(label, text) for label, text in rows if text]


def _tested(found: dict[str, Any]) -> str:
    """How many series were tested and how many signalled; nothing where none was."""
    if not found.get("tested"):
        return ""
    return _("%(tested)s, of which %(signalled)s signalled; false alarms held to %(rate)s of these") % {
        "tested": formats.number(found["tested"]),
        "signalled": formats.number(found["signalled"]),
        "rate": formats.percent(found["false_discovery_rate"], 0),
    }


@require_GET
@signed_in
def run_progress(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """How far an evaluation is; once it has ended the whole page is loaded anew."""
    user = chosen.reader(request)
    found = get_or_404(queries.runs(user), run_id=run_id)
    if found.state not in WAITING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "ui/parts/progress.html", {"progress": _progress(found)})


STAGES = (
    gettext_lazy("Take the snapshot"),
    gettext_lazy("Look at the versions"),
    gettext_lazy("Add up the records"),
    gettext_lazy("Estimates and intervals"),
    gettext_lazy("Scores and changes"),
    gettext_lazy("Keep the results"),
)


def _progress(run: EvaluationRun) -> Progress:
    """How far a run is: the engine counts its stages, the snapshot comes before them."""
    job = Job.objects.filter(kind=tasks.carry_out.kind, arguments__run=run.pk).first()
    at = 0 if run.snapshot is None or run.state == RunState.QUEUED else 1 + (job.done if job else 0)
    steps = tuple(
        Step(name, "done" if number < at else "running" if number == at else "waiting")
        for number, name in enumerate(STAGES)
    )
    counted = _("Step %(done)s of %(total)s") % {"done": min(at + 1, len(STAGES)), "total": len(STAGES)}
    return Progress(
        title=_("Evaluating %(cycle)s") % {"cycle": run.cycle.title},
        done=at,
        total=len(STAGES),
        counted=counted,
        steps=steps,
        poll=reverse("run_progress", args=[run.run_id]),
    )
