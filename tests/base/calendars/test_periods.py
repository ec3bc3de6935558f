from datetime import UTC, date, datetime

import pytest

from bihuan.base.calendars import periods


@pytest.mark.parametrize(
    ("at", "month", "quarter"),
    [
        (datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC), "2026-06", "2026Q2"),
        (datetime(2026, 6, 30, 16, 0, tzinfo=UTC), "2026-07", "2026Q3"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "2026-01", "2026Q1"),
    ],
)
def test_periods_follow_the_company_zone(at, month, quarter):
    assert (periods.month_of(at), periods.quarter_of(at)) == (month, quarter)


def test_another_zone():
    assert periods.quarter_of(datetime(2026, 6, 30, 16, 0, tzinfo=UTC), "UTC") == "2026Q2"


def test_bounds_meet():
    start, end = periods.cycle_bounds("2026Q3")
    assert (start, end) == (datetime(2026, 6, 30, 16, tzinfo=UTC), datetime(2026, 9, 30, 16, tzinfo=UTC))
    assert periods.cycle_bounds("2026Q4")[0] == end
    assert periods.cycle_bounds("2026") == (
        datetime(2025, 12, 31, 16, tzinfo=UTC),
        datetime(2026, 12, 31, 16, tzinfo=UTC),
    )
    assert periods.month_bounds("2026-12") == (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2026, 12, 31, 16, tzinfo=UTC),
    )


def test_parts_of_a_cycle():
    assert periods.months_of("2026Q4") == ["2026-10", "2026-11", "2026-12"]
    assert len(periods.months_of("2026")) == 12
    assert periods.quarters_of("2026") == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    assert periods.quarters_of("2026Q2") == ["2026Q2"]
    assert periods.days_of("2024Q1") == (date(2024, 1, 1), date(2024, 3, 31))
    assert periods.quarter_of_month("2026-10") == "2026Q4"


@pytest.mark.parametrize(("cycle", "before"), [("2026Q1", "2025Q4"), ("2026Q3", "2026Q2"), ("2026", "2025")])
def test_the_cycle_before_and_back(cycle, before):
    assert periods.previous_cycle(cycle) == before
    assert periods.next_cycle(before) == cycle


@pytest.mark.parametrize("text", ["2026Q5", "26Q1", "2026-07", "", "2026q1", "２０２６Q1x"])
def test_what_is_no_cycle_is_refused(text):
    with pytest.raises(ValueError):
        periods.months_of(text)


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError):
        periods.month_of(datetime(2026, 1, 1))
