"""Simulated planned duties: maintenance, cleaning, rectification and training."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.config.demo import planted
from bihuan.config.demo.calendar import NOW, QUARTERS, month_starts, months_of, utc
from bihuan.config.demo.company import SEED, Project
from bihuan.config.demo.facts import ids, table

DAY = 86400.0
NOT_YET = np.datetime64("NaT")


def tasks(projects: list[Project], inspection_items: pa.Table) -> pa.Table:
    """All duties of the 36 months."""
    rng = np.random.default_rng([SEED, 5])
    parts = [
        _lift_service(rng, projects),
        _monthly(rng, projects, "maintenance", "公共设施设备", "T-ENG", per_month=9, miss=0.013),
        _monthly(rng, projects, "maintenance", "消防", "K-XF", per_month=3, miss=0.012),
        _monthly(rng, projects, "cleaning", "环境保洁", "K-QJ", per_month=30, miss=0.014),
        _monthly(rng, projects, "training", "客户服务", "", per_month=4, miss=0.035),
        _rectifications(rng, inspection_items),
    ]
    return pa.concat_tables(parts)


def _seen(done: np.ndarray) -> np.ndarray:
    return np.where(done > NOW, NOT_YET, done)


def _lift_service(rng: np.random.Generator, projects: list[Project]) -> pa.Table:
    """Every lift is serviced at most 15 days after the last time; the slow contractor slips."""
    lifts = [(p, n) for p in projects for n in range(1, p.lifts + 1)]
    begin = utc(month_starts()[:1])[0]
    visits = 90
    gap = np.minimum(rng.normal(13.4, 0.75, (len(lifts), visits)), 14.9)
    gap += np.where(rng.random(gap.shape) < 0.006, rng.exponential(1.5, gap.shape), 0)
    due = begin + (np.cumsum(gap, axis=1) * DAY).astype("timedelta64[s]")
    slow = np.array(
        [p.code in planted.SLOW_PROJECTS and p.lift_contractor == planted.SLOW_CONTRACTOR for p, _ in lifts]
    )
    late = slow[:, None] & (months_of(due) // 3 >= planted.SLOW_FROM) & (rng.random(gap.shape) < 0.38)
    gap = gap + late * rng.exponential(planted.SLOW_INTERVAL_DAYS, gap.shape)
    done = begin + (np.cumsum(gap, axis=1) * DAY).astype("timedelta64[s]")
    previous = np.concatenate([np.full((len(lifts), 1), begin), done[:, :-1]], axis=1)
    keep = (done < NOW).ravel()  # services of the running quarter end the last intervals
    codes = np.repeat(np.array([p.code for p, _ in lifts]), visits)[keep]
    asset = np.repeat(np.array([f"{p.code}-L{n:02d}" for p, n in lifts]), visits)[keep]
    done, previous = done.ravel()[keep], previous.ravel()[keep]
    return table(
        "tasks",
        "",
        fact_id=ids("WB", codes.size),
        occurred_at=done,
        project=codes,
        service_area=np.repeat("电梯", codes.size),
        contractor=np.repeat(np.array([p.lift_contractor for p, _ in lifts]), visits)[keep],
        source="维保系统",
        complete=rng.random(codes.size) < 0.985,
        kind=np.repeat("maintenance", codes.size),
        asset=asset,
        asset_type=np.repeat("lift", codes.size),
        due_from=previous,
        due_to=previous + np.timedelta64(15, "D"),
        done_at=_seen(done),
        interval_days=(done - previous).astype(float) / DAY,
        result=np.repeat("done", codes.size),
    )


def _monthly(
    rng: np.random.Generator,
    projects: list[Project],
    kind: str,
    area: str,
    team: str,
    *,
    per_month: int,
    miss: float,
) -> pa.Table:
    months = QUARTERS * 3
    n = len(projects) * months * per_month
    code = np.repeat(np.array([p.code for p in projects]), months * per_month)
    quality = np.repeat(np.array([p.quality for p in projects]), months * per_month)
    month = np.tile(np.repeat(np.arange(months), per_month), len(projects))
    starts = utc(month_starts())
    slot = np.tile(np.arange(per_month), len(projects) * months) / per_month
    length = (starts[month + 1] - starts[month]).astype(float)
    due_from = starts[month] + (slot * length).astype("timedelta64[s]")
    due_to = due_from + (length / per_month).astype("timedelta64[s]") + np.timedelta64(1, "D")
    late = rng.random(n) < miss * np.exp(-0.5 * quality)
    never = late & (rng.random(n) < 0.4)
    window = (due_to - due_from).astype(float)
    done = due_from + (np.where(late, 1 + rng.exponential(0.5, n), rng.random(n)) * window).astype(
        "timedelta64[s]"
    )
    done = np.where(never, NOT_YET, _seen(done))
    return table(
        "tasks",
        "",
        fact_id=ids({"maintenance": "BY", "cleaning": "BJ", "training": "PX"}[kind] + area, n),
        occurred_at=due_from,
        project=code,
        service_area=np.repeat(area, n),
        contractor=np.repeat(team, n),
        source="维保系统" if kind == "maintenance" else "任务系统",
        complete=rng.random(n) < 0.985,
        kind=np.repeat(kind, n),
        asset_type=np.repeat("fire_system" if area == "消防" else "", n),
        due_from=due_from,
        due_to=due_to,
        done_at=done,
        result=np.where(np.isnat(done), "", "done"),
    )


def _rectifications(rng: np.random.Generator, items: pa.Table) -> pa.Table:
    """Every item found wrong opens one: a day for a red line, a week otherwise."""
    failed = items.filter(pc.equal(items["result"], "non_conforming"))
    n = failed.num_rows
    opened = failed["occurred_at"].to_numpy().astype("datetime64[s]")
    severity = np.array(failed["severity"].to_pylist())
    days = np.where(severity == "A", 1.0, 7.0)
    taken = days * np.where(rng.random(n) < 0.955, rng.beta(2.2, 2.2, n), 1 + rng.exponential(0.7, n))
    number = ids("ZG", n)
    points = np.char.add(np.array(failed["point"].to_pylist()), np.array(failed["item"].to_pylist()))
    last: dict[str, int] = {}
    repeat = np.full(n, "", dtype=number.dtype)
    for i in np.argsort(opened, kind="stable"):
        before = last.get(points[i])
        if before is not None and opened[i] - opened[before] <= np.timedelta64(90, "D"):
            repeat[i] = number[before]
        last[points[i]] = i
    return table(
        "tasks",
        "",
        fact_id=number,
        occurred_at=opened,
        project=failed["project"],
        building=failed["building"],
        service_area=failed["service_area"],
        source="整改单",
        complete=rng.random(n) < 0.98,
        kind=np.repeat("rectification", n),
        point=failed["point"],
        due_from=opened,
        due_to=opened + (days * DAY).astype("timedelta64[s]"),
        done_at=_seen(opened + (taken * DAY).astype("timedelta64[s]")),
        repeat_of=repeat,
        result=np.repeat("verified", n),
    )
