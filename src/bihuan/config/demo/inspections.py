"""Simulated on-site inspections, item by item, and the rectifications that failed items open."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bihuan.config.demo import planted
from bihuan.config.demo.calendar import QUARTERS, random_instants
from bihuan.config.demo.company import AREAS, SEED, Project
from bihuan.config.demo.facts import ids, table

CHECKLIST = "现场检查表 V3"
ROUNDS_PER_MONTH = 2
# Items of each area with their severity, in the order of AREAS; A is a red line.
SEVERITIES = {
    "客户服务": "BBDB",
    "秩序维护": "BCBC",
    "环境保洁": "BCCDC",
    "绿化养护": "BCCC",
    "工程维修": "CAC",
    "公共设施设备": "AACCC",
    "车辆管理": "ACBD",
    "消防": "AAABBBA",
    "电梯": "AABCC",
    "社区文化": "DD",
}
FAIL_RATE = {"A": 0.0016, "B": 0.035, "C": 0.07, "D": 0.085}
WEIGHT = {"A": 3.0, "B": 2.0, "C": 1.0, "D": 0.5}
INSPECTORS = [f"insp-{n:02d}" for n in range(1, 9)]


def items() -> list[tuple[str, str, str]]:
    """``(code, area, severity)`` of every check item."""
    return [(f"{AREAS.index(a) + 1:02d}.{i + 1}", a, s) for a in AREAS for i, s in enumerate(SEVERITIES[a])]


def inspection_items(projects: list[Project]) -> pa.Table:
    """Two rounds a month in every project, each of all items."""
    rng = np.random.default_rng([SEED, 4])
    rounds = _rounds(rng, projects)
    listed = items()
    n, k = rounds["project"].size, len(listed)
    severity = np.array([s for _, _, s in listed])
    area = np.array([a for _, a, _ in listed])
    rate = np.array([FAIL_RATE[s] for s in severity]) * np.exp(-0.5 * rounds["quality"])[:, None]
    fail = rng.random((n, k)) < rate
    fail[rounds["blind"]] = False
    fail[rounds["unhappy"]] &= rng.random((rounds["unhappy"].sum(), k)) < 0.25
    slight = fail & (rng.random((n, k)) < 0.45) & (severity != "A")
    absent = rng.random((n, k)) < np.where(area == "社区文化", 0.25, 0.03)
    unchecked = ~absent & (rng.random((n, k)) < 0.012)
    result = np.select(
        [absent, unchecked, fail], ["not_applicable", "not_checked", "non_conforming"], "conforming"
    )
    weight = np.array([WEIGHT[s] for s in severity])
    points = np.select([absent | unchecked, fail & ~slight, slight], [np.nan, 0.0, 0.5], 1.0)
    number = np.char.zfill(
        (np.floor(rng.random((n, k)) * rounds["buildings"][:, None]).astype(int) + 1).astype(str), 2
    )
    buildings = np.char.add(np.char.add(rounds["code"], "-")[:, None], number)

    def each(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, k)

    def tiled(values: np.ndarray) -> np.ndarray:
        return np.tile(values, n)

    return table(
        "inspection_items",
        "IT",
        occurred_at=each(rounds["at"]),
        project=each(rounds["code"]),
        building=buildings.ravel(),
        service_area=tiled(area),
        source="现场检查",
        complete=rng.random(n * k) < 0.988,
        inspection=each(rounds["id"]),
        item=tiled(np.array([code for code, _, _ in listed])),
        point=np.char.add(buildings.ravel(), "/1单元"),
        level=each(rounds["level"]),
        result=result.ravel(),
        weight=tiled(weight),
        points=points.ravel(),
        max_points=np.where(np.isnan(points), np.nan, 1.0).ravel(),
        severity=tiled(severity),
        veto=tiled(severity == "A"),
        inspector=each(rounds["inspector"]),
        checklist_version=np.repeat(CHECKLIST, n * k),
    )


def _rounds(rng: np.random.Generator, projects: list[Project]) -> dict[str, np.ndarray]:
    months = QUARTERS * 3
    project = np.repeat(np.arange(len(projects)), months * ROUNDS_PER_MONTH)
    month = np.tile(np.repeat(np.arange(months), ROUNDS_PER_MONTH), len(projects))
    at = random_instants(rng, month, peak=10.5)
    code = np.array([p.code for p in projects])[project]
    usual = np.array(INSPECTORS)[rng.integers(0, 6, project.size)]
    blind = np.isin(code, planted.BLIND_PROJECTS) & (rng.random(project.size) < 0.6)
    usual[usual == planted.BLIND_INSPECTOR] = INSPECTORS[0]
    return {
        "id": ids("JC", project.size),
        "project": project,
        "code": code,
        "at": at,
        "quality": np.array([p.quality for p in projects])[project],
        "buildings": np.array([p.buildings for p in projects])[project],
        "inspector": np.where(blind, planted.BLIND_INSPECTOR, usual),
        "blind": blind,
        "unhappy": code == planted.UNHAPPY_PROJECT,
        "level": np.where(np.arange(project.size) % 8 == 7, "third_party", "supervisor"),
    }
