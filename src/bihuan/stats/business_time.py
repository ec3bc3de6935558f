"""Minutes between two instants on working calendars, and instants so many working minutes away.

A calendar is its open stretches, so that holidays, swapped working days and split shifts need no rules
here. With B(t) the open time before t, the minutes from s to e are B(e) - B(s). There is no clock in
this module: what is open "now" is judged at an instant that the caller names.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bihuan.stats.types import ArrayLike, Bools, Floats, Instants, Ints

DAY = 86_400_000_000
NOTHING = int(np.iinfo(np.int64).min)  # what NumPy keeps for NaT


@dataclass(frozen=True)
class Calendars:
    """Working calendars, made by `from_stretches`.

    Attributes
    ----------
    names : tuple of str
        Calendar i is ``names[i]``.
    first : ndarray of int
        Stretches of calendar i are ``first[i] <= k < first[i + 1]``.
    opened, closed : ndarray of int
        Microseconds since 1970 UTC, in order within a calendar.
    before : ndarray of int
        Open microseconds of the calendar before the stretch.
    """

    names: tuple[str, ...]
    first: Ints
    opened: Ints
    closed: Ints
    before: Ints
    _base: Ints
    _days: Ints
    _origin: Ints

    @classmethod
    def from_stretches(
        cls,
        names: Sequence[str],
        calendar_code_per_stretch: ArrayLike,
        open_us: ArrayLike,
        close_us: ArrayLike,
    ) -> Calendars:
        """Make calendars from open stretches in any order; stretches that meet or overlap become one.

        Parameters
        ----------
        names : sequence of str
            One for each calendar.
        calendar_code_per_stretch : array_like of int
            Which calendar the stretch belongs to, from 0.
        open_us, close_us : array_like
            Microseconds since 1970 UTC, or ``datetime64``.

        Raises
        ------
        ValueError
            When a stretch closes before it opens, or belongs to a calendar that is not named.
        """
        code = np.atleast_1d(np.asarray(calendar_code_per_stretch, dtype=np.int64))
        opened, closed = _microseconds(open_us), _microseconds(close_us)
        if not len(code) == len(opened) == len(closed):
            raise ValueError("calendar codes, openings and closings must be of one length")
        if code.size and (code.min() < 0 or code.max() >= len(names)):
            raise ValueError(f"a stretch names calendar {code.max()}, and there are {len(names)}")
        if np.any(closed <= opened):
            at = int(np.argmax(closed <= opened))
            raise ValueError(f"stretch {at} of calendar {names[code[at]]} closes before it opens")
        order = np.lexsort((opened, code))
        code, opened, closed = code[order], opened[order], closed[order]
        code, opened, closed = _merged(code, opened, closed)
        first = np.searchsorted(code, np.arange(len(names) + 1)).astype(np.int64)
        length = closed - opened
        passed = np.cumsum(length) - length
        starts = np.minimum(first[:-1], max(len(code) - 1, 0))
        offset = passed[starts] if len(code) else np.zeros(len(names), np.int64)
        before = passed - offset[code] if len(code) else passed
        return cls(tuple(names), first, opened, closed, before, *_day_table(first, opened, closed))

    def index(self, names: Sequence[str]) -> Ints:
        """Codes of calendars by name; -1, the 24-hour clock, for a name that is not among them."""
        known = {name: i for i, name in enumerate(self.names)}
        return np.array([known.get(name, -1) for name in names], dtype=np.int64)

    def covers(self, index: ArrayLike, instant: ArrayLike) -> Bools:
        """Whether the instant lies between the first opening and the last closing of the calendar.

        Outside of it no time is counted, and a result would be too small. The 24-hour clock covers all.
        """
        t = _microseconds(instant)
        c = np.broadcast_to(np.asarray(index, dtype=np.int64), t.shape)
        size = self.first[1:] - self.first[:-1]
        low = np.array([self.opened[a] if n else 1 for a, n in zip(self.first, size, strict=False)] or [1])
        high = np.array(
            [self.closed[a + n - 1] if n else 0 for a, n in zip(self.first, size, strict=False)] or [0]
        )
        inside = (t >= low[np.maximum(c, 0)]) & (t <= high[np.maximum(c, 0)])
        return (c < 0) | inside

    def _arrays(self) -> tuple[Ints, ...]:
        return (self.first, self._base, self._days, self._origin, self.opened, self.closed, self.before)


def _merged(code: Ints, opened: Ints, closed: Ints) -> tuple[Ints, Ints, Ints]:
    """Join stretches of one calendar that meet or overlap; input in order."""
    keep: list[int] = []
    ends: list[int] = []
    if len(code) and np.all((code[1:] != code[:-1]) | (opened[1:] > closed[:-1])):
        return code, opened, closed
    for i in range(len(code)):
        if keep and code[keep[-1]] == code[i] and opened[i] <= ends[-1]:
            ends[-1] = max(ends[-1], int(closed[i]))
        else:
            keep.append(i)
            ends.append(int(closed[i]))
    return code[keep], opened[keep], np.array(ends, np.int64)


def _day_table(first: Ints, opened: Ints, closed: Ints) -> tuple[Ints, Ints, Ints]:
    """For each 24 hours after the first opening: the first stretch that closes after they begin."""
    bases, tables, origins = [0], [], []
    for a, b in itertools.pairwise(first):
        origin = int(opened[a]) if b > a else 0
        count = (int(closed[b - 1]) - origin) // DAY + 1 if b > a else 1
        begins = origin + DAY * np.arange(count, dtype=np.int64)
        tables.append(a + np.searchsorted(closed[a:b], begins, side="right"))
        origins.append(origin)
        bases.append(bases[-1] + count)
    days = np.concatenate(tables) if tables else np.zeros(0, np.int64)
    return np.array(bases, np.int64), days.astype(np.int64), np.array(origins, np.int64)


def _microseconds(instants: ArrayLike) -> Ints:
    """Microseconds since 1970 UTC as int64; NaT becomes the smallest integer."""
    values = np.atleast_1d(np.asarray(instants))
    if values.dtype.kind == "M":
        return np.ascontiguousarray(values.astype("datetime64[us]").view(np.int64))
    if values.dtype.kind not in "iu":
        raise ValueError(f"instants are datetime64 or whole microseconds, not {values.dtype}")
    return np.ascontiguousarray(values.astype(np.int64))


def _rows(calendars: Calendars, index: ArrayLike, *instants: Ints) -> tuple[Ints, ...]:
    """Bring calendar codes and instants to one length."""
    code = np.atleast_1d(np.asarray(index, dtype=np.int64))
    if code.size and code.max() >= len(calendars.names):
        raise ValueError(f"there is no calendar {code.max()}: there are {len(calendars.names)}")
    return tuple(np.ascontiguousarray(x) for x in np.broadcast_arrays(code, *instants))


def minutes_between(calendars: Calendars, index: ArrayLike, start: ArrayLike, end: ArrayLike) -> Floats:
    """Working minutes from `start` to `end`.

    Parameters
    ----------
    calendars : Calendars
    index : array_like of int
        Calendar of each row; -1 is the 24-hour clock.
    start, end : array_like
        ``datetime64`` or microseconds since 1970 UTC. An end before its start gives a negative number.

    Returns
    -------
    ndarray
        Minutes; NaN where an instant is missing (NaT).
    """
    from bihuan.stats.kernels import clock  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    code, s, e = _rows(calendars, index, _microseconds(start), _microseconds(end))
    out = np.empty(len(code))
    tables = calendars._arrays()
    in_threads(lambda a, b: clock.minutes_between(code, s, e, NOTHING, *tables, out, a, b), len(code))
    return out


def add_minutes(calendars: Calendars, index: ArrayLike, start: ArrayLike, minutes: ArrayLike) -> Instants:
    """Return the first instant at which `minutes` of working time have passed since `start`.

    ``minutes_between(start, add_minutes(start, m)) == m``. A limit that ends with the working day ends at
    the closing, not at the next opening; 0 minutes is the start itself.

    Parameters
    ----------
    calendars : Calendars
    index : array_like of int
        Calendar of each row; -1 is the 24-hour clock.
    start : array_like
        ``datetime64`` or microseconds since 1970 UTC.
    minutes : array_like
        Not negative.

    Returns
    -------
    ndarray of datetime64[us]
        NaT where something is missing, or where the calendar ends before the minutes have passed.
    """
    from bihuan.stats.kernels import clock  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    wanted = np.atleast_1d(np.asarray(minutes, dtype=np.float64))
    if np.any(wanted < 0):
        raise ValueError("minutes to add are not negative")
    code, s, _ = _rows(calendars, index, _microseconds(start), np.zeros(wanted.shape, np.int64))
    wanted = np.ascontiguousarray(np.broadcast_to(wanted, code.shape))
    out = np.empty(len(code), np.int64)
    tables = calendars._arrays()
    in_threads(lambda a, b: clock.add_minutes(code, s, wanted, NOTHING, *tables, out, a, b), len(code))
    return out.view("datetime64[us]")
