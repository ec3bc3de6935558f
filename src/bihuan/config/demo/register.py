"""Simulated customer messages, the asset register, households served, and values from outside systems."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.config.demo import planted
from bihuan.config.demo.calendar import NOW, QUARTERS, month_starts, months_of, random_instants, utc
from bihuan.config.demo.company import SEED, Project
from bihuan.config.demo.facts import ids, table

MONTHS = QUARTERS * 3
NOT_YET = np.datetime64("NaT")
KINDS = np.array(["complaint", "inquiry", "suggestion", "praise"])
PER_1000_HOUSEHOLDS = np.array([1.75, 5.0, 0.9, 0.6])
COMPLAINTS = np.array(["停车", "噪声", "保洁", "维修", "收费", "安全"])


def feedback(projects: list[Project]) -> pa.Table:
    """Complaints, inquiries, suggestions and praise."""
    rng = np.random.default_rng([SEED, 6])
    households = np.array([p.households for p in projects]) / 1000
    quality = np.array([p.quality for p in projects])
    codes = np.array([p.code for p in projects])
    unhappy = np.where(codes == planted.UNHAPPY_PROJECT, 1.8, 1.0)
    factor = np.stack([np.exp(-0.35 * quality) * unhappy, *[np.ones(quality.size)] * 3])
    rate = (PER_1000_HOUSEHOLDS[:, None] * factor * households)[:, :, None] * np.ones(MONTHS)
    count = rng.poisson(rate)
    kind, project, month = (np.repeat(i.ravel(), count.ravel()) for i in np.indices(count.shape))
    n = kind.size
    received = random_instants(rng, month)
    code = codes[project]
    failing = (code == planted.LATE_PROJECT) & (months_of(received) // 3 >= planted.LATE_FROM)
    hours_first = np.where(rng.random(n) < 0.982, rng.gamma(1.6, 3.2, n), 24 + rng.exponential(20, n))
    hit = rng.random(n) < 0.958 - failing * planted.LATE_DROP
    days_close = np.where(hit, 7 * rng.beta(2, 2.6, n), 7 + rng.exponential(5, n))
    closed = _after(received, days_close * 24)
    mark = np.digitize(rng.normal(0, 1, n) + np.where(hit, 0.85, -0.7), [-1.2, -0.7, -0.05, 0.9]) + 1.0
    complaint = KINDS[kind] == "complaint"
    return table(
        "feedback",
        "",
        fact_id=ids("FK", n),
        occurred_at=received,
        project=code,
        service_area=np.repeat("客户服务", n),
        source="客服系统",
        complete=rng.random(n) < 0.985,
        kind=KINDS[kind],
        category=np.where(complaint, rng.choice(COMPLAINTS, n), ""),
        channel=rng.choice(["电话", "微信", "前台", "12345"], n, p=[0.36, 0.44, 0.16, 0.04]),
        received_at=received,
        first_response_at=_after(received, hours_first),
        answered_at=_after(received, days_close * 24 * 0.9),
        closed_at=closed,
        revisited_at=np.where(rng.random(n) < 0.985, _after(received, days_close * 24 + 24), NOT_YET),
        due_first_response_at=received + np.timedelta64(24, "h"),
        due_close_at=received + np.timedelta64(7, "D"),
        limit_first_response=np.full(n, 1440.0),
        limit_close=np.full(n, 7 * 1440.0),
        valid=pa.array(np.where(complaint, rng.random(n) < 0.86, True)),
        reopened=rng.random(n) < 0.03,
        rating=np.where(complaint & ~np.isnat(closed) & (rng.random(n) < 0.72), mark, np.nan),
        rating_min=np.ones(n),
        rating_max=np.full(n, 5.0),
    )


def _after(start: np.ndarray, hours: np.ndarray) -> np.ndarray:
    instant = start + (hours * 3600).astype("timedelta64[s]")
    return np.where(instant > NOW, NOT_YET, instant)


def _month_ends() -> np.ndarray:
    return utc(month_starts())[1:] - np.timedelta64(1, "h")


def assets(projects: list[Project]) -> pa.Table:
    """Lifts with their certificates and fire systems with their yearly test, at each month's end."""
    rng = np.random.default_rng([SEED, 7])
    units = [(p.code, f"{p.code}-L{n:02d}", "lift", "电梯") for p in projects for n in range(1, p.lifts + 1)]
    units += [(p.code, f"{p.code}-F{n}", "fire_system", "消防") for p in projects for n in (1, 2)]
    ends = _month_ends()
    n = len(units)
    phase = rng.integers(0, 330, n)
    slack = np.where(rng.random(n) < 0.012, 75, -15)  # a few are tested late every year
    span = 365 + slack
    day = (ends[None, :] - utc(month_starts()[:1])[0]).astype(float) / 86400
    since = (day + phase[:, None]) % span[:, None]
    tested = (ends[None, :] - (since * 86400).astype("timedelta64[s]")).ravel()
    lift = np.repeat(np.array([kind == "lift" for _, _, kind, _ in units]), MONTHS)

    def each(index: int) -> np.ndarray:
        return np.repeat(np.array([unit[index] for unit in units]), MONTHS)

    return table(
        "assets",
        "",
        fact_id=np.char.add(each(1), np.tile(np.char.add("@", month_starts()[:-1].astype(str)), n)),
        occurred_at=np.tile(ends, n),
        project=each(0),
        service_area=each(3),
        source="设备台账",
        asset=each(1),
        asset_type=each(2),
        in_service=np.ones(n * MONTHS, dtype=bool),
        last_test_at=tested,
        valid_until=np.where(lift, tested + np.timedelta64(365, "D"), NOT_YET),
        state=np.repeat("in_service", n * MONTHS),
    )


