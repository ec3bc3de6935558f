"""An evaluation of the largest company beside the same sums in SQL written by hand, in the same run.

Every side runs in a process of its own, so that its memory is its own, too. ``--full`` is the size that is
aimed at: 100 million answers, 10 million work orders and 50 million inspection items.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

import bihuan.standards
from benchmarks.by_hand import ByHand, Figures
from benchmarks.data import CYCLE, OUT, archive, with_news
from benchmarks.history import earlier
from benchmarks.race import Outcome
from bihuan.measure import definition as parts
from bihuan.measure.evaluate import evaluate
from bihuan.measure.results import Results

AS_OF = datetime(2026, 10, 10, 16, tzinfo=UTC)
TABLES = frozenset(
    {"answers", "work_orders", "inspection_items", "exposure", "assets", "measurements", "feedback"}
)
QUICK, FULL = (10_000_000, 1_000_000, 5_000_000), (100_000_000, 10_000_000, 50_000_000)
CATALOGUE = Path(bihuan.standards.__path__[0], "catalogue", "indicators.yaml")
RESULTS, CACHE = "results", "cache"
ONE, SPREAD = "one", "all"
AGAIN = {"nothing new": "", "new in one file": ONE, "new in all files": SPREAD}


def catalogue() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The indicators of the catalogue that the synthetic records can measure, and its weights."""
    shipped = yaml.safe_load(CATALOGUE.read_text())
    known = {*parts.REQUIRED, *parts.OPTIONAL, *parts.DESCRIPTIVE}
    found = []
    for given in shipped["indicators"]:
        if given["table"] in TABLES:
            own = known.union(*parts.KINDS[given["kind"]])
            found.append({"version": "1", **{k: v for k, v in given.items() if k in own}})
    return found, shipped["weights"]


def race(chosen: argparse.Namespace) -> list[Outcome]:
    """Both sides on one archive, then what a run costs after a few new facts."""
    sizes = FULL if chosen.full else (int(chosen.answers), int(chosen.orders), int(chosen.items))
    archive(*sizes)
    folder = Path(tempfile.mkdtemp(prefix="bihuan-bench-", dir=OUT))
    try:
        earlier(folder / RESULTS, *sizes)
        full = _apart("ours", folder, sizes, run="full")
        theirs = _apart("theirs", folder, sizes)
        same = _apart("same", folder, sizes)
        again = {name: _apart("ours", folder, sizes, run=name, news=news) for name, news in AGAIN.items()}
    finally:
        shutil.rmtree(folder)
    found = {"sizes": sizes, "full": full, "by hand": theirs, "same": same, **again}
    Path(OUT, "evaluation-parts.json").write_text(json.dumps(found, indent=1))
    _tell(found)
    return _outcomes(found)


def _apart(
    side: str, folder: Path, sizes: tuple[int, ...], *, run: str = "", news: str = ""
) -> dict[str, Any]:
    """One side in a process of its own; what it prints last is what it found."""
    asked = [sys.executable, "-m", "benchmarks.evaluation", side, str(folder), *map(str, sizes)]
    done = subprocess.run(
        [*asked, "--run", run.replace(" ", "-"), "--news", news],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _outcomes(found: dict[str, Any]) -> list[Outcome]:
    full, theirs = found["full"], found["by hand"]
    answers, orders, items = found["sizes"]
    what = f"{answers:,} answers, {orders:,} work orders, {items:,} inspection items"
    same = f"{found['same']['figures']:,} figures differ by {found['same']['worst']:.1e} at most, relatively"
    limits = "; wanted at most 60 s and 4 GiB" if found["sizes"] == FULL else ""
    how = f"{full['measurements']:,} measurements, peak memory {full['peak']:.2f} GiB{limits}"
    lines = [
        Outcome(
            f"evaluation, {what}",
            "SQL by hand",
            full["seconds"],
            theirs["seconds"],
            3.0,
            same,
            how,
            at_most=True,
        )
    ]
    for name in AGAIN:
        own = found[name]
        lines.append(
            Outcome(
                f"evaluation, {name}",
                "the full run",
                own["cpu"],
                full["cpu"],
                0.05 if name != "new in all files" else 1.0,
                f"{own['shares']['computed']} shares of projects worked out, {own['shares']['kept']} kept",
                f"CPU seconds; {own['facts']:,} of the facts are new",
                at_most=True,
            )
        )
    return lines


def _tell(found: dict[str, Any]) -> None:
    for name in ("full", "by hand", *AGAIN):
        own = found[name]
        stages = ", ".join(f"{stage} {cpu:.1f}" for stage, cpu in own.get("stages", {}).items())
        print(
            f"  {name:18} {own['seconds']:7.1f} s, {own['cpu']:7.1f} CPU s, {own['peak']:.2f} GiB  {stages}"
        )


def _ours(folder: Path, sizes: tuple[int, ...], run: str, news: str) -> dict[str, Any]:
    store = archive(*sizes)
    if news:
        kept = OUT / f"news-{news}-{'-'.join(map(str, sizes))}"
        store = with_news(store, kept, spread=news == SPREAD)
    first, now = (sum(p.rows for p in store.at(number).partitions()) for number in (1, None))
    definitions, weights = catalogue()
    results = Results(folder / RESULTS)
    stages: dict[str, float] = {}
    last = ["start", time.process_time()]

    def tell(stage: str, done: int, total: int) -> None:
        now = time.process_time()
        stages[str(last[0])] = stages.get(str(last[0]), 0.0) + now - float(last[1])
        last[:] = [stage, now]

    began, cpu = time.perf_counter(), time.process_time()
    record = evaluate(
        store, run=run, cycle=CYCLE, definitions=definitions, weights=weights, as_of=AS_OF, results=results,
        zone="UTC", history=[p.name[4:] for p in sorted(Path(results.root).glob("run=before-*"))],
        cache=folder / CACHE, progress=tell,
    )  # fmt: skip
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak": _peak(),
        "stages": stages,
        "facts": now - first,
        "measurements": record["counts"]["measurements"],
        "pieces": record["pieces"],
        "shares": record["shares"],
        "signals": record.get("signals"),
    }


