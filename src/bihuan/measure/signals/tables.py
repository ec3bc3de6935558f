"""What is stored: the leaf points of a run, so that later runs find them quickly, and what was tested."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

LEAF = "project"
SHOWN = ("final", "provisional")
_NAME = pa.dictionary(pa.int32(), pa.string())
TEXTS = ("indicator", "version", "instrument", "place", "period")
NUMBERS = ("value", "n", "n_eff", "denominator", "se", "df", "low", "high")

# One shown value of one project, without breakdown; ``period`` is "" for the whole cycle.
POINTS = pa.schema([(name, _NAME) for name in TEXTS] + [(name, pa.float64()) for name in NUMBERS])

# One row per tested series. Centre, limits and value are those of the point that is furthest off (``at``);
# ``points`` is how many stand before the cycle since ``phase_start``. A test that was not made has no p.
SIGNALS = pa.schema(
    [(name, pa.string()) for name in ("run", "cycle", "indicator", "version", "place", "period", "chart")]
    + [("points", pa.int32()), ("phase_start", pa.string()), ("provisional", pa.bool_())]
    + [("at", pa.string())]
    + [
        (name, pa.float64())
        for name in ("value", "center", "lower", "upper",
                     "p_level", "p_shift", "p_change", "p_trend", "p", "q")
    ]
    + [("signalled", pa.bool_()), ("kind", pa.string()), ("direction", pa.string())]
)  # fmt: skip
# What is known of a series by itself.
TESTED = pa.schema([f for f in SIGNALS if f.name not in ("run", "cycle", "q", "signalled", "direction")])


def points_table(measurements: pa.Table) -> pa.Table:
    """The leaf points among the measurements of one run."""
    keep = pc.and_(pc.equal(measurements["level"], LEAF), pc.equal(measurements["breakdown"], ""))
    keep = pc.and_(keep, pc.is_in(measurements["status"], pa.array(SHOWN)))
    keep = pc.and_(keep, pc.is_valid(measurements["value"]))
    return measurements.select(POINTS.names).filter(keep).cast(POINTS)
