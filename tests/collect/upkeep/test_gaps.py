from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bihuan.collect.upkeep import gaps
from bihuan.collect.upkeep.gaps import Missing
from bihuan.collect.upkeep.states import Gap

OCTOBER_20 = datetime(2026, 10, 20, tzinfo=UTC)
YEAR = [f"2025-{m:02}" for m in range(7, 13)] + [f"2026-{m:02}" for m in range(1, 10)]


def held(*months: str, rows: int = 10, complete: int = 10) -> dict[str, tuple[int, int]]:
    return dict.fromkeys(months, (rows, complete))


def without(*months: str) -> list[str]:
    return [month for month in YEAR if month not in months]


@pytest.mark.parametrize(
    ("now", "cycles"),
    [
        (datetime(2026, 10, 20, tzinfo=UTC), ["2026Q3"]),
        (datetime(2026, 11, 5, 15, 59, tzinfo=UTC), ["2026Q3"]),  # 5 November 23:59 in Shanghai
        (datetime(2026, 11, 5, 16, tzinfo=UTC), ["2026Q3", "2026Q4"]),
        (datetime(2026, 10, 3, tzinfo=UTC), ["2026Q3"]),
    ],
)
def test_a_cycle_is_judged_five_days_after_its_first_month(now, cycles):
    assert gaps.cycles_to_judge(now) == cycles


def test_a_month_is_due_five_days_after_its_end():
    assert gaps.due_months("2026Q3", datetime(2026, 10, 5, 15, 59, tzinfo=UTC)) == ["2026-07", "2026-08"]
    assert gaps.due_months("2026Q3", datetime(2026, 10, 5, 16, tzinfo=UTC)) == [
        "2026-07",
        "2026-08",
        "2026-09",
    ]


@pytest.mark.parametrize(
    ("months", "found"),
    [
        (held(*YEAR), []),
        (held(), []),  # never had facts: nothing is expected
        (held("2026-09"), []),  # new in this cycle
        (held(*without("2026-07", "2026-08", "2026-09")), [Missing("2026Q3", Gap.CYCLE)]),
        (held("2025-07", "2025-10"), []),  # stopped long ago
        (held("2026-05"), [Missing("2026Q3", Gap.CYCLE)]),
        (held(*without("2026-08")), [Missing("2026Q3", Gap.MONTHS, {"months": ["2026-08"]})]),
        (held("2025-07", "2026-02", "2026-07"), []),  # never came every month
        (
            {**held(*YEAR), "2026-08": (100, 50)},
            [Missing("2026Q3", Gap.INCOMPLETE, {"rows": 120, "complete": 70})],
        ),
        ({**held(*YEAR, rows=2, complete=2), "2026-08": (2, 0)}, []),  # too few to say
    ],
)
def test_what_is_missing_is_judged_by_what_there_used_to_be(months, found):
    assert gaps.missing(months, OCTOBER_20) == found


def test_two_cycles_are_judged_once_the_new_one_has_a_month():
    november = datetime(2026, 11, 10, tzinfo=UTC)
    found = gaps.missing(held(*without(*YEAR[-3:])), november)
    assert [gap.cycle for gap in found] == ["2026Q3", "2026Q4"]


@pytest.mark.parametrize(
    ("gap", "detail", "months", "is_filled"),
    [
        (Gap.CYCLE, {}, held("2026-06"), False),
        (Gap.CYCLE, {}, held("2026-09"), True),
        (Gap.MONTHS, {"months": ["2026-07", "2026-08"]}, held("2026-07"), False),
        (Gap.MONTHS, {"months": ["2026-07", "2026-08"]}, held("2026-07", "2026-08"), True),
        (Gap.INCOMPLETE, {"rows": 30}, held("2026-07", complete=8), False),
        (Gap.INCOMPLETE, {"rows": 30}, held("2026-07", complete=9), True),
        (Gap.INCOMPLETE, {"rows": 30}, held(), False),
    ],
)
def test_a_gap_is_filled_when_the_data_came(gap, detail, months, is_filled):
    assert gaps.filled(gap, detail, "2026Q3", months) is is_filled