def _theirs(folder: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    store = archive(*sizes)
    began, cpu = time.perf_counter(), time.process_time()
    figures = ByHand(store.at(), CYCLE, AS_OF, None).all()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    columns = {
        f"{name}|{column}": np.asarray(values, str) if values.dtype == object else values
        for name, own in figures.items()
        for column, values in own.items()
    }
    np.savez(folder / "figures.npz", **columns)
    return {"seconds": seconds, "cpu": cpu, "peak": _peak()}


def _same(folder: Path) -> dict[str, Any]:
    """Compare every figure of the SQL with the measurement of the same place, period and item."""
    held = np.load(folder / "figures.npz")
    figures: dict[str, Figures] = {}
    for key in held.files:
        name, column = key.split("|")
        figures.setdefault(name, {})[column] = held[key]
    results, worst, count = Results(folder / RESULTS), 0.0, 0
    for name, theirs in figures.items():
        if name.startswith("M06"):  # the SQL counts its events and does not divide by the exposure
            continue
        off, rows = _compare(results, name, theirs)
        worst, count = max(worst, off), count + rows
    return {"worst": worst, "figures": count}


def _compare(results: Results, name: str, theirs: Figures) -> tuple[float, int]:
    code, _, way = name.partition(" ")
    breakdown = "" if way in ("", "period", "building") else way
    mine = results.measurements("full", indicators=[code], breakdown=breakdown).to_pandas()
    mine = mine[mine.status != "suppressed"]
    mine["key"] = mine.place + "|" + (mine.period if way == "period" else mine.item)
    if way != "period":
        mine = mine[mine.period == ""]
    mine = mine.set_index("key")
    key = (
        theirs["place"].astype(object)
        + "|"
        + (theirs[way].astype(object) if way not in ("", "building") else "")
    )
    at = mine.index.get_indexer(key)
    there = at >= 0
    assert there.mean() > 0.5, f"{name}: only {there.sum()} of {len(there)} figures were found"
    worst = 0.0
    for column in ("value", *(["se"] if "se" in theirs else [])):
        own, other = mine[column].to_numpy()[at[there]], theirs[column][there].astype(float)
        use = np.isfinite(own) & np.isfinite(other)
        off = np.abs(own[use] - other[use]) / np.maximum(np.abs(other[use]), 1.0)
        worst = max(worst, float(off.max(initial=0.0)))
    return worst, int(there.sum())


def _peak() -> float:
    """The most memory that this process held; what ``getrusage`` says begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024**2


def main() -> None:
    """One side, for `race`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=["ours", "theirs", "same"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("sizes", nargs=3, type=int)
    parser.add_argument("--run", default="")
    parser.add_argument("--news", default="")
    chosen = parser.parse_args()
    sizes = tuple(chosen.sizes)
    match chosen.side:
        case "ours":
            found = _ours(chosen.folder, sizes, chosen.run, chosen.news)
        case "theirs":
            found = _theirs(chosen.folder, sizes)
        case _:
            found = _same(chosen.folder)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
