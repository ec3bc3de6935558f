"""Run the races and print what came of them; the last results are kept in ``benchmarks/out``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import evaluation
from benchmarks.data import OUT, generator


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--answers", type=float, default=1e7, help="answers to evaluate (default 1e7)")
    parser.add_argument("--orders", type=float, default=1e6, help="work orders to evaluate (default 1e6)")
    parser.add_argument("--threads", type=int, default=None, help="cores to use (default: all)")
    chosen = parser.parse_args()
    if generator() is None:
        print(
            "The generator of synthetic records is not on this machine. Set BIHUAN_PUBLIC_DATA to the folder "
            "of public data; the generator lies beside it, as performance/gen.py."
        )
        return
    found = evaluation.race(int(chosen.answers), int(chosen.orders), chosen.threads)
    Path(OUT, "evaluation.json").write_text(json.dumps(found, indent=1))
    print(f"\nevaluation of {found['answers']:,} answers and {found['orders']:,} work orders")
    for name, value in found.items():
        print(f"  {name:28} {value:,.2f}" if isinstance(value, float) else f"  {name:28} {value}")


if __name__ == "__main__":
    main()
