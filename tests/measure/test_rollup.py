"""Rolling up is pooling, for any tree, any records and any order of them."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measure.world import World, at, indicator

KINDS = {
    "share": indicator("share", code="share", success="reopened"),
    "mean": indicator("mean", code="mean", unit="min", value="minutes_to_resolve"),
    "quantile": indicator("quantile", code="quantile", unit="min", q=0.5, value="minutes_to_resolve"),
    "median": indicator("median_time", code="median", unit="min", event="resolved_at"),
}  # fmt: skip
JULY = at("2026-07-06 00:00")


@settings(max_examples=12, deadline=None)
@given(
    shape=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    records=st.lists(
        st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 400)), min_size=1, max_size=40
    ),
    order=st.randoms(use_true_random=False),
)
def test_every_place_has_what_its_records_pooled_have(
    shape: list[int], records: list[tuple[int, bool, int]], order: object
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.place("C", "company", None)
        above: dict[str, set[str]] = {}
        for k, deep in enumerate(shape):  # trees need not be equally deep everywhere
            parent = "C"
            above[f"P{k}"] = {"C", f"P{k}"}
            for level in range(deep):
                name = f"R{k % 2}-{level}"
                if all(row["code"] != name for row in world.dimensions["places"]):
                    world.place(name, "region", parent)
                above[f"P{k}"].add(name)
                parent = name
            world.place(f"P{k}", "project", parent, households=float(k + 1))
        rows = [(f"P{p % len(shape)}", hit, float(took)) for p, hit, took in records]
        order.shuffle(rows)  # type: ignore[attr-defined]
        for project, hit, took in rows:
            world.fact(
                "work_orders",
                project,
                JULY,
                reopened=hit,
                resolved_at=JULY + timedelta(minutes=took),
                minutes_to_resolve=took,
            )
        found = world.run(*KINDS.values())
        for place in {p for own in above.values() for p in own}:
            mine = [(hit, took) for project, hit, took in rows if place in above[project]]
            if not mine:
                assert not found.has(place)
                continue
            hits, took = np.array([m[0] for m in mine]), np.array([m[1] for m in mine])
            wanted = {
                "share": 100 * hits.mean(),
                "mean": took.mean(),
                "quantile": np.quantile(took, 0.5),
                "median": np.median(took),
            }
            for name, value in wanted.items():
                assert found(place, name)["n"] == len(mine)
                assert found(place, name)["value"] == pytest.approx(value, rel=1e-12)
