"""The control chart behind a trend: what is normal, where it begins anew, and what stands out."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from bihuan.assess.patterns import patterns
from bihuan.assess.queries import control
from bihuan.assess.queries.indicator import TrendPoint
from bihuan.base.documents import drawings

DEFINITION = {
    "code": "X", "version": "1", "family": "R", "name": {"zh": "测试", "en": "Test"}, "table": "work_orders",
    "kind": "share", "unit": "%", "direction": "up", "success": "reopened", "period": "month",
}  # fmt: skip
FLAT = [90.0, 92.0, 88.0, 91.0, 89.0, 93.0] * 4


def months(values: list[float | None], **more: Any) -> list[dict[str, Any]]:
    rows = []
    for k, value in enumerate(values):
        year, month = 2024 + k // 12, k % 12 + 1
        rows.append(
            {
                "cycle": f"{year}Q{(month + 2) // 3}",
                "period": f"{year}-{month:02d}",
                "version": "1",
                "instrument": "",
                "value": value,
                "n": 60.0,
                "denominator": 60.0,
                "status": "insufficient" if value is None else "final",
                **more,
            }
        )
    return rows


def ranges(rows: list[dict[str, Any]]) -> list[control.Range | None]:
    broken = [k > 0 and not control.comparable(rows[k - 1], row) for k, row in enumerate(rows)]
    return control.ranges(DEFINITION, rows, broken)


def points(rows: list[dict[str, Any]]) -> list[TrendPoint]:
    return [
        TrendPoint(row["period"], row["period"], None, row["version"], normal=one)
        for row, one in zip(rows, ranges(rows), strict=True)
    ]


def test_the_newest_cycle_does_not_move_its_own_limits():
    good, bad = ranges(months([*FLAT, 90, 91, 92])), ranges(months([*FLAT, 50, 51, 52]))
    assert [(one.center, one.low, one.high) for one in good] == [
        (one.center, one.low, one.high) for one in bad
    ]
    assert not any(one.outside or one.provisional for one in good)
    assert [one.outside for one in bad[-4:]] == [False, True, True, True]


def test_what_is_better_than_normal_is_not_marked():
    assert not any(one.outside or one.rules for one in ranges(months([*FLAT, 100, 100, 100])))


def test_few_points_are_provisional_and_fewer_say_nothing():
    assert {one.provisional for one in ranges(months(FLAT[:12]))} == {True}
    assert ranges(months(FLAT[:6])) == [None] * 6
    assert ranges([]) == []
    assert ranges(months([None] * 12)) == [None] * 12


def test_a_new_version_and_a_new_checklist_begin_anew():
    rows = months([*FLAT, *FLAT[:9]])
    for row in rows[24:]:
        row["version"] = "2"
    assert [one.provisional for one in ranges(rows) if one] == [False] * 24 + [True] * 9
    for row in rows:
        row["version"], row["instrument"] = "1", "fire-v1" if row in rows[:24] else "fire-v2"
    assert [one.provisional for one in ranges(rows) if one] == [False] * 24 + [True] * 9


def test_by_cycle_there_is_no_range_from_a_few():
    rows = [{**row, "period": ""} for row in months(FLAT[:12])]
    assert ranges(rows) == [None] * 12


SAID = {
    "zh-hans": ["连续9个或更多点在中心线较差一侧", "3个点里有2个贴近较差一侧的界限"],
    "en": ["nine or more in a row on the worse side of the centre", "two of three near the worse limit"],
}


@pytest.mark.parametrize("language", SAID)
def test_what_stands_out_in_words(language: str):
    rows = months([*FLAT, 60.0, 62.0, *[86.0] * 8])
    with override(language):
        found = patterns(points(rows))
        one = patterns(points(months([*FLAT, 60.0, 90.0])))
    assert [(p.kind, p.sign) for p in found] == [("outside", "■"), ("run", "◆"), ("run", "◆")]
    assert found[0].indices == (24, 25)
    assert len(found[1].indices) >= 9
    assert [p.sentence for p in found[1:]] == SAID[language]
    period = {"zh-hans": "超出正常范围：", "en": "outside the normal range: "}[language]
    assert [p.sentence.startswith(period) for p in one] == [True]


def test_a_chart_has_a_range_or_intervals_never_both():
    shown = [drawings.Point(str(k), 90.0 + k, 88.0 + k, 92.0 + k) for k in range(4)]
    normal = [drawings.Normal(k, 91.0, 85.0, 97.0, provisional=k < 2) for k in range(4)]

    def marks(drawing: Any) -> list[str]:
        return [layer["mark"]["type"] for layer in drawing.draw(640)["layer"]]

    with_range = marks(drawings.trend(shown, normal=normal))
    assert with_range.count("rect") == 1
    assert "area" not in with_range
    assert "area" in marks(drawings.trend(shown))
