"""What must be true of any survey: rolling up is pooling; order and the unit of the weights do not matter."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.measure.world import World, indicator

KINDS = [
    indicator("top_box", "answers", code="box", filter="role = 'overall'", breakdowns=["mode"]),
    indicator(
        "mean", "answers", code="mean", unit="points", value="value", range=[1, 5], filter="role = 'item'",
    ),
    indicator(
        "index", "answers", code="index", unit="points", filter="role = 'item'", breakdowns=["dimension"]
    ),
    indicator("nps", "answers", code="nps", unit="nps", filter="role = 'nps'"),
    indicator(
        "ratio", "answers", code="ratio", filter="role = 'item'", numerator="value - 1", denominator="4",
        counts=True,
    ),
]  # fmt: skip
STRATA = {"a": (800.0, 70.0), "b": (300.0, 50.0)}
ESTIMATED = ("n", "n_eff", "value", "se", "df", "low", "high", "deff")


def _survey(seed: int) -> list[dict[str, Any]]:
    """Answers of 90 people, all to their own project; weights differ, some items are skipped."""
    rng = np.random.default_rng(seed)
    raked, rows = bool(rng.integers(2)), []
    for k in range(90):
        common = {
            "project": str(rng.choice(["N1", "N2", "S1"])), "response": f"r{k}",
            "stratum": str(rng.choice(list(STRATA))),
            "mode": str(rng.choice(["web", "phone"])), "weight": float(np.round(rng.gamma(4, 2) + 1, 3)),
        }  # fmt: skip
        if raked:
            common["weight_cell"] = (
                f"{rng.choice(['young', 'old'])}|{rng.choice(['owner', 'tenant', 'other'])}"
            )
        rows.append({**common, "role": "overall", "question": "q0", "value": float(rng.integers(1, 6))})
        rows.append(
            {
                **common,
                "role": "nps",
                "question": "q9",
                "value": float(rng.integers(0, 11)),
                "scale_max": 10.0,
            }
        )
        for item in rng.choice(["q1", "q2", "q3"], rng.integers(1, 4), replace=False):
            mark = float(rng.integers(1, 6))
            rows.append(
                {**common, "role": "item", "question": str(item), "dimension": str(item), "value": mark}
            )
    return rows


def _found(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.company({"N1": 10.0, "N2": 20.0, "S1": 30.0})
        world.dimensions["strata"] = [
            {"cycle": "2026Q3", "stratum": name, "frame_size": frame, "sample_size": drawn}
            for name, (frame, drawn) in STRATA.items()
        ]
        for row in rows:
            own = dict(row)
            world.answer(own.pop("project"), own.pop("response"), own.pop("value"), **own)
        found = world.run(*KINDS).rows
    return {(r["indicator"], r["place"], r["breakdown"], r["item"]): r for r in found}


def _same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one["status"] == other["status"]
    for name in ESTIMATED:
        assert one[name] == (
            None if other[name] is None else pytest.approx(other[name], rel=1e-9, abs=1e-9)
        ), name


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_rolling_up_is_pooling_and_neither_order_nor_scale_matters(seed: int, factor: float) -> None:
    rows = _survey(seed)
    whole = _found(rows)
    pooled = _found([{**row, "project": "N1"} for row in rows])
    for key, row in whole.items():
        if key[1] == "C":
            _same(row, pooled[key])
    turned = [{**row, "weight": row["weight"] * factor} for row in rows]
    random.Random(seed).shuffle(turned)
    other = _found(turned)
    assert whole.keys() == other.keys()
    for key, row in whole.items():
        _same(row, other[key])
