"""A quarter of everything, from a seed: enough for every indicator of the catalogue to say something."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tests.measure.world import DAY, World, at

START = at("2026-06-30 16:00")
AREAS = ("环境保洁", "秩序维护", "绿化养护")


def random_company(
    world: World, seed: int = 1, projects: int = 6, orders: int = 400, people: int = 300
) -> None:
    """Fill a world; the same seed gives the same rows."""
    rng = np.random.default_rng(seed)
    names = [f"{'NS'[k % 2]}{k}" for k in range(projects)]
    world.company({n: float(50 + 40 * k) for k, n in enumerate(names)}, dict.fromkeys(names[:2], "一级"))
    for name in names:
        for number in (1, 2):
            world.place(f"{name}-{number}", "building", name)
    for k in range(orders):
        _order(world, rng, k, names[int(rng.integers(projects))])
    for k in range(people):
        _response(world, rng, k, names[int(rng.integers(projects))])
    for k in range(projects * 6):
        _inspection(world, rng, k, names[k % projects], START + timedelta(days=2 + 14 * (k // projects)))
    for k in range(projects * 20):
        _task(world, rng, k // projects, names[k % projects])
    for k in range(projects * 12):
        _feedback(world, rng, k, names[k % projects])
    for k, name in enumerate(names):
        _register(world, k, name, projects)


def _moment(rng: np.random.Generator) -> datetime:
    return START + timedelta(minutes=int(rng.integers(92 * 1440)))


def _order(world: World, rng: np.random.Generator, k: int, name: str) -> None:
    when, took = _moment(rng), float(rng.lognormal(6, 1.5))
    done = when + timedelta(minutes=took) if rng.random() < 0.9 else None
    lift = k % 5 == 0
    world.fact(
        "work_orders", name, when,
        building=f"{name}-{1 + k % 2}", contractor=f"T{k % 3}", channel=("web", "phone")[k % 2],
        category="entrapment" if k % 40 == 0 else "水电",
        priority="emergency" if rng.random() < 0.3 else "normal",
        asset_type="lift" if lift else None, asset=f"{name}-L" if lift else None, calendar="24h",
        arrived_at=when + timedelta(minutes=took / 10), resolved_at=done,
        closed_at=done + timedelta(minutes=5) if done else None,
        revisited_at=done + timedelta(minutes=9) if done and k % 3 else None,
        due_arrive_at=when + timedelta(minutes=60), due_at=when + DAY,
        minutes_to_arrive=took / 10, minutes_to_resolve=took if done else None,
        repeat_of=f"work_orders-{k - 7}" if k % 23 == 8 else None,
        rating=float(rng.integers(1, 6)) if done and k % 4 else None, rating_min=1.0, rating_max=5.0,
        complete=bool(rng.random() < 0.95),
    )  # fmt: skip


def _response(world: World, rng: np.random.Generator, k: int, name: str) -> None:
    mood = float(rng.normal(0, 0.6))
    common: dict[str, Any] = {
        "stratum": f"h{k % 2}", "weight": 1.0 + (k % 2), "sampled": bool(k % 10),
        "mode": ("web", "phone")[k % 2], "building": f"{name}-{1 + k % 2}", "when": _moment(rng),
    }  # fmt: skip

    def mark(shift: float) -> float:
        return float(np.clip(np.rint(3.7 + mood + shift + rng.normal(0, 0.7)), 1, 5))

    world.answer(name, f"resp-{k}", mark(0), **common)
    nps = {**common, "question": "nps", "role": "nps", "scale_min": 0.0, "scale_max": 10.0}
    world.answer(name, f"resp-{k}", float(np.clip(np.rint(7 + 2 * mood + rng.normal()), 0, 10)), **nps)
    for j, area in enumerate(AREAS):
        for number in (1, 2):
            item = {**common, "question": f"{area}{number}", "role": "item"}
            item |= {"dimension": area, "service_area": area}
            world.answer(name, f"resp-{k}", mark(0.1 * j) if rng.random() > 0.1 else None, **item)


def _inspection(world: World, rng: np.random.Generator, k: int, name: str, when: datetime) -> None:
    for item in range(8):
        bad = rng.random() < 0.12
        result = "non_conforming" if bad else ("not_applicable" if rng.random() < 0.1 else "conforming")
        world.fact(
            "inspection_items", name, when, inspection=f"insp-{k}", item=f"item-{item}",
            service_area=AREAS[item % 3], level="supervisor", result=result, building=f"{name}-1",
            points=0.0 if bad else 2.0, max_points=2.0, veto=item == 7, severity="A" if item == 7 else "C",
        )  # fmt: skip


def _task(world: World, rng: np.random.Generator, turn: int, name: str) -> None:
    due = START + timedelta(days=3 + 4 * turn)
    kind = ("maintenance", "cleaning", "rectification", "training")[turn % 4]
    done = due - timedelta(hours=float(rng.normal(5, 8))) if rng.random() < 0.9 else None
    world.fact(
        "tasks", name, due, kind=kind, asset=f"{name}-L", asset_type="lift", due_from=due - 2 * DAY,
        due_to=due, done_at=done, interval_days=float(rng.integers(12, 18)) if done else None,
    )  # fmt: skip


def _feedback(world: World, rng: np.random.Generator, k: int, name: str) -> None:
    when = _moment(rng)
    first, closed = (when + timedelta(hours=float(rng.exponential(h))) for h in (12, 60))
    world.fact(
        "feedback", name, when, kind="inquiry" if k % 3 == 0 else "complaint", valid=bool(k % 4),
        service_area=AREAS[k % 3], channel="web", first_response_at=first, closed_at=closed,
        due_first_response_at=when + DAY, due_close_at=when + 5 * DAY, rating=float(rng.integers(1, 6)),
        rating_min=1.0, rating_max=5.0,
    )  # fmt: skip


def _register(world: World, k: int, name: str, projects: int) -> None:
    for month in ("2026-07", "2026-08", "2026-09"):
        when = at(f"{month}-28 16:00")
        world.fact("exposure", name, when, households=float(50 + 40 * k), area=1000.0)
        world.fact("exposure", name, when, asset_type="lift", assets_in_service=4.0)
        for j in range(3):
            world.fact(
                "assets", name, when, asset=f"{name}-L{j}", asset_type=("lift", "fire_system")[j == 2],
                in_service=True, state="in_service", last_test_at=at("2025-11-01 00:00") - j * 100 * DAY,
                valid_until=at("2026-09-01 00:00") + j * 100 * DAY,
            )  # fmt: skip
        for code in ("R09", "C04", "M03"):
            world.fact("measurements", name, when, indicator=code, numerator=90.0 + k, denominator=100.0)
    codes = ("I", "I", "I", "R", "NC", "UH", "NE", None)
    for j in range(20):
        world.fact(
            "samples", name, START + DAY, stratum=f"h{j % 2}", frame_size=600.0,
            sample_size=projects * 10.0, disposition=codes[(j + k) % 8],
        )  # fmt: skip
