"""Working time against known days, and against an oracle that counts minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.archive.schema import DIMENSIONS
from bihuan.base.calendars import hours, queries
from bihuan.base.calendars.models import DayException, PlaceCalendar, WeeklyHours, WorkingCalendar
from bihuan.base.places.models import Place

SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def office() -> WorkingCalendar:
    return WorkingCalendar.objects.get(code="office")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-23 09:00", "2026-11-23 18:00", 450),  # a Monday: 3 h and 4.5 h
        ("2026-11-23 11:30", "2026-11-23 14:00", 60),  # over lunch
        ("2026-11-20 17:00", "2026-11-23 10:00", 120),  # over a weekend
        ("2026-02-14 09:00", "2026-02-14 18:00", 450),  # Saturday, worked for the Spring Festival
        ("2026-02-15 00:00", "2026-02-24 00:00", 0),  # nine days of Spring Festival
        ("2026-02-28 10:00", "2026-02-28 12:00", 120),  # Saturday, worked
        ("2026-09-20 09:00", "2026-09-20 12:00", 180),  # Sunday, worked for the National Day
        ("2026-09-30 17:00", "2026-10-08 10:00", 120),  # over the National Day
        ("2026-10-10 13:30", "2026-10-10 18:00", 270),  # Saturday, worked
        ("2026-10-11 09:00", "2026-10-11 18:00", 0),  # an ordinary Sunday
        ("2026-11-23 10:00", "2026-11-23 09:30", -30),
    ],
)
def test_known_days_of_2026(office, start, end, minutes):
    assert queries.minutes_between(office, at(start), at(end)) == minutes


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23 09:00", 0, "2026-11-23 09:00"),
        ("2026-11-23 17:30", 60, "2026-11-24 09:30"),
        ("2026-09-30 17:30", 60, "2026-10-08 09:30"),
        ("2026-02-13 17:30", 60, "2026-02-14 09:30"),
        ("2026-11-21 12:00", 450, "2026-11-23 18:00"),
        ("2026-01-05 09:00", 450 * 300, None),
    ],
)
def test_adding_minutes(office, start, minutes, end):
    found = queries.add_minutes(office, at(start), minutes)
    assert queries.minutes_between(office, at(start), found) == minutes
    if end:
        assert found == at(end)


def test_the_clock_never_stops():
    clock = WorkingCalendar.objects.get(code="24h")
    assert queries.minutes_between(clock, at("2026-02-16 00:00"), at("2026-02-17 00:00")) == 1440
    assert queries.add_minutes(clock, at("2026-02-16 00:00"), 90) == at("2026-02-16 01:30")


def test_a_calendar_without_hours_says_so():
    empty = WorkingCalendar.objects.create(code="empty", name_zh="空")
    with pytest.raises(ValueError, match="空"):
        queries.add_minutes(empty, at("2026-02-16 00:00"), 1)


def test_a_night_shift_belongs_to_the_day_it_begins_on():
    night = WorkingCalendar.objects.create(code="night", name_zh="夜班")
    WeeklyHours.objects.create(calendar=night, weekday=4, hours="22:00-06:00")
    assert queries.minutes_between(night, at("2026-11-20 00:00"), at("2026-11-22 00:00")) == 480
    DayException.objects.create(calendar=night, day=date(2026, 11, 21), hours="")
    assert queries.minutes_between(night, at("2026-11-21 00:00"), at("2026-11-21 08:00")) == 360


def test_many_rows_at_once(office):
    clock = queries.work_clock(date(2026, 1, 1), date(2026, 12, 31))
    start = np.array(["2026-11-23T01:00", "2026-11-23T01:00", "NaT"], "datetime64[us]")
    end = np.array(["2026-11-24T01:00"] * 3, "datetime64[us]")
    found = clock.minutes_between(["office", "24h", "office"], start, end)
    assert found[:2].tolist() == [450, 1440]
    assert np.isnan(found[2])
    assert clock.add_minutes(["office"], start[:1], [450])[0] == np.datetime64("2026-11-23T10:00", "us")
    with pytest.raises(ValueError, match="nowhere"):
        clock.minutes_between(["nowhere"], start[:1], end[:1])


def test_the_dimension_has_the_archive_schema():
    table = queries.stretches_dimension(date(2026, 9, 28), date(2026, 10, 11))
    assert table.schema == DIMENSIONS["calendars"].arrow
    days = sorted({row["day"] for row in table.to_pylist()})
    assert [d.isoformat() for d in days] == [
        "2026-09-28", "2026-09-29", "2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10",
    ]  # fmt: skip
    assert table.to_pylist()[0] == {
        "calendar": "office",
        "day": date(2026, 9, 28),
        "open_at": datetime(2026, 9, 28, 1, tzinfo=UTC),
        "close_at": datetime(2026, 9, 28, 4, tzinfo=UTC),
    }
    assert queries.stretches_dimension().num_rows > 2 * 200 * 16


def test_the_nearest_place_above_decides(office):
    company = Place.objects.plant(code="CO", kind="company", name_zh="公司")
    city = Place.objects.plant(parent=company, code="CITY", kind="city", name_zh="城市")
    Place.objects.plant(parent=city, code="P1", kind="project", name_zh="项目一")
    Place.objects.plant(parent=company, code="P2", kind="project", name_zh="项目二")
    own = WorkingCalendar.objects.create(code="own", name_zh="自有")
    PlaceCalendar.objects.create(place_code="CITY", calendar=own)
    wanted = {"P1": "own", "P2": "office", "CITY": "own", "nowhere": "office"}
    assert queries.calendars_for(wanted) == wanted
    PlaceCalendar.objects.create(place_code="P1", calendar=office)
    assert queries.calendar_for("P1") == office


@st.composite
def weeks(draw):
    cuts = st.lists(st.integers(0, 96), min_size=0, max_size=6, unique=True).map(sorted)
    week = {}
    for day in range(7):
        points = draw(cuts)
        pairs = [(a * 15, b * 15) for a, b in zip(points[::2], points[1::2], strict=False)]
        week[day] = [p for p in pairs if p[0] < p[1]]
    return week


def slow_minutes(week, off, start, end):
    """Count the open minutes one by one."""
    minute, count = start, 0
    while minute < end:
        local = minute.astimezone(SHANGHAI)
        here = local.hour * 60 + local.minute
        if local.date() not in off:
            count += any(a <= here < b for a, b in week[local.weekday()])
        minute += timedelta(minutes=1)
    return count


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    week=weeks(),
    off=st.sets(st.integers(0, 9)),
    start=st.integers(0, 10 * 1440),
    length=st.integers(0, 4 * 1440),
)
def test_minutes_agree_with_counting_them(week, off, start, length):
    first = datetime(2026, 4, 29, 16, tzinfo=UTC)
    WorkingCalendar.objects.filter(code="try").delete()
    calendar = WorkingCalendar.objects.create(code="try", name_zh="试")
    WeeklyHours.objects.bulk_create(
        WeeklyHours(calendar=calendar, weekday=day, hours=hours.write(stretches))
        for day, stretches in week.items()
    )
    days = {date(2026, 4, 30) + timedelta(days=n) for n in off}
    DayException.objects.bulk_create(DayException(calendar=calendar, day=day) for day in days)
    begin = first + timedelta(minutes=start)
    end = begin + timedelta(minutes=length)
    wanted = slow_minutes(week, days, begin, end)
    assert queries.minutes_between(calendar, begin, end) == wanted
    if wanted:
        assert (
            queries.minutes_between(calendar, begin, queries.add_minutes(calendar, begin, wanted)) == wanted
        )


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("8:30-12:00，13:30～17:30", "08:30-12:00 13:30-17:30"),
        ("13:30 - 17:30; 08:30 – 12:00", "08:30-12:00 13:30-17:30"),
        ("22:00-06:00", "22:00-06:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_write_them(text, tidied):
    assert hours.tidy(text) == tidied
    assert hours.tidy(hours.tidy(text)) == tidied


@pytest.mark.parametrize(
    "text", ["9-12", "25:00-26:00", "09:00-12:00 11:00-13:00", "08:00-20:00 20:00-09:00", "x"]
)
def test_hours_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError):
        hours.parse(text)
