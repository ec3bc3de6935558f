"""Hides what too few people answered, before anything is stored for display."""

from __future__ import annotations

import numpy as np

from bihuan.measure.frame import Frame
from bihuan.stats import disclosure
from bihuan.stats.types import Bools

MONTHS = 0  # the breakdown that the months of a cycle are


def hidden(frame: Frame) -> Bools:
    """Rows about answers that must not be shown, or that would give away another that must not.

    Within an indicator, a place is the sum of the places under it, of its months, and of the items of
    each breakdown; every such sum is protected.
    """
    asked = np.flatnonzero(frame.of_definition([d.about_answers for d in frame.definitions]))
    found = np.zeros(len(frame), np.bool_)
    if not len(asked):
        return found
    monthly = frame.period[asked] > 0
    breakdown = np.where(frame.breakdown[asked] == 0, -1, frame.breakdown[asked].astype(np.int64) + MONTHS)
    breakdown = np.where(monthly, MONTHS, breakdown)
    item = np.unique(frame.item[asked], return_inverse=True)[1]
    item = np.where(monthly, frame.period[asked], item)
    found[asked] = disclosure.suppress(
        frame["n"][asked],
        frame.place[asked].astype(np.int64),
        frame.tree.parent,
        breakdown=breakdown,
        item=item,
        group=frame.definition[asked].astype(np.int64),
    ).suppressed
    return found
