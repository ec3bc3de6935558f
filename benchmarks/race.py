"""What every race has: two sides that do the same work in one run, and what came of it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


class Seconds(float):
    """Seconds on the clock; ``processor`` is how long all threads together worked."""

    processor: float

    def __new__(cls, clock: float, processor: float) -> Seconds:
        made = super().__new__(cls, clock)
        made.processor = processor
        return made

    def scaled(self, factor: float) -> Seconds:
        """The same for so many times as much work."""
        return Seconds(self * factor, self.processor * factor)


@dataclass(frozen=True)
class Outcome:
    """One line of the table: seconds of both sides, the ratio reached beside the ratio wanted.

    ``at_most`` says that the ratio is ours to theirs and a small one is wanted; else it is theirs to ours.
    ``same`` says how far both sides agree, ``how`` what was timed.
    """

    race: str
    peer: str
    ours: float
    theirs: float
    wanted: float
    same: str
    how: str
    at_most: bool = False

    @property
    def reached(self) -> float:
        return self.ours / self.theirs if self.at_most else self.theirs / self.ours

    @property
    def met(self) -> bool:
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "reached": self.reached, "met": self.met}


class MissingError(Exception):
    """The other side is not on this machine; the message says how to get it."""


def best(times: int, work: Callable[[], Result]) -> tuple[Seconds, Result]:
    """Seconds of the fastest of several runs, and the result of the last."""
    clock = processor = float("inf")
    for _ in range(times):
        gc.collect()
        began, worked = time.perf_counter(), time.process_time()
        result = work()
        processor = min(processor, time.process_time() - worked)
        clock = min(clock, time.perf_counter() - began)
    return Seconds(clock, processor), result


def shown(outcome: Outcome) -> str:
    """A few lines for the terminal."""
    sign = "at most" if outcome.at_most else "at least"
    digits = 2 if outcome.at_most or outcome.reached < 10 else 0
    busy = ""
    if isinstance(outcome.ours, Seconds) and isinstance(outcome.theirs, Seconds):
        ours, theirs = outcome.ours.processor, outcome.theirs.processor
        busy = f"  processor time {ours:,.4g} s against {theirs:,.4g} s: {theirs / ours:,.{digits}f}x\n"
    verdict = "reached" if outcome.met else "FELL SHORT"
    return (
        f"{outcome.race}\n"
        f"  wanted {sign} {outcome.wanted:,g}x, {verdict}: {outcome.reached:,.{digits}f}x\n"
        f"  Bihuan {outcome.ours:,.4g} s, {outcome.peer} {outcome.theirs:,.4g} s; {outcome.how}\n{busy}"
        f"  {outcome.same}"
    )
