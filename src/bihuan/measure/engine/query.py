"""What an engine is asked, and what it must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

import ibis.expr.types as ir
import pyarrow as pa

from bihuan.measure.engine.fold import Fold, Take, Tally

if TYPE_CHECKING:
    from bihuan.measure.engine.cache import Cache


@dataclass(frozen=True)
class Query:
    """An expression over unbound tables, and the files of each of them.

    ``table`` is taken piece by piece; the ``beside`` tables are whole in every piece, and their files were
    made on this machine. ``fold`` says the same as the expression, for an engine that groups rows itself.
    """

    expression: ir.Table
    table: str
    files: Sequence[str]
    beside: Mapping[str, Sequence[str]]
    whole: bool = False
    fold: Fold | Take | Tally | None = None


class EngineError(RuntimeError):
    """The engine cannot do what it was asked; the message says why and what to do, ``code`` in a word."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Engine(ABC):
    """Runs expressions over the files of a snapshot; gives back what it holds when it is closed.

    Where ``remote`` is true the engine reads the archive itself, by the addresses of the store.
    """

    remote = False

    @property
    @abstractmethod
    def version(self) -> str:
        """Name and version, for the record of a run."""

    @abstractmethod
    def run(self, queries: Sequence[Query]) -> list[pa.Table]:
        """The answer of each query, with the types of its expression; the order of rows means nothing."""

    @property
    def pieces(self) -> dict[str, int]:
        """How many pieces were computed and how many were kept, since `keep` was called; for the record."""
        return {}

    def keep(self, cache: Cache | None) -> None:  # noqa: B027  (an engine may keep nothing)
        """Keep answers for the next run, where the engine can; nothing ends that."""

    def close(self) -> None:  # noqa: B027  (an engine may hold nothing)
        """Give back what the engine holds; it holds nothing where nothing is said."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
