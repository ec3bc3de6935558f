"""Simulated work orders: who reported what, when somebody came, when it was done, how it was rated."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bihuan.config.demo import planted
from bihuan.config.demo.calendar import NOW, QUARTERS, months_of, random_instants
from bihuan.config.demo.company import SEED, Project
from bihuan.config.demo.facts import ids, table

CATEGORIES = np.array(["水电", "门窗", "公区照明", "电器", "门禁对讲", "电梯", "其他"])
CATEGORY_SHARE = np.array([0.36, 0.14, 0.14, 0.10, 0.08, 0.07, 0.11])
CHANNELS = np.array(["电话", "微信", "前台", "巡查"])
ORDERS_PER_HOUSEHOLD_MONTH = 0.062
ENTRAPMENTS_PER_LIFT_MONTH = 0.035
MINUTE = 60.0


def work_orders(projects: list[Project]) -> pa.Table:
    """All work orders of the 36 months, repeats and lift entrapments included."""
    rng = np.random.default_rng([SEED, 2])
    base = _reported(rng, projects)
    _arrive(rng, base, projects)
    _resolve(rng, base, projects)
    rows = _with_repeats(rng, base)
    _rate(rng, rows)
    return _as_table(rng, rows, projects)


def _reported(rng: np.random.Generator, projects: list[Project]) -> dict[str, np.ndarray]:
    months = np.arange(QUARTERS * 3)
    season = 1 + 0.12 * np.sin(2 * np.pi * (months % 12) / 12)
    rate = np.array([p.households for p in projects])[:, None] * ORDERS_PER_HOUSEHOLD_MONTH * season
    count = rng.poisson(rate)
    project = np.repeat(np.repeat(np.arange(len(projects)), months.size), count.ravel())
    month = np.repeat(np.tile(months, len(projects)), count.ravel())
    category = rng.choice(CATEGORIES.size, project.size, p=CATEGORY_SHARE)
    traps = rng.poisson(
        np.array([p.lifts for p in projects])[:, None] * ENTRAPMENTS_PER_LIFT_MONTH * np.ones(months.size)
    )
    trap_project = np.repeat(np.repeat(np.arange(len(projects)), months.size), traps.ravel())
    trap_month = np.repeat(np.tile(months, len(projects)), traps.ravel())
    project = np.concatenate([project, trap_project])
    month = np.concatenate([month, trap_month])
    kind = np.concatenate([CATEGORIES[category], np.repeat("entrapment", trap_project.size)])
    emergency = (kind == "entrapment") | ((kind == "水电") & (rng.random(kind.size) < 0.22))
    emergency |= (kind == "电梯") & (rng.random(kind.size) < 0.25)
    reported = random_instants(rng, month)
    order = np.argsort(reported, kind="stable")
    rows = {"project": project, "category": kind, "emergency": emergency, "reported": reported}
    return {name: values[order] for name, values in rows.items()}


def _quarter(rows: dict[str, np.ndarray]) -> np.ndarray:
    return months_of(rows["reported"]) // 3


def _arrive(rng: np.random.Generator, rows: dict[str, np.ndarray], projects: list[Project]) -> None:
    """Emergencies: a median of 14 minutes, rarely past 30. The slow contractor takes much longer."""
    n = rows["project"].size
    quality = np.array([p.quality for p in projects])[rows["project"]]
    codes = np.array([p.code for p in projects])[rows["project"]]
    lift = np.isin(rows["category"], ["电梯", "entrapment"])
    minutes = rng.lognormal(np.log(13.5) - 0.05 * quality, 0.33, n)
    slow = lift & np.isin(codes, planted.SLOW_PROJECTS) & (_quarter(rows) >= planted.SLOW_FROM)
    minutes = np.where(slow, minutes * planted.SLOW_ARRIVAL, minutes)
    rows["arrive_minutes"] = np.where(rows["emergency"], minutes, rng.lognormal(np.log(300), 0.8, n))
    rows["respond_minutes"] = np.minimum(rng.lognormal(np.log(6), 0.7, n), rows["arrive_minutes"] * 0.9)


def _resolve(rng: np.random.Generator, rows: dict[str, np.ndarray], projects: list[Project]) -> None:
    """Ordinary orders have an agreed time of 24 to 72 hours; most are done within it."""
    n = rows["project"].size
    quality = np.array([p.quality for p in projects])[rows["project"]]
    codes = np.array([p.code for p in projects])[rows["project"]]
    quarter = _quarter(rows)
    agreed = rng.choice([24.0, 48.0, 72.0], n, p=[0.35, 0.5, 0.15]) * 60
    on_time = 0.962 + 0.012 * quality
    dropped = (
        (codes == planted.WORKED_PROJECT)
        & (quarter >= planted.WORKED_FROM)
        & (quarter < planted.WORKED_UNTIL)
    )
    on_time = on_time - np.where(dropped, planted.WORKED_DROP, 0)
    failing = (codes == planted.FAILED_PROJECT) & (quarter >= planted.FAILED_FROM)
    lost = np.where(quarter >= planted.FAILED_MEASURES, planted.FAILED_DROP_AFTER, planted.FAILED_DROP)
    on_time = on_time - np.where(failing, lost, 0)
    hit = rng.random(n) < np.clip(on_time, 0.5, 0.995)
    within = agreed * (0.04 + 0.9 * rng.beta(1.6, 3.2, n))
    beyond = agreed * (1 + rng.lognormal(-0.6, 1.1, n))
    minutes = np.where(hit, within, beyond)
    minutes = np.where(rows["emergency"], rows["arrive_minutes"] + rng.lognormal(np.log(55), 0.7, n), minutes)
    rows["agreed_minutes"] = np.where(rows["emergency"], 240.0, agreed)
    rows["resolve_minutes"] = np.maximum(minutes, rows["arrive_minutes"] * 0.2 + 5)
    rows["arrive_minutes"] = np.minimum(rows["arrive_minutes"], rows["resolve_minutes"] * 0.8)
    rows["hit"] = rows["resolve_minutes"] <= rows["agreed_minutes"]
    rows["building"] = np.floor(
        rng.random(n) * np.array([p.buildings for p in projects])[rows["project"]]
    ).astype(int)
    rows["unit"] = rng.integers(0, 110, n)


def _with_repeats(rng: np.random.Generator, base: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """About three orders in a hundred come back within thirty days: the same unit, the same kind."""
    n = base["project"].size
    base["id"] = ids("WO", n)
    base["repeat_of"] = np.full(n, "", dtype=base["id"].dtype)
    again = np.flatnonzero((rng.random(n) < 0.032) & ~base["emergency"])
    done = base["reported"][again] + (base["resolve_minutes"][again] * MINUTE).astype("timedelta64[s]")
    reported = done + (rng.uniform(1, 26, again.size) * 86400).astype("timedelta64[s]")
    keep = (months_of(reported) < QUARTERS * 3) & (reported < NOW)
    again, reported = again[keep], reported[keep]
    rows = {name: np.concatenate([values, values[again]]) for name, values in base.items()}
    rows["reported"][n:] = reported
    rows["repeat_of"][n:] = base["id"][again]
    rows["id"] = np.concatenate([base["id"], ids("WO", again.size, start=n + 1)])
    return rows


def _rate(rng: np.random.Generator, rows: dict[str, np.ndarray]) -> None:
    n = rows["project"].size
    latent = (
        rng.normal(0, 1, n) + np.where(rows["hit"], 1.55, -0.35) - np.where(rows["repeat_of"] != "", 0.6, 0)
    )
    mark = np.digitize(latent, [-1.6, -0.9, 0.2, 1.3]) + 1
    rows["rating"] = np.where(rng.random(n) < 0.36, mark, np.nan)
    rows["revisit"] = rng.random(n) < 0.41


def _as_table(rng: np.random.Generator, rows: dict[str, np.ndarray], projects: list[Project]) -> pa.Table:
    n = rows["project"].size
    reported = rows["reported"]

    def after(minutes: np.ndarray, shown: np.ndarray | None = None) -> np.ndarray:
        instant = reported + (minutes * MINUTE).astype("timedelta64[s]")
        hidden = instant > NOW if shown is None else (instant > NOW) | ~shown
        return np.where(hidden, np.datetime64("NaT"), instant)

    emergency = rows["emergency"]
    resolved = after(rows["resolve_minutes"])
    done = ~np.isnat(resolved)
    lift = np.isin(rows["category"], ["电梯", "entrapment"])
    lift_team = np.array([p.lift_contractor for p in projects])[rows["project"]]
    lifts = np.array([p.lifts for p in projects])[rows["project"]]
    codes = np.array([p.code for p in projects])[rows["project"]]
    lift_number = np.char.zfill((np.floor(rng.random(n) * lifts).astype(int) + 1).astype(str), 2)
    area = np.select([lift, rows["category"] == "公区照明"], ["电梯", "公共设施设备"], "工程维修")
    buildings = np.char.add(np.char.add(codes, "-"), np.char.zfill((rows["building"] + 1).astype(str), 2))
    limit_arrive = np.where(emergency, 30.0, np.nan)
    arrived = after(rows["arrive_minutes"])
    responded = after(rows["respond_minutes"])
    return table(
        "work_orders",
        "WO",
        fact_id=rows["id"],
        occurred_at=reported,
        project=codes,
        building=buildings,
        service_area=area,
        contractor=np.where(lift, lift_team, "T-ENG"),
        source="工单系统",
        complete=rng.random(n) < 0.985,
        category=rows["category"],
        priority=np.where(emergency, "emergency", "normal"),
        channel=rng.choice(CHANNELS, n, p=[0.34, 0.46, 0.12, 0.08]),
        asset=np.where(lift, np.char.add(np.char.add(codes, "-L"), lift_number), ""),
        asset_type=np.where(lift, "lift", ""),
        unit_key=np.char.add(np.char.add(buildings, "/u"), rows["unit"].astype(str)),
        calendar=np.repeat("24h", n),
        reported_at=reported,
        responded_at=responded,
        arrived_at=arrived,
        resolved_at=resolved,
        closed_at=after(rows["resolve_minutes"] + 90),
        revisited_at=after(rows["resolve_minutes"] + 1500, rows["revisit"]),
        due_arrive_at=np.where(emergency, reported + np.timedelta64(30, "m"), np.datetime64("NaT")),
        due_at=reported + (rows["agreed_minutes"] * MINUTE).astype("timedelta64[s]"),
        minutes_to_respond=np.where(np.isnat(responded), np.nan, rows["respond_minutes"]),
        minutes_to_arrive=np.where(np.isnat(arrived), np.nan, rows["arrive_minutes"]),
        minutes_to_resolve=np.where(done, rows["resolve_minutes"], np.nan),
        paused_minutes=np.zeros(n),
        limit_arrive=limit_arrive,
        limit_resolve=rows["agreed_minutes"],
        repeat_of=rows["repeat_of"],
        reopened=done & (rng.random(n) < 0.018),
        rating=np.where(done, rows["rating"], np.nan),
        rating_min=np.ones(n),
        rating_max=np.full(n, 5.0),
    )
