"""Reading the reference files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np


def expected(reference: Path) -> dict[str, Any]:
    return json.loads((reference / "expected.json").read_text(encoding="utf-8"))


def columns(path: Path) -> dict[str, np.ndarray]:
    """Columns of a CSV file: numbers where all are, NA being NaN, else text."""
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    out = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        try:
            out[name] = np.array([np.nan if v in ("NA", "") else float(v) for v in values])
        except ValueError:
            out[name] = np.array(values)
    return out


def same(actual: Any, wanted: Any, relative: float = 1e-9) -> None:
    """Equal to so many digits; 1e-9 for closed forms, 1e-6 for what is iterated."""
    np.testing.assert_allclose(np.squeeze(actual), np.squeeze(wanted), rtol=relative, atol=1e-12)
