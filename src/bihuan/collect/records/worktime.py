"""The company's working calendars as the mapping engine needs them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.base.calendars import queries
from bihuan.base.calendars.models import WorkingCalendar
from bihuan.collect.records.mapping.clocks import CLOCK, TwentyFourHours
from bihuan.stats import business_time


class CompanyClocks:
    """Working time by the calendars in the database, read when first needed."""

    def __init__(self) -> None:
        self._clock: queries.WorkClock | None = None
        self._plain = TwentyFourHours()
        self._known = {CLOCK, *WorkingCalendar.objects.values_list("code", flat=True)}

    def known(self, code: str) -> bool:
        """Whether there is such a calendar."""
        return code in self._known

    @property
    def clock(self) -> queries.WorkClock:
        """All calendars, unrolled."""
        if self._clock is None:
            self._clock = queries.work_clock()
        return self._clock

    def _index(self, calendars: pa.Array) -> np.ndarray | None:
        """The calendar of each row; ``None`` where all rows run on the 24-hour clock."""
        coded = pc.fill_null(calendars, CLOCK).dictionary_encode()
        words = [code if self.known(code) else CLOCK for code in coded.dictionary.to_pylist()]
        if set(words) <= {CLOCK}:
            return None
        return self.clock.index(words)[coded.indices.to_numpy(zero_copy_only=False)]

    def minutes(self, calendars: pa.Array, start: pa.Array, end: pa.Array) -> pa.Array:
        """Working minutes between two instants; null where one is missing."""
        index = self._index(calendars)
        if index is None:
            return self._plain.minutes(calendars, start, end)
        found = business_time.minutes_between(self.clock.calendars, index, _instants(start), _instants(end))
        return pa.array(found, from_pandas=True)

    def after(self, calendars: pa.Array, start: pa.Array, minutes: pa.Array) -> pa.Array:
        """The instant so many working minutes later; null where something is missing or negative."""
        index = self._index(calendars)
        if index is None:
            return self._plain.after(calendars, start, minutes)
        length = minutes.to_numpy(zero_copy_only=False).astype(float)
        found = business_time.add_minutes(
            self.clock.calendars, index, _instants(start), np.where(length < 0, np.nan, length)
        )
        return pa.array(found).cast(start.type)


def _instants(array: pa.Array) -> np.ndarray:
    return array.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False).astype("datetime64[us]")
