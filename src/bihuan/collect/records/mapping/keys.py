"""Keys seen so far in one file, in sixteen bytes each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


class KeyBook:
    """Finds the second row with a key. Keys are kept as 64-bit hashes: among a million, two different keys
    share one with a chance of 3 in 100 million, and then the later row is sent back, never lost."""

    def __init__(self) -> None:
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, keys: pa.Array, rows: np.ndarray) -> np.ndarray:
        """Remember these keys; returns, per key, the row it stood in first, or -1 where it is new."""
        hashes = np.fromiter(map(hash, keys.to_pylist()), dtype=np.int64, count=len(keys))
        first = np.full(len(hashes), -1, dtype=np.int64)
        for run, run_rows in self._runs:
            at = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            hit = run[at] == hashes
            first[hit] = run_rows[at[hit]]
        unique, start = np.unique(hashes, return_index=True)
        again = np.ones(len(hashes), dtype=bool)
        again[start] = False
        inside = again & (first < 0)
        first[inside] = rows[start[np.searchsorted(unique, hashes[inside])]]
        new = first < 0
        if new.any():
            order = np.argsort(hashes[new], kind="stable")
            self._merge(hashes[new][order], rows[new][order])
        return first

    def _merge(self, hashes: np.ndarray, rows: np.ndarray) -> None:
        """Keep few runs, each much longer than the next, so that a look-up stays short."""
        while self._runs and len(self._runs[-1][0]) < 2 * len(hashes):
            old, old_rows = self._runs.pop()
            hashes, rows = np.concatenate([old, hashes]), np.concatenate([old_rows, rows])
            order = np.argsort(hashes, kind="stable")
            hashes, rows = hashes[order], rows[order]
        self._runs.append((hashes, rows))
