"""Whether a plan worked, from measured results: what is compared, how, and what follows from it."""

from bihuan.improve.effects.design import Design, design
from bihuan.improve.effects.judge import Judged, judge, worst
from bihuan.improve.effects.readings import Pooled, Reading, Series, pool, series

__all__ = ["Design", "Judged", "Pooled", "Reading", "Series", "design", "judge", "pool", "series", "worst"]
