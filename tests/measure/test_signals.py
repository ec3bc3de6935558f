"""Series under test: no alarm where nothing is wrong, every planted shift found, and what a point is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bihuan.measure.definition import Definition
from bihuan.measure.signals.charts import control_charts
from bihuan.measure.signals.run import believed, duplicates, series_of, told
from bihuan.measure.signals.tables import SIGNALS
from bihuan.stats import trend
from tests.measure import nulls
from tests.measure.world import indicator

NOW = len(nulls.CYCLES) - 1
PROJECTS = 6
COMPANIES = 400


def names(count: int) -> list[str]:
    return [f"P{k:05d}" for k in range(count)]


def examine(
    folder: Path,
    drawn: dict[str, nulls.Arrays],
    *,
    definitions: list[Definition] | None = None,
    points: pa.Table | None = None,
    history: list[str] | None = None,
    version_from: int = 0,
) -> tuple[pa.Table, dict[str, Any]]:
    places = names(len(next(iter(drawn.values()))["value"]))
    version = "2" if version_from else "1"
    results = nulls.store(folder, drawn, places, version_from)
    now = nulls.table(drawn, NOW, places, version) if points is None else points
    runs = nulls.CYCLES[NOW - 1 :: -1] if history is None else history
    every = definitions or [d for d in nulls.definitions() if d.code in drawn]
    cycle = nulls.CYCLES[NOW]
    found = believed([series_of(every, now, results, runs, cycle=cycle)], cycle=cycle)
    return found, told(found, every)


def column(table: pa.Table, name: str) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in table[name].to_pylist()])


def test_companies_without_a_problem_raise_hardly_a_signal(tmp_path: Path) -> None:
    """At most 31 of 400 may: at a true share of 5 % more would come about once in 200 times."""
    found, record = examine(tmp_path, nulls.draw(20261122, COMPANIES * PROJECTS))
    assert record["tested"] == found.num_rows > COMPANIES * PROJECTS * 10
    company = np.array([int(place[1:]) // PROJECTS for place in found["place"].to_pylist()])
    p = column(found, "p")
    alarms = [bool((trend.benjamini_hochberg(p[company == k]) <= 0.05).any()) for k in range(COMPANIES)]
    assert sum(alarms) <= 31
    # and no kind of series hides behind the others
    for code in nulls.KINDS:
        own = p[column(found, "indicator") == code]
        assert np.mean(own <= 0.01) <= 0.015, code
        assert np.mean(own <= 0.001) <= 0.0035, code


SHIFTS = {  # in the logarithm of the odds, of the rate or of the time; for a year
    "share": -1.35,  # from 90 % to 70 % of some 45 orders a month
    "nearly_all": -1.8,  # from 98.5 % to 92 % of 30
    "scattered": -1.0,  # from 95 % to 87 %, where months differ by a quarter of the odds
    "often": 0.6,  # 1.8 times as often, of 9 a month
    "seldom": 1.8,  # six times as often, of one in two months
    "time": 0.5,  # two thirds longer, the median of 30
}


@pytest.mark.parametrize("code", SHIFTS)
def test_a_shift_that_lasts_is_found(tmp_path: Path, code: str) -> None:
    """One project in twenty gets worse for a year; nine in ten of them are found, hardly another."""
    count, ill = 200, 10
    shift = np.zeros((count, nulls.MONTHS))
    shift[:ill, -12:] = SHIFTS[code]
    found, _record = examine(tmp_path, nulls.draw(5, count, {code: shift}))
    signalled = found.filter(found["signalled"])
    hits = {(r["indicator"], r["place"]) for r in signalled.to_pylist()}
    planted = {(code, place) for place in names(ill)}
    assert len(hits & planted) >= 0.9 * ill
    assert len(hits - planted) <= 2


def test_what_got_better_is_no_signal(tmp_path: Path) -> None:
    shift = np.zeros((50, nulls.MONTHS))
    shift[:, -12:] = 1.5
    found, record = examine(tmp_path, {"share": nulls.draw(5, 50, {"share": shift})["share"]})
    assert record["signalled"] == 0
    assert set(found["direction"].to_pylist()) == {""}


def test_each_kind_of_signal_says_what_was_seen(tmp_path: Path) -> None:
    shift = np.zeros((8, nulls.MONTHS))
    shift[0, -1] = -3.0  # one bad month
    shift[1, -12:] = -1.0  # small, for a year
    shift[2] = -np.linspace(0, 3, nulls.MONTHS)
    drawn = nulls.draw(
        9, 8, {"share": shift, "asked": np.repeat([[0.0], [-6.0]], [7, 1], 0) * last_quarter()}
    )
    found, _record = examine(tmp_path, drawn)
    kinds = {(r["indicator"], r["place"]): r["kind"] for r in found.filter(found["signalled"]).to_pylist()}
    assert kinds[("share", "P00000")] == "level"
    assert kinds[("share", "P00001")] == "shift"
    assert kinds[("share", "P00002")] == "trend"
    assert kinds[("asked", "P00007")] == "change"


def last_quarter() -> np.ndarray:
    return (np.arange(nulls.MONTHS) >= nulls.MONTHS - 3).astype(float)[None, :]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    drawn = nulls.draw(3, 40)
    straight, record = examine(tmp_path / "a", drawn)
    points = nulls.table(drawn, NOW, names(40))
    mixed = points.take(np.random.default_rng(1).permutation(points.num_rows))
    definitions = nulls.definitions()[::-1]
    other, again = examine(
        tmp_path / "b", drawn, definitions=definitions, points=mixed, history=nulls.CYCLES[:NOW]
    )
    assert other.equals(straight)
    assert again == record


def test_fewer_than_twenty_points_are_provisional_and_raise_no_chart_signal(tmp_path: Path) -> None:
    drawn = {"share": nulls.draw(3, 30)["share"]}
    found, record = examine(tmp_path, drawn, history=nulls.CYCLES[6:NOW])
    assert set(found["points"].to_pylist()) == {18}
    assert all(found["provisional"].to_pylist())
    assert record["provisional"] == 30
    assert np.isnan(column(found, "p_level")).all()
    assert np.isnan(column(found, "p_shift")).all()
    assert not np.isnan(column(found, "p_change")).any()


def test_a_new_version_begins_a_new_phase(tmp_path: Path) -> None:
    drawn = {"share": nulls.draw(3, 30)["share"]}
    before, _ = examine(tmp_path / "a", drawn)
    assert set(before["phase_start"].to_pylist()) == {"2023-07"}
    assert set(before["points"].to_pylist()) == {36}
    found, _ = examine(tmp_path / "b", drawn, version_from=4)
    assert set(found["phase_start"].to_pylist()) == {"2024-07"}
    assert set(found["points"].to_pylist()) == {24}
    late, _ = examine(tmp_path / "c", drawn, version_from=NOW)
    assert late.num_rows == 0  # nothing to compare with


def test_of_two_ends_of_the_same_answers_one_is_tested() -> None:
    given = [
        indicator("bottom_box", "answers", code="A", filter="role = 'overall'", direction="down"),
        indicator("top_box", "answers", code="B", filter="role = 'overall'"),
        indicator("top_box", "answers", code="C", filter="role = 'item'"),
        indicator("nps", "answers", code="D", filter="role = 'overall'", unit="nps"),
        indicator("share", "tasks", code="E", success="result = 'ok'"),
        indicator("share", "tasks", code="F", success="result = 'ok'"),
    ]
    assert duplicates([Definition.parse(one) for one in given]) == {"A": "B", "F": "E"}


def test_a_series_that_is_hidden_or_not_measured_this_cycle_is_not_tested(tmp_path: Path) -> None:
    drawn = {"share": nulls.draw(3, 30)["share"]}
    points = nulls.table(drawn, NOW, names(30))
    shown = points.filter(pc.not_equal(points["place"].cast(pa.string()), "P00007"))
    found, _ = examine(tmp_path, drawn, points=shown)
    assert "P00007" not in found["place"].to_pylist()
    assert found.num_rows == 29


def test_one_probability_for_each_series_and_one_list_for_the_run(tmp_path: Path) -> None:
    found, _record = examine(tmp_path, nulls.draw(4, 60))
    assert found.schema.equals(pa.schema([field for field in SIGNALS if field.name != "run"]))
    parts = np.stack([column(found, f"p_{name}") for name in ("level", "shift", "change", "trend")], axis=1)
    p, q = column(found, "p"), column(found, "q")
    assert np.array_equal(p, trend.simes(parts))
    assert np.array_equal(q, trend.benjamini_hochberg(p))
    assert column(found, "signalled").tolist() == (q <= 0.05).tolist()


def test_simes_and_benjamini_hochberg_agree_with_the_reference(reference: Path) -> None:
    want = json.loads((reference / "expected.json").read_text())["misc_R"]["bh_1995"]
    assert trend.benjamini_hochberg(want["p"]) == pytest.approx(want["BH"], rel=1e-12)
    assert trend.simes(want["p"]) == pytest.approx(min(want["BH"]), rel=1e-12)


def chart(values: list[float], **more: Any) -> Any:
    definition = Definition.parse(indicator("share", success="reopened", period="month", code="S"))
    count = len(values)
    given = {
        "n": np.full(count, 60.0),
        "denominator": np.full(count, 60.0),
        "season": [(k // 3) % 4 for k in range(count)],
        "cycle": [k // 3 for k in range(count)],
        "starts": [],
        **more,
    }
    return control_charts(definition, value=np.array(values), **given)


def test_the_chart_draws_a_centre_for_each_quarter_of_the_year_and_limits_around_it() -> None:
    rng = np.random.default_rng(2)
    values = (100 * rng.binomial(60, 0.9, 36) / 60).tolist()
    drawn = chart([*values, 95.0, 60.0, 90.0])
    (one,) = drawn.stretches
    assert (one.first, one.end, one.n, one.provisional) == (0, 39, 36, False)
    assert np.all((drawn.lower < drawn.center) & (drawn.center < drawn.upper))
    assert len(set(drawn.center.round(6))) > 1
    assert len({c for k, c in enumerate(drawn.center) if (k // 3) % 4 == 1}) == 1
    assert drawn.center[37] == pytest.approx(np.mean([v for k, v in enumerate(values) if (k // 3) % 4 == 0]))
    assert drawn.lower[37] > 60.0
    assert 1 in drawn.rules[37]


def test_a_break_starts_the_chart_again() -> None:
    rng = np.random.default_rng(2)
    values = (100 * rng.binomial(60, np.repeat([0.95, 0.8], [24, 12])) / 60).tolist()
    drawn = chart(values, starts=[24])
    assert [(s.first, s.end, s.n, s.provisional) for s in drawn.stretches] == [
        (0, 24, 24, False),
        (24, 36, 9, True),
    ]
    assert drawn.center[23] > 90 > drawn.center[24]
    few = chart(values[:5])
    assert np.isnan(few.center).all()
