"""What the numbers mean: status, what must be hidden, scores, standing, the score at the top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bihuan.measure import cycles
from bihuan.measure.context import Context
from bihuan.measure.frame import Frame
from bihuan.measure.scoring import Scores, composite_scores, parent_scores
from bihuan.measure.standing import NONE, goals, own_scores, standing
from bihuan.measure.suppress import hidden
from bihuan.measure.weights import Weights
from bihuan.stats.types import Bools, Floats

STATUSES = ("final", "provisional", "insufficient", "suppressed")
FINAL, PROVISIONAL, INSUFFICIENT, SUPPRESSED = range(len(STATUSES))


@dataclass(frozen=True)
class Judged:
    """By row of the frame, and the scores of the tree of weights.

    ``status`` and ``standing`` are places in `STATUSES` and `CLASSES`.
    """

    status: np.ndarray
    standing: np.ndarray
    target: Floats
    floor: Floats
    score: Floats
    score_low: Floats
    score_high: Floats
    red_line: Bools
    scores: Scores


def judge(
    frame: Frame,
    context: Context,
    weights: Weights,
    red: Bools,
    baselines: Mapping[int, Floats],
    correlation: Mapping[tuple[int, int], float],
) -> Judged:
    """Judge every row. Hidden rows lose their numbers here, before anything is made of them."""
    secret = hidden(frame)
    frame.hide(secret)
    status = _status(frame, context, secret)
    usable = status <= PROVISIONAL
    target, floor = goals(frame, dict(enumerate(frame.definitions)), baselines)
    score, low, high = own_scores(frame, target, floor)
    for array in (score, low, high):
        array[~usable] = np.nan
    score, low, high = parent_scores(frame, score, low, high, weights.min_present)
    stands = standing(frame, target, floor)
    stands[~usable] = NONE
    inspected = frame.of_definition([d.table == "inspection_items" for d in frame.definitions])
    red_line = inspected & red[frame.period, frame.place] if len(frame) else inspected
    scores = composite_scores(frame, weights, target, floor, usable, red[0], correlation)
    return Judged(status, stands, target, floor, score, low, high, red_line, scores)


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
