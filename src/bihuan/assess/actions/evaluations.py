from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.assess import engines, rules, stores
from bihuan.assess.actions.cycles import check_right, locked, move, open_cycle
from bihuan.assess.findings.raising import raise_signals
from bihuan.assess.fingerprints import results_hash
from bihuan.assess.models import EvaluationRun
from bihuan.assess.queries.runs import history
from bihuan.assess.states import RunState
from bihuan.base.trail.act import Refused, act, note
from bihuan.measure.definition import Definition
from bihuan.measure.evaluate import evaluate
from bihuan.standards import queries as standards
from bihuan.standards.models import MonitoringCycle
from bihuan.standards.states import CycleState

AFTER_END = timedelta(days=10)

Progress = Callable[[int, int], None]


def evaluate_cycle(
    *,
    cycle: str,
    actor: Any,
    as_of: datetime | None = None,
    snapshot: int | None = None,
    indicators: Collection[str] | None = None,
    progress: Progress | None = None,
) -> EvaluationRun:
    """Evaluate a cycle now: measure every indicator that counts in it and score every place.

    A run over a cycle whose results were issued is a revision and says so. ``indicators`` are codes.
    Raises ``Refused`` where a rule says no, and what the archive or the engine raises.
    """
    run = order_evaluation(cycle=cycle, actor=actor, as_of=as_of, snapshot=snapshot, indicators=indicators)
    return carry_out(run, progress=progress)


@act
def order_evaluation(
    *,
    cycle: str,
    actor: Any,
    as_of: datetime | None = None,
    snapshot: int | None = None,
    indicators: Collection[str] | None = None,
) -> EvaluationRun:
    """Fix what an evaluation will use: definitions, weights, instant. It is carried out by ``carry_out``."""
    check_right(actor)
    found = MonitoringCycle.objects.filter(code=cycle).first()
    if found is None or found.state == CycleState.PLANNED:
        found = open_cycle(code=cycle, actor=actor)
    versions = [
        version
        for version in standards.versions_for(cycle)
        if indicators is None or version.indicator.code in indicators
    ]
    if not versions:
        raise Refused(
            _("No indicator counts in %(cycle)s; load the catalogue first.") % {"cycle": found.title},
            code="no_indicator",
            subject=found,
        )
    now = timezone.now()
    run = EvaluationRun.objects.create(
        run_id=_run_id(cycle, now),
        cycle=found,
        snapshot=snapshot,
        as_of=as_of or min(found.end + AFTER_END, now),
        weights=standards.tree_for(cycle),
        definitions=[standards.whole_definition(version) for version in versions],
        history=[earlier.run_id for earlier in history(cycle)],
        revises=EvaluationRun.objects.filter(cycle=found, state=RunState.ISSUED).first(),
        made_by=actor,
        made_at=now,
    )
    note(actor, "run.ordered", run, as_of=run.as_of.isoformat(), indicators=len(versions))
    return run


@act
def repeat_run(run: EvaluationRun, *, actor: Any) -> EvaluationRun:
    """Order a repetition: the same snapshot, instant, definitions and weights must give the same results."""
    check_right(actor)
    if run.snapshot is None or run.state not in (RunState.DONE, RunState.ISSUED):
        raise Refused(_("Only a finished run can be repeated."), code="run_state")
    now = timezone.now()
    repetition = EvaluationRun.objects.create(
        run_id=_run_id(run.cycle.code, now),
        cycle=run.cycle,
        snapshot=run.snapshot,
        as_of=run.as_of,
        weights=run.weights,
        definitions=run.definitions,
        history=run.history,
        repeats=run,
        made_by=actor,
        made_at=now,
    )
    note(actor, "run.repetition_ordered", repetition, repeats=run.run_id)
    return repetition


@act
def issue_run(run: EvaluationRun, *, actor: Any) -> EvaluationRun:
    """Issue the results of a run: from now on they speak for its cycle."""
    check_right(actor)
    run = EvaluationRun.objects.select_for_update().get(pk=run.pk)
    if not rules.may_move_run(run.state, RunState.ISSUED) or run.repeats_id:
        raise Refused(_("Only a finished run that is no repetition can be issued."), code="run_state")
    run.state = RunState.ISSUED
    run.save(update_fields=["state"])
    note(actor, "run.issued", run, revises=run.revises.run_id if run.revises else "")
    raise_signals(run, actor=actor)
    return run


