"""What is wrong with single rows, gathered while a chunk is worked through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Reason:
    """Why a row was turned away: its number in the file, the column, a code and what the sentence needs."""

    row: int
    column: str
    code: str
    params: dict[str, Any]


@dataclass
class Problems:
    """Reasons for the rows of one chunk; ``rows`` holds their numbers in the file."""

    rows: np.ndarray
    reasons: list[Reason] = field(default_factory=list)
    seen: set[tuple[int, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.bad = np.zeros(len(self.rows), dtype=bool)

    def add(
        self, mask: np.ndarray, column: str, code: str, params: Callable[[int], dict[str, Any]] | None = None
    ) -> None:
        """Turn away the rows under ``mask``; ``params`` makes the details from a row's place in the chunk."""
        for i in np.flatnonzero(mask):
            self.one(int(i), column, code, params(int(i)) if params else {})

    def one(self, index: int, column: str, code: str, params: dict[str, Any]) -> None:
        """Turn away one row; the same fault of the same column is said once."""
        row = int(self.rows[index])
        self.bad[index] = True
        if (row, column, code) not in self.seen:
            self.seen.add((row, column, code))
            self.reasons.append(Reason(row, column, code, params))
