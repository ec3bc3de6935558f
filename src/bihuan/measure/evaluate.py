"""One evaluation: a cycle, a snapshot, an instant, definitions and weights; measurements and scores out."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bihuan.archive.store import Archive
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine, open_engine
from bihuan.measure.engine.cache import Cache
from bihuan.measure.history import earlier_runs
from bihuan.measure.memo import Memo
from bihuan.measure.results import Results
from bihuan.measure.run import STAGES, Course, Progress
from bihuan.measure.weights import Weights

Opener = Callable[[], Engine]


def evaluate(
    archive: Archive,
    *,
    run: str,
    cycle: str,
    definitions: Sequence[Definition | Mapping[str, Any]],
    weights: Weights | Mapping[str, Any] | None,
    as_of: datetime | None = None,
    results: Results | str | Path,
    snapshot: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    zone: str = "Asia/Shanghai",
    engine: str | Engine | Opener = "duckdb",
    history: Sequence[str] = (),
    threads: int | None = None,
    cache: str | Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Evaluate a cycle and store what was found.

    Parameters
    ----------
    run : str
        Name of the run; results are stored under it.
    cycle : str
        ``2026Q3``, or ``2026``, which pools the year's own facts with those of its quarters.
    definitions
        Indicators; mappings are parsed first.
    weights
        The tree of weights; None gives the default families, equal inside.
    as_of : datetime
        The instant at which open, overdue and censored are judged; ten days after the cycle's end when
        None. With the same snapshot, as_of, definitions, weights and history the results are the same to
        the last byte.
    engine : str or Engine or callable
        ``duckdb``, ``spark://host:port``, an engine that is open and stays so, or a function that opens one.
    history : sequence of str
        Earlier runs, to compare with and to take baselines from.
    cache : str or Path, optional
        Folder in which the answers of pieces are kept, so that the next run reads only what is new.
    progress : callable, optional
        Called with the name of the stage (one of `STAGES`), how many are done, and how many there are.

    Returns
    -------
    dict
        The record of the run, also stored with it.
    """
    began = time.perf_counter()
    tell = progress or _silent
    parsed = [d if isinstance(d, Definition) else Definition.parse(d) for d in definitions]
    _refuse_twice(parsed)
    tree_of_weights = _weights(weights, parsed)
    store = results if isinstance(results, Results) else Results(results)
    tell(STAGES[0], 0, len(STAGES))
    with (
        _opened(engine, threads) as machine,
        tempfile.TemporaryDirectory(prefix="bihuan-measure-") as scratch,
    ):
        held = archive.at(snapshot)
        lasting = cache is not None and _writable(Path(cache))
        kept = Cache(cache if cache and lasting else Path(scratch, "cache"), held.digests())
        machine.keep(kept if lasting else None)
        context = Context.of(held, cycle, as_of=as_of, start=start, end=end, zone=zone, remote=machine.remote)
        runs = earlier_runs(store, history, cycle)
        cores = threads or os.cpu_count() or 1
        course = Course(run, parsed, tree_of_weights, store, runs, tell, cores)
        found = course.go(context, machine, Memo(kept), Path(scratch))
        record = {**found.record, "seconds": round(time.perf_counter() - began, 3)}
        store.finish(run, found.scores, found.signals, record)
        if lasting:
            kept.trim()
    tell(STAGES[4], len(STAGES), len(STAGES))
    return record


def _writable(folder: Path) -> bool:
    """Whether anything can be kept there; where not, a run takes longer and finds the same."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return os.access(folder, os.W_OK | os.X_OK)


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody is watching."""


def _opened(engine: str | Engine | Opener, threads: int | None) -> AbstractContextManager[Engine]:
    """The engine: opened for this run alone, or one that was open before and stays so."""
    if isinstance(engine, Engine):
        return nullcontext(engine)
    return open_engine(engine, threads) if isinstance(engine, str) else engine()


def _refuse_twice(definitions: Sequence[Definition]) -> None:
    codes = [d.code for d in definitions]
    for code in codes:
        if codes.count(code) > 1:
            raise ValueError(f"Indicator {code} is defined twice; one version counts in a cycle.")


def _weights(given: Weights | Mapping[str, Any] | None, definitions: Sequence[Definition]) -> Weights:
    if isinstance(given, Weights):
        return given
    if given is not None:
        return Weights.parse(given)
    families: dict[str, list[str]] = {}
    for definition in definitions:
        families.setdefault(definition.family, []).append(definition.code)
    return Weights.equal(families)
