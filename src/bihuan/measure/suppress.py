"""Hides what too few people answered, before anything is stored for display."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.measure.frame import Coded, Frame
from bihuan.measure.places import Tree
from bihuan.measure.sums import Labels
from bihuan.stats import disclosure
from bihuan.stats.types import Bools, Ints


def asked(frame: Frame) -> Ints:
    """The rows about answers."""
    return np.flatnonzero(frame.of_definition([d.about_answers for d in frame.definitions]))


def counts_of(frame: Frame) -> pa.Table:
    """How many respondents stand under each of these rows."""
    rows = asked(frame)
    return pa.table(
        {
            "indicator": Coded(frame.definition[rows], [d.code for d in frame.definitions]).arrow,
            "place": Coded(frame.place[rows], frame.tree.codes).compact.arrow,
            "breakdown": Coded(frame.breakdown[rows], frame.breakdowns).arrow,
            "item": Coded(frame.item[rows], frame.items).arrow,
            "period": pa.array(frame.period[rows]),
            "n": pa.array(frame["n"][rows]),
        }
    )


def few_in(counts: pa.Table) -> list[str]:
    """The indicators with a number that too few people stand under."""
    small = pc.and_(pc.greater(counts["n"], 0), pc.less(counts["n"], disclosure.MINIMUM))
    return sorted(counts.filter(small)["indicator"].unique().to_pylist())


def hidden(tables: Sequence[pa.Table], tree: Tree, few: Sequence[str]) -> list[Bools]:
    """Rows of each table that must not be shown, or that would give away another that must not.

    Within an indicator, a place is the sum of the places under it, of its months, and of the items of
    each breakdown; every such sum is protected. Only the indicators in ``few`` have anything to hide.
    """
    found = [np.zeros(table.num_rows, np.bool_) for table in tables]
    chosen = [pc.is_in(t["indicator"], pa.array(few, pa.string())).to_numpy() for t in tables]
    whole = pa.concat_tables(t.filter(pa.array(keep)) for t, keep in zip(tables, chosen, strict=True))
    if not whole.num_rows:
        return found
    indicator, place, breakdown, item = (
        Labels.of(whole[name]) for name in ("indicator", "place", "breakdown", "item")
    )
    period = whole["period"].to_numpy().astype(np.int64)
    ways = [name for name in breakdown.names if name]
    way = np.array([ways.index(name) + 1 if name else -1 for name in breakdown.names], np.int64)
    secret = disclosure.suppress(
        whole["n"].to_numpy(),
        tree.places_of(place.names)[place.codes],
        tree.parent,
        breakdown=np.where(period > 0, 0, way[breakdown.codes]),  # months are a breakdown like others
        item=np.where(period > 0, period, item.codes),
        group=indicator.codes,
    ).suppressed
    edges = np.cumsum([0, *(int(keep.sum()) for keep in chosen)])
    for rows, keep, first, last in zip(found, chosen, edges[:-1], edges[1:], strict=True):
        rows[keep] = secret[first:last]
    return found