def exposure(projects: list[Project]) -> pa.Table:
    """Households and lifts of each project and month."""
    ends = _month_ends()
    n = len(projects) * MONTHS

    def each(values: list) -> np.ndarray:
        return np.repeat(np.array(values), MONTHS)

    month = np.tile(month_starts()[:-1].astype(str), len(projects))
    common = {"occurred_at": np.tile(ends, len(projects)), "project": each([p.code for p in projects])}
    whole = table(
        "exposure",
        "",
        fact_id=np.char.add(np.char.add(common["project"], "@"), month),
        source="项目台账",
        households=each([float(p.households) for p in projects]),
        area=each([p.households * 98.0 for p in projects]),
        **common,
    )
    lifts = table(
        "exposure",
        "",
        fact_id=np.char.add(np.char.add(common["project"], "/lift@"), month),
        source="项目台账",
        asset_type=np.repeat("lift", n),
        assets_in_service=each([float(p.lifts) for p in projects]),
        **common,
    )
    return pa.concat_tables([whole, lifts])


def measurements(projects: list[Project]) -> pa.Table:
    """Calls answered in 20 s (R09), patrol points reached (C04), equipment hours available (M03)."""
    rng = np.random.default_rng([SEED, 8])
    ends = _month_ends()
    quality = np.repeat(np.array([p.quality for p in projects]), MONTHS)
    size = np.repeat(np.array([p.households for p in projects]), MONTHS)
    parts = []
    shares = {
        "R09": (size * 0.35, 0.924),
        "C04": (np.full(size.size, 1240.0), 0.988),
        "M03": (size * 16.0, 0.9875),
    }
    for code, (exposed, level) in shares.items():
        total = np.round(exposed * rng.uniform(0.95, 1.05, size.size))
        level_here = np.clip(
            level + (1 - level) * 0.35 * quality + rng.normal(0, (1 - level) * 0.12, size.size), 0, 1
        )
        parts.append(
            table(
                "measurements",
                "",
                fact_id=np.char.add(
                    np.repeat(np.array([f"{code}/{p.code}@" for p in projects]), MONTHS),
                    np.tile(month_starts()[:-1].astype(str), len(projects)),
                ),
                occurred_at=np.tile(ends, len(projects)),
                project=np.repeat(np.array([p.code for p in projects]), MONTHS),
                service_area=np.repeat(
                    {"R09": "客户服务", "C04": "秩序维护", "M03": "公共设施设备"}[code], size.size
                ),
                source={"R09": "话务系统", "C04": "巡更系统", "M03": "设备监控"}[code],
                indicator=np.repeat(code, size.size),
                numerator=np.round(total * level_here),
                denominator=total,
            )
        )
    return _without_silent(pa.concat_tables(parts))


def _without_silent(rows: pa.Table) -> pa.Table:
    """Leave out what one system did not deliver, so that somebody is reminded of it."""
    gone = pa.array(
        [
            source == planted.SILENT_SOURCE
            and project == planted.SILENT_PROJECT
            and fact.endswith(f"@{planted.SILENT_MONTH}")
            for source, project, fact in zip(
                *(rows[name].to_pylist() for name in ("source", "project", "fact_id")), strict=True
            )
        ]
    )
    return rows.filter(pc.invert(gone))
