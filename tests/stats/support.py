"""Reading the reference files."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

WATCH = "EXPECTED_VALUES_LOOKED_AT"  # names a file that gets the path of every value a test looks at


def expected(reference: Path) -> dict[str, Any]:
    found = json.loads((reference / "expected.json").read_text(encoding="utf-8"))
    return Watched(found, "", Path(os.environ[WATCH])) if os.environ.get(WATCH) else found


class Watched(dict[str, Any]):
    """Writes down which values are looked at, by their path."""

    def __init__(self, values: dict[str, Any], path: str, log: Path) -> None:
        super().__init__(values)
        self.path, self.log = path, log

    def __getitem__(self, key: str) -> Any:
        value, path = super().__getitem__(key), f"{self.path}/{key}".lstrip("/")
        if isinstance(value, dict):
            return Watched(value, path, self.log)
        with self.log.open("a", encoding="utf-8") as lines:
            lines.write(path + "\n")
        return value

    def items(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]
        return ((key, self[key]) for key in self)

    def values(self) -> Iterator[Any]:  # type: ignore[override]
        return (self[key] for key in self)


def leaves(values: dict[str, Any], path: str = "") -> Iterator[str]:
    """Path of every value that is no mapping itself."""
    for key, value in values.items():
        below = f"{path}/{key}".lstrip("/")
        if isinstance(value, dict):
            yield from leaves(value, below)
        else:
            yield below


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
