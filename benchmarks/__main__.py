"""Run the races and print each ratio reached beside the ratio wanted.

``python -m benchmarks`` runs all of them, ``python -m benchmarks trend rules`` those that are named. The last
results are kept in ``benchmarks/out``; docs/performance.md says what each race does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import clock, estimates, evaluation, raking, series, spark
from benchmarks.data import OUT, generator
from benchmarks.race import MissingError, Outcome, shown


@dataclass(frozen=True)
class Race:
    """``run`` takes the options and gives the lines of the table."""

    wanted: str
    run: Callable[[argparse.Namespace], list[Outcome]]


def _evaluation(chosen: argparse.Namespace) -> list[Outcome]:
    if generator() is None:
        raise MissingError(
            "The generator of synthetic records is not on this machine. Set BIHUAN_PUBLIC_DATA to the folder "
            "of public data; the generator lies beside it, as performance/gen.py."
        )
    return evaluation.race(chosen)


RACES = {
    "evaluation": Race("at most 3x hand-written DuckDB SQL", _evaluation),
    "estimates": Race("at least 1,000x R survey, equal to 1e-9", lambda _: estimates.race()),
    "raking": Race("at least 20x ipfn", lambda _: raking.race()),
    "trend": Race("at least 400x pymannkendall", lambda _: series.trends()),
    "rules": Race("at least 3,000x shewhart, the same signals", lambda _: series.rules()),
    "clock": Race("no slower than polars' join", lambda _: clock.race()),
    "spark": Race("at most 10x DuckDB on the same cores, equal to 1e-9", spark.race),
}


def main() -> int:
    names = "; ".join(f"{name}: {race.wanted}" for name, race in RACES.items())
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, epilog=names)
    parser.add_argument("races", nargs="*", metavar="race", help=f"one of {', '.join(RACES)} (default: all)")
    parser.add_argument("--answers", type=float, default=1e7, help="answers to evaluate (default 1e7)")
    parser.add_argument("--orders", type=float, default=1e6, help="work orders to evaluate (default 1e6)")
    parser.add_argument("--items", type=float, default=5e6, help="inspection items to evaluate (default 5e6)")
    parser.add_argument("--full", action="store_true", help="evaluate 100, 10 and 50 million of them")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.races if name not in RACES]
    if unknown:
        parser.error(f"there is no race {', '.join(unknown)}; there are {', '.join(RACES)}")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start, Python {platform.python_version()}")
    if load > 0.5 * (os.cpu_count() or 1):
        print("Something else is running: the ratios say less than on a quiet machine.")
    for name in chosen.races or RACES:
        try:
            outcomes = RACES[name].run(chosen)
        except MissingError as exc:
            print(f"\n{name}: not run, the other side is missing. {exc}")
            continue
        for outcome in outcomes:
            print(f"\n{shown(outcome)}", flush=True)
        if outcomes:
            OUT.mkdir(exist_ok=True)
            Path(OUT, f"{name}.json").write_text(json.dumps([o.as_dict() for o in outcomes], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
