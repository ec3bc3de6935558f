from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.stats import business_time
from bihuan.stats.business_time import Calendars, add_minutes, minutes_between

HOUR = 3_600_000_000
MONDAY = np.datetime64("2026-09-28T00:00", "us")


def _day(day, *shifts):
    start = np.datetime64(day, "us")
    return [(start + np.timedelta64(a, "h"), start + np.timedelta64(b, "h")) for a, b in shifts]


def _week(first, days, *shifts):
    start = np.datetime64(first, "D")
    return [s for k in days for s in _day(str(start + k), *shifts)]


def _calendars(**calendars):
    rows = [(i, *s) for i, stretches in enumerate(calendars.values()) for s in stretches]
    return Calendars.from_stretches(
        list(calendars),
        [r[0] for r in rows],
        np.array([r[1] for r in rows], "datetime64[us]"),
        np.array([r[2] for r in rows], "datetime64[us]"),
    )


# National Day 2026: closed from Thursday 1 to Wednesday 7 October, Saturday 10 October worked instead
OFFICE = _calendars(
    office=[
        *_week("2026-09-28", range(3), (9, 12), (14, 18)),
        *_week("2026-10-05", (3, 4, 5), (9, 12), (14, 18)),
        *_week("2026-10-12", range(5), (9, 12), (14, 18)),
    ],
    desk=_week("2026-09-28", range(21), (8, 20)),
)


def _t(text):
    return np.array([np.datetime64(text, "us")])


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-09-28T09:00", "2026-09-28T10:30", 90),
        ("2026-09-28T11:30", "2026-09-28T14:30", 60),  # the lunch hours do not count
        ("2026-09-28T12:30", "2026-09-28T13:00", 0),
        ("2026-09-28T17:00", "2026-09-29T10:00", 120),
        ("2026-09-30T17:30", "2026-10-08T09:30", 60),  # over the holidays
        ("2026-10-09T18:00", "2026-10-10T18:00", 420),  # the Saturday that is worked
        ("2026-10-10T18:00", "2026-10-11T23:00", 0),
        ("2026-09-28T10:00", "2026-09-28T09:30", -30),
        ("2026-09-01T00:00", "2026-12-01T00:00", 11 * 420),
    ],
)
def test_minutes_between(start, end, minutes):
    assert minutes_between(OFFICE, 0, _t(start), _t(end)).tolist() == [minutes]


def test_the_clock_that_never_stops():
    found = minutes_between(
        OFFICE, [-1, 0], _t("2026-10-01T00:00").repeat(2), _t("2026-10-02T00:00").repeat(2)
    )
    assert found.tolist() == [1440, 0]


def test_each_row_its_own_calendar():
    found = minutes_between(
        OFFICE, OFFICE.index(["desk", "office", "other"]), _t("2026-09-28T08:00"), _t("2026-09-28T10:00")
    )
    assert found.tolist() == [120, 60, 120]


def test_what_is_missing():
    start = np.array(["2026-09-28T09:00", "NaT"], "datetime64[us]")
    assert np.isnan(minutes_between(OFFICE, 0, start, start[::-1])).all()
    assert np.isnat(add_minutes(OFFICE, 0, start, [np.nan, 5])).all()


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-28T09:00", 30, "2026-09-28T09:30"),
        ("2026-09-28T11:30", 60, "2026-09-28T14:30"),
        ("2026-09-28T11:30", 30, "2026-09-28T12:00"),  # at the closing, not at the next opening
        ("2026-09-27T03:00", 30, "2026-09-28T09:30"),
        ("2026-09-30T17:30", 60, "2026-10-08T09:30"),
        ("2026-10-08T09:00", 3 * 420, "2026-10-10T18:00"),
        ("2026-10-10T20:00", 0, "2026-10-10T20:00"),
        ("2026-09-28T09:00", 0.5, "2026-09-28T09:00:30"),
        ("2026-10-16T17:59", 2, "NaT"),  # the calendar ends before
    ],
)
def test_add_minutes(start, minutes, end):
    found = add_minutes(OFFICE, 0, _t(start), minutes)
    assert str(found[0]) == str(np.datetime64(end, "us"))


def test_add_minutes_on_the_clock():
    assert str(add_minutes(OFFICE, -1, _t("2026-10-01T00:00"), 90)[0]) == "2026-10-01T01:30:00.000000"
    with pytest.raises(ValueError, match="not negative"):
        add_minutes(OFFICE, 0, _t("2026-10-01T00:00"), -1)