def carry_out(run: EvaluationRun, *, progress: Progress | None = None) -> EvaluationRun:
    """Do what was ordered. It is long, so no transaction holds it: each change of state is its own act."""
    tell = progress or _silent
    run = _start(run, actor=run.made_by)
    try:
        record = _compute(run, tell)
    except BaseException as exc:
        _fail(run, error=str(exc) or type(exc).__name__, actor=run.made_by)
        raise
    done = _finish(run, record=record, actor=run.made_by)
    raise_signals(done, actor=run.made_by)
    return done


def _compute(run: EvaluationRun, tell: Progress) -> dict[str, Any]:
    store = stores.archive()
    if run.snapshot is None:
        who = run.made_by.get_username() if run.made_by else "system"
        stores.publish_dimensions(store, actor=who)
        run.snapshot = store.snapshot()
        run.save(update_fields=["snapshot"])
    record = evaluate(
        store,
        run=run.run_id,
        cycle=run.cycle.code,
        definitions=[Definition.parse(given) for given in run.definitions],
        weights=weights_of(run),
        as_of=run.as_of,
        results=settings.RESULTS_URL,
        snapshot=run.snapshot,
        history=run.history,
        start=run.cycle.start,
        end=run.cycle.end,
        zone=settings.TIME_ZONE,
        engine=engines.opened,
        cache=settings.BIHUAN_HOME / "cache" / "sums",
        progress=lambda _stage, done, total: tell(done, total),
    )
    return plain(record)


def weights_of(run: EvaluationRun) -> dict[str, Any]:
    """The weights of a run; where the tree names none of its indicators, its families weigh alike."""
    codes = {given["code"] for given in run.definitions}
    if run.weights is not None:
        tree = standards.as_weights(run.weights)
        if codes & {leaf for family in tree["nodes"] for leaf in _leaves(family)}:
            return tree
    families: dict[str, list[str]] = {}
    for given in run.definitions:
        families.setdefault(given["family"], []).append(given["code"])
    nodes = [{"code": family, "weight": 1, "indicators": listed} for family, listed in families.items()]
    return {"nodes": nodes}


def _leaves(node: dict[str, Any]) -> list[str]:
    below = node.get("nodes")
    return [node["code"]] if below is None else [leaf for child in below for leaf in _leaves(child)]


@act
def _start(run: EvaluationRun, *, actor: Any) -> EvaluationRun:
    run = (
        EvaluationRun.objects.select_for_update(of=("self",))
        .select_related("cycle", "made_by")
        .get(pk=run.pk)
    )
    # A run that was cut off half-way starts again from the beginning; its results are written as a whole.
    if run.state != RunState.RUNNING and not rules.may_move_run(run.state, RunState.RUNNING):
        raise Refused(_("This run has ended already."), code="run_state", subject=run)
    run.state, run.started_at = RunState.RUNNING, timezone.now()
    run.save(update_fields=["state", "started_at"])
    return run


@act
def _finish(run: EvaluationRun, *, record: dict[str, Any], actor: Any) -> EvaluationRun:
    run.state, run.record, run.finished_at = RunState.DONE, record, timezone.now()
    run.result_hash = results_hash(run.run_id)
    run.save(update_fields=["state", "record", "finished_at", "result_hash"])
    note(actor, "run.done", run, snapshot=run.snapshot, result=run.result_hash)
    run.cycle = cycle = locked(run.cycle.code)
    over = run.as_of >= cycle.end
    if not run.repeats_id and over and cycle.state in (CycleState.COLLECTING, CycleState.ANALYSING):
        if cycle.state == CycleState.COLLECTING:
            move(cycle, CycleState.ANALYSING, actor)
        move(cycle, CycleState.EVALUATED, actor)
    return run


@act
def _fail(run: EvaluationRun, *, error: str, actor: Any) -> None:
    run.state, run.error, run.finished_at = RunState.FAILED, error, timezone.now()
    run.save(update_fields=["state", "error", "finished_at"])
    note(actor, "run.failed", run, error=error[:300])


def plain(value: Any) -> Any:
    """A record as JSON can hold it: NaN becomes nothing, instants become text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _run_id(cycle: str, now: datetime) -> str:
    return f"{cycle}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def _silent(_done: int, _total: int) -> None:
    return None
