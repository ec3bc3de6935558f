"""What each number means by itself: status, score, standing."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from bihuan.measure import cycles
from bihuan.measure.context import Context
from bihuan.measure.frame import Frame
from bihuan.measure.standing import NONE, own_scores, standing
from bihuan.stats.types import Bools, Floats

STATUSES = ("final", "provisional", "insufficient", "suppressed")
FINAL, PROVISIONAL, INSUFFICIENT, SUPPRESSED = range(len(STATUSES))


@dataclass(frozen=True)
class Judged:
    """By row of the frame; ``status`` and ``standing`` are places in `STATUSES` and `CLASSES`."""

    status: np.ndarray
    standing: np.ndarray
    target: Floats
    floor: Floats
    score: Floats
    score_low: Floats
    score_high: Floats
    red_line: Bools

    @property
    def usable(self) -> Bools:
        """Rows whose number counts."""
        return np.asarray(self.status <= PROVISIONAL, np.bool_)

    def only(self, rows: Bools) -> Judged:
        """The rows that are marked."""
        return Judged(*(getattr(self, f.name)[rows] for f in fields(self)))


def judge(frame: Frame, context: Context, secret: Bools, goals: tuple[Floats, Floats], red: Bools) -> Judged:
    """Judge every row by its own value. Hidden rows lose their numbers here, before anything is made of them.

    ``goals`` are the target and the floor of each row; ``red[k]`` marks places for the whole cycle (0) and
    for each month (k).
    """
    frame.hide(secret)
    status = _status(frame, context, secret)
    usable = status <= PROVISIONAL
    target, floor = goals
    score, low, high = own_scores(frame, target, floor)
    for array in (score, low, high):
        array[~usable] = np.nan
    stands = standing(frame, target, floor)
    stands[~usable] = NONE
    inspected = frame.of_definition([d.table == "inspection_items" for d in frame.definitions])
    red_line = inspected & red[frame.period, frame.place] if len(frame) else inspected
    return Judged(status, stands, target, floor, score, low, high, red_line)


def _status(frame: Frame, context: Context, secret: Bools) -> np.ndarray:
    ends = [context.end, *(cycles.month_end(m, context.zone) for m in cycles.months(context.cycle))]
    unfinished = np.array([context.as_of < end for end in ends], np.bool_)
    least = np.array([d.min_n for d in frame.definitions] or [0], np.float64)
    found = np.full(len(frame), FINAL, np.int8)
    if not len(frame):
        return found
    found[unfinished[frame.period]] = PROVISIONAL
    found[np.isnan(frame["value"]) | (frame["n"] < least[frame.definition])] = INSUFFICIENT
    found[secret] = SUPPRESSED
    return found
