"""One evaluation: a cycle, a snapshot, an instant, definitions and weights; measurements and scores out."""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import scipy

from bihuan.archive.store import Archive
from bihuan.measure.assemble import measurement_table, score_table, sums_tables
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine, open_engine
from bihuan.measure.engine.cache import Cache
from bihuan.measure.facts import VERSIONED
from bihuan.measure.frame import Coded, Frame
from bihuan.measure.gather import Gathered, Gatherer, correlations
from bihuan.measure.history import baseline, changes, earlier_runs
from bihuan.measure.judge import judge
from bihuan.measure.results import Results
from bihuan.measure.scoring import SEED
from bihuan.measure.signals.run import find
from bihuan.measure.signals.tables import points_table
from bihuan.measure.versions import Seen, look
from bihuan.measure.weights import Weights

Progress = Callable[[str, int, int], None]
Opener = Callable[[], Engine]
STAGES = ("versions", "sums", "estimates", "scores", "results")


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
    with _opened(engine, threads) as machine:
        held = archive.at(snapshot)
        kept = None if cache is None else Cache(cache, held.digests())
        machine.keep(kept)
        context = Context.of(held, cycle, as_of=as_of, start=start, end=end, zone=zone, remote=machine.remote)
        tables = sorted({d.table for d in parsed} | {p.table for d in parsed for p in d.parts})
        seen = look(context, machine, tables)
        tell(STAGES[1], 1, len(STAGES))
        with tempfile.TemporaryDirectory(prefix="bihuan-measure-") as scratch:
            gathered = Gatherer(context, parsed, machine, seen, Path(scratch)).gather()
    tell(STAGES[2], 2, len(STAGES))
    frame = Frame.of(parsed, gathered.tree, gathered.blocks, gathered.items)
    tell(STAGES[3], 3, len(STAGES))
    runs = earlier_runs(store, history, cycle)
    baselines = {
        n: baseline(frame, store, runs, n)
        for n, d in enumerate(parsed)
        if d.target.of_baseline is not None or d.floor.of_baseline is not None
    }
    judged = judge(frame, context, tree_of_weights, gathered.red, baselines, correlations(gathered.cells))
    keys = _keys(frame, seen)
    measurements = measurement_table(
        frame, judged, changes(frame, store, runs, keys), keys, run=run, context=context
    )
    scores = score_table(judged, gathered.tree, run=run, context=context)
    tell(STAGES[4], 4, len(STAGES))
    record = _record(
        context, run, parsed, tree_of_weights, machine, gathered, seen, runs, measurements, scores
    )
    points = points_table(measurements)
    signals, record["signals"] = find(parsed, points, store, runs, run=run, cycle=cycle)
    record["pieces"] = machine.pieces
    record["seconds"] = round(time.perf_counter() - began, 3)
    sums = sums_tables(gathered.cells, parsed)
    store.write(run, measurements, scores, sums, record, points=points, signals=signals)
    if kept:
        kept.trim()
    tell(STAGES[4], len(STAGES), len(STAGES))
    return record


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


def _keys(frame: Frame, seen: Seen) -> dict[str, Coded]:
    """The texts that name each row."""
    versions = sorted({d.version for d in frame.definitions})
    of_definition = np.array([versions.index(d.version) for d in frame.definitions], np.int32)
    instrument, names = np.zeros(len(frame), np.int32), {"": 0}
    for table in VERSIONED:
        rows = frame.of_definition([d.table == table for d in frame.definitions])
        of_place = [names.setdefault(text, len(names)) for text in seen.instruments(table, frame.tree)]
        instrument[rows] = np.array([*of_place, 0], np.int32)[frame.place[rows]]
    return {
        "indicator": Coded(frame.definition, [d.code for d in frame.definitions]),
        "version": Coded(of_definition[frame.definition], versions),
        "instrument": Coded(instrument, list(names)),
        "place": Coded(frame.place, frame.tree.codes),
        "breakdown": Coded(frame.breakdown, frame.breakdowns),
        "item": Coded(frame.item, frame.items),
    }


def _record(
    context: Context,
    run: str,
    definitions: Sequence[Definition],
    weights: Weights,
    machine: Engine,
    gathered: Gathered,
    seen: Seen,
    runs: Sequence[str],
    measurements: pa.Table,
    scores: pa.Table,
) -> dict[str, Any]:
    there = set(measurements["indicator"].unique().to_pylist())
    partitions = [p for p in context.snapshot.partitions() if p.cycle in context.pooled]
    statuses = measurements["status"].value_counts().to_pylist()
    return {
        "run": run,
        "cycle": context.cycle,
        "pooled": list(context.pooled),
        "start": context.start.isoformat(),
        "end": context.end.isoformat(),
        "as_of": context.as_of.isoformat(),
        "zone": context.zone,
        "snapshot": context.snapshot.number,
        "partitions": [
            {"table": p.table, "source": p.source, "cycle": p.cycle, "rows": p.rows, "sha256": p.sha256}
            for p in partitions
        ],
        "engine": machine.version,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "pyarrow": pa.__version__,
        },
        "definitions": {d.code: {"version": d.version, "sha256": d.fingerprint} for d in definitions},
        "weights": weights.fingerprint,
        "seed": SEED,
        "history": list(runs),
        "not_measured": sorted({d.code for d in definitions} - there),
        "left_out": {table: len(keys) for table, keys in seen.dropped.items() if keys},
        "unplaced": sorted(gathered.tree.unplaced),
        "counts": {
            "facts": sum(p.rows for p in partitions),
            "places": len(gathered.tree),
            "cells": sum(len(c) for c in gathered.cells),
            "measurements": measurements.num_rows,
            "scores": scores.num_rows,
            "by_status": {s["values"]: s["counts"] for s in statuses},
        },
    }