def test_stretches_that_overlap_count_once():
    merged = Calendars.from_stretches(["a"], [0, 0, 0], [0, HOUR // 2, 2 * HOUR], [HOUR, 2 * HOUR, 3 * HOUR])
    assert (merged.opened.tolist(), merged.closed.tolist()) == ([0], [3 * HOUR])
    assert minutes_between(merged, 0, [0], [4 * HOUR]).tolist() == [180]


def test_calendars_that_cannot_be():
    with pytest.raises(ValueError, match="stretch 1 of calendar a closes before it opens"):
        Calendars.from_stretches(["a"], [0, 0], [0, 5], [3, 5])
    with pytest.raises(ValueError, match="calendar 1"):
        Calendars.from_stretches(["a"], [1], [0], [3])
    with pytest.raises(ValueError, match="one length"):
        Calendars.from_stretches(["a"], [0, 0], [0], [3])
    with pytest.raises(ValueError, match="no calendar 2"):
        minutes_between(OFFICE, 2, _t("2026-10-01"), _t("2026-10-02"))
    with pytest.raises(ValueError, match="whole microseconds"):
        minutes_between(OFFICE, 0, [0.5], [1.5])


def test_a_calendar_without_stretches_is_always_closed():
    empty = Calendars.from_stretches(["closed", "open"], [1], [0], [HOUR])
    assert minutes_between(empty, [0, 1], [0, 0], [HOUR, HOUR]).tolist() == [0, 60]
    assert np.isnat(add_minutes(empty, [0], [0], [5])).all()
    nobody = Calendars.from_stretches([], [], np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert minutes_between(nobody, -1, [0], [HOUR]).tolist() == [60]
    assert nobody.covers(-1, [0]).tolist() == [True]


def test_what_a_calendar_covers():
    instants = np.array(["2026-09-28T08:59", "2026-10-01T00:00", "2026-10-17T00:00"], "datetime64[us]")
    assert OFFICE.covers(0, instants).tolist() == [False, True, False]
    assert OFFICE.covers(-1, instants).all()


def test_against_busday_count():
    """Whole days of a calendar with one shift are what NumPy counts."""
    rng = np.random.default_rng(1)
    holidays = np.datetime64("2026-01-01", "D") + rng.choice(365, 20, replace=False)
    days = np.datetime64("2026-01-01", "D") + np.arange(365)
    open_days = days[np.is_busday(days, holidays=holidays)].astype("datetime64[us]")
    calendar = Calendars.from_stretches(
        ["a"],
        np.zeros(len(open_days), int),
        open_days + np.timedelta64(9, "h"),
        open_days + np.timedelta64(17, "h"),
    )
    a, b = np.sort(rng.integers(0, 365, (2, 500)), axis=0)
    found = minutes_between(calendar, 0, days[a].astype("datetime64[us]"), days[b].astype("datetime64[us]"))
    assert found.tolist() == (np.busday_count(days[a], days[b], holidays=holidays) * 480.0).tolist()


def _slow(stretches, start, end):
    return sum(max(0, min(end, b) - max(start, a)) for a, b in stretches)


_MINUTES = st.integers(0, 14 * 1440)


@st.composite
def _shifts(draw):
    edges = sorted(draw(st.sets(_MINUTES, min_size=2, max_size=40)))
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]


def _of_minutes(stretches):
    a, b = np.array(stretches, np.int64).T * 60_000_000
    return Calendars.from_stretches(["x"], np.zeros(len(a), np.int64), a, b)


@settings(max_examples=200, deadline=None)
@given(_shifts(), _MINUTES, _MINUTES, _MINUTES)
def test_time_adds_up(stretches, one, two, three):
    calendar = _of_minutes(stretches)
    a, b, c = sorted([one, two, three])

    def between(start, end):
        return float(minutes_between(calendar, 0, [start * 60_000_000], [end * 60_000_000])[0])

    assert between(a, b) == _slow(stretches, a, b)
    assert between(a, b) + between(b, c) == between(a, c)
    assert between(a, c) == -between(c, a)
    assert 0 <= between(a, b) <= b - a


@settings(max_examples=200, deadline=None)
@given(_shifts(), _MINUTES, st.integers(1, 5000))
def test_adding_is_the_inverse(stretches, start, minutes):
    calendar = _of_minutes(stretches)
    end = add_minutes(calendar, 0, [start * 60_000_000], minutes)
    left = _slow(stretches, start, 20 * 1440)
    if left < minutes:
        assert np.isnat(end[0])
        return
    at = int(end.view(np.int64)[0])
    assert minutes_between(calendar, 0, [start * 60_000_000], [at])[0] == minutes
    # and it is the first such instant
    assert minutes_between(calendar, 0, [start * 60_000_000], [at - 60_000_000])[0] == minutes - 1


def test_millions_of_rows():
    rng = np.random.default_rng(3)
    n = 1_000_000
    day = 24 * HOUR
    opens = np.concatenate([np.arange(700) * day + 9 * HOUR, np.arange(700) * day + 14 * HOUR])
    calendars = Calendars.from_stretches(
        [str(k) for k in range(20)],
        np.repeat(np.arange(20), 1400),
        np.tile(opens, 20),
        np.tile(opens, 20) + 3 * HOUR,
    )
    start = rng.integers(0, 600 * day, n)
    end = start + rng.integers(0, 20 * day, n)
    index = rng.integers(-1, 20, n)
    found = minutes_between(calendars, index, start, end)
    back = add_minutes(calendars, index, start, found)
    np.testing.assert_allclose(minutes_between(calendars, index, start, back), found, rtol=0, atol=1e-7)
    assert (back.view(np.int64) <= end).all()


def test_no_clock_in_the_room():
    """What is open now is judged at an instant that the caller names."""
    source = Path(business_time.__file__).read_text(encoding="utf-8")
    assert "now(" not in source
    assert "today(" not in source
