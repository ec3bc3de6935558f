"""What an engine is asked, and what it must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import pyarrow as pa


@dataclass(frozen=True)
class Query:
    """An expression over unbound tables, and the files of each of them.

    ``table`` is taken piece by piece; the ``beside`` tables are whole in every piece.
    """

    expression: ir.Table
    table: str
    files: Sequence[str]
    beside: Mapping[str, Sequence[str]]
    whole: bool = False


class Engine(ABC):
    """Runs expressions over the files of a snapshot."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Name and version, for the record of a run."""

    @abstractmethod
    def run(self, queries: Sequence[Query]) -> list[pa.Table]:
        """The answer of each query, with the types of its expression; the order of rows means nothing."""
