"""The simulated quarterly survey: a stratified sample of households, who answered, and what they said."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bihuan.archive.schema import DIMENSIONS
from bihuan.config.demo import planted
from bihuan.config.demo.calendar import QUARTERS, cycle_codes, random_instants
from bihuan.config.demo.company import AREAS, SEED, Project
from bihuan.config.demo.facts import ids, table

QUESTIONNAIRE = "满意度问卷 V3"
TENURES = {"owner": ("业主", 0.74), "tenant": ("租户", 0.26)}
DRAWN_PER_PROJECT = 170
RESPONSE_RATE = {"owner": 0.385, "tenant": 0.29}
ITEMS: dict[str, tuple[str, ...]] = {
    "客户服务": ("态度与礼貌", "问题响应速度", "信息通知及时透明"),
    "秩序维护": ("门岗管理", "巡逻与安全感"),
    "环境保洁": ("楼道电梯厅清洁", "园区道路清洁", "垃圾分类清运"),
    "绿化养护": ("修剪补种", "病虫害与黄土裸露"),
    "工程维修": ("到场及时", "维修质量"),
    "公共设施设备": ("照明与道路", "门禁对讲"),
    "车辆管理": ("停放秩序", "充电安全"),
    "消防": ("通道畅通", "设施完好"),
    "电梯": ("运行平稳", "轿厢清洁"),
    "社区文化": ("活动数量质量", "沟通渠道"),
}
ITEMS_EN: dict[str, tuple[str, ...]] = {
    "客户服务": ("Courtesy", "Speed of response", "Timely and open information"),
    "秩序维护": ("Gate control", "Patrols and feeling safe"),
    "环境保洁": ("Clean halls and lift lobbies", "Clean roads", "Waste sorting and removal"),
    "绿化养护": ("Pruning and replanting", "Pests and bare soil"),
    "工程维修": ("Arriving on time", "Quality of the repair"),
    "公共设施设备": ("Lighting and roads", "Doors and intercoms"),
    "车辆管理": ("Orderly parking", "Safe charging"),
    "消防": ("Clear escape routes", "Working fire equipment"),
    "电梯": ("Smooth running", "Clean cars"),
    "社区文化": ("Activities", "Ways to be heard"),
}
AREA_SHIFT = np.array([0.15, 0.1, 0.1, 0.0, -0.15, 0.0, -0.45, 0.1, -0.05, -0.1])
CUTS = np.array([-2.35, -1.75, -0.92, 0.35])  # 5-point marks of a latent normal; about 82 % answer 4 or 5


def questions() -> list[dict]:
    """The questions of the questionnaire in the columns of the ``questions`` dimension."""
    rows = [_question("Q1", "overall", "总体", "", "总体满意度", "Overall satisfaction", None)]
    for a, area in enumerate(AREAS):
        for i, text in enumerate(ITEMS[area]):
            rows.append(_question(f"Q{a + 2}.{i + 1}", "item", area, area, text, ITEMS_EN[area][i], 0.1))
    rows.append(_question("NPS", "nps", "忠诚", "", "推荐意愿", "Would recommend", None))
    return rows


def _question(
    code: str, role: str, dimension: str, area: str, zh: str, en: str, weight: float | None
) -> dict:
    return {
        "questionnaire_version": QUESTIONNAIRE,
        "question": code,
        "role": role,
        "dimension": dimension,
        "dimension_weight": weight,
        "service_area": area or None,
        "text_zh": zh,
        "text_en": en,
    }


def survey(projects: list[Project]) -> dict[str, pa.Table]:
    """Tables ``samples``, ``answers``, ``strata`` and ``questions`` of the twelve quarters."""
    rng = np.random.default_rng([SEED, 3])
    members = _members(projects)
    answered = _dispositions(rng, members)
    _weights(members, answered)
    responses = {name: values[answered] for name, values in members.items()}
    responses["id"] = ids("RS", responses["project"].size)
    members["response"] = np.full(members["project"].size, "", dtype=responses["id"].dtype)
    members["response"][answered] = responses["id"]
    open_link = _open_link(rng, projects)
    sampled = _answers(rng, responses, projects, sampled=True)
    volunteers = _answers(rng, open_link, projects, sampled=False)
    return {
        "samples": _samples_table(rng, members, projects),
        "answers": pa.concat_tables([sampled, volunteers]),
        "strata": _strata_table(projects),
        "questions": pa.Table.from_pylist(questions(), schema=DIMENSIONS["questions"].arrow),
    }


def strata(projects: list[Project]) -> list[tuple[str, int, int]]:
    """``(stratum, N_h, n_h)`` of every project and tenure; the frame is the same each quarter."""
    result = []
    for p in projects:
        for tenure, (_, share) in TENURES.items():
            size = round(p.households * share)
            result.append((f"{p.code}-{tenure}", size, min(size, round(DRAWN_PER_PROJECT * share))))
    return result


def _members(projects: list[Project]) -> dict[str, np.ndarray]:
    frame = strata(projects)
    drawn = np.array([n for _, _, n in frame])
    one = np.repeat(np.arange(len(frame)), drawn)
    stratum = np.tile(one, QUARTERS)
    quarter = np.repeat(np.arange(QUARTERS), one.size)
    return {
        "stratum": stratum,
        "quarter": quarter,
        "project": stratum // len(TENURES),
        "tenant": stratum % len(TENURES),
        "frame_size": np.array([size for _, size, _ in frame], dtype=float)[stratum],
        "sample_size": drawn.astype(float)[stratum],
    }


def _dispositions(rng: np.random.Generator, members: dict[str, np.ndarray]) -> np.ndarray:
    """AAPOR outcome of every member; returns which of them answered."""
    n = members["project"].size
    rate = np.array(list(RESPONSE_RATE.values()))[members["tenant"]]
    answered = rng.random(n) < rate
    other = rng.choice(["R", "NC", "O", "UH", "NE"], n, p=[0.28, 0.5, 0.05, 0.13, 0.04])
    members["disposition"] = np.where(answered, "I", other)
    return answered


def _weights(members: dict[str, np.ndarray], answered: np.ndarray) -> None:
    """Design weight times the inverse of the response rate of the stratum in the quarter."""
    cell = members["stratum"] * QUARTERS + members["quarter"]
    r = np.bincount(cell[answered], minlength=cell.max() + 1)[cell]
    members["weight"] = np.where(r > 0, members["frame_size"] / np.maximum(r, 1), np.nan)


def _open_link(rng: np.random.Generator, projects: list[Project]) -> dict[str, np.ndarray]:
    """A handful who answered the open link: angrier, and never to be mixed with the sample."""
    count = rng.poisson(3.0, (len(projects), QUARTERS))
    project = np.repeat(np.repeat(np.arange(len(projects)), QUARTERS), count.ravel())
    quarter = np.repeat(np.tile(np.arange(QUARTERS), len(projects)), count.ravel())
    return {
        "project": project,
        "quarter": quarter,
        "tenant": np.zeros(project.size, dtype=int),
        "id": ids("RO", project.size),
        "weight": np.full(project.size, np.nan),
        "stratum": np.full(project.size, -1),
    }


def _answers(
    rng: np.random.Generator, responses: dict[str, np.ndarray], projects: list[Project], *, sampled: bool
) -> pa.Table:
    n = responses["project"].size
    asked = questions()
    quality = np.array([p.quality for p in projects])[responses["project"]]
    unhappy = np.array([p.code == planted.UNHAPPY_PROJECT for p in projects])[responses["project"]]
    person = rng.normal(0, 0.72, n) + 0.45 * quality + unhappy * planted.UNHAPPY_SHIFT
    person += 0.012 * responses["quarter"] - 0.08 * responses["tenant"] - (0 if sampled else 0.7)
    area = np.array([AREAS.index(q["service_area"]) if q["service_area"] else -1 for q in asked])
    shift = np.where(area >= 0, AREA_SHIFT[area], 0.05)
    latent = person[:, None] + shift + rng.normal(0, 0.7, (n, len(asked)))
    marks = (np.digitize(latent, CUTS) + 1).astype(float)
    nps = area.size - 1
    marks[:, nps] = np.clip(np.round(7.75 + 1.75 * latent[:, nps]), 0, 10)
    unknown = rng.random(marks.shape) < np.where(area == AREAS.index("工程维修"), 0.34, 0.04)
    unknown[:, [0, nps]] = False
    marks[unknown] = np.nan
    submitted = random_instants(rng, responses["quarter"] * 3 + 1, peak=19.0)
    buildings = np.array([p.buildings for p in projects])[responses["project"]]
    number = np.char.zfill((np.floor(rng.random(n) * buildings).astype(int) + 1).astype(str), 2)
    codes = np.array([p.code for p in projects])[responses["project"]]
    names = np.array([s for s, _, _ in strata(projects)])
    stratum = np.where(responses["stratum"] >= 0, names[responses["stratum"]], "")
    mode = rng.choice(["web", "phone", "face"], n, p=[0.68, 0.24, 0.08]) if sampled else np.repeat("web", n)
    k = len(asked)

    def each(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, k)

    def column(key: str) -> np.ndarray:
        return np.tile(np.array([q[key] or "" for q in asked]), n)

    low = np.tile(np.where(np.arange(k) == nps, 0.0, 1.0), n)
    return table(
        "answers",
        "A",
        fact_id=np.char.add(np.char.add(each(responses["id"]), "/"), column("question")),
        occurred_at=each(submitted),
        project=each(codes),
        building=each(np.char.add(np.char.add(codes, "-"), number)),
        service_area=column("service_area"),
        source="满意度调查" if sampled else "开放问卷",
        response=each(responses["id"]),
        questionnaire_version=np.repeat(QUESTIONNAIRE, n * k),
        question=column("question"),
        role=column("role"),
        dimension=column("dimension"),
        value=marks.ravel(),
        scale_min=low,
        scale_max=np.where(low == 0, 10.0, 5.0),
        stratum=each(stratum),
        weight=each(responses["weight"]),
        sampled=np.full(n * k, sampled),
        mode=each(mode),
    )


def _samples_table(
    rng: np.random.Generator, members: dict[str, np.ndarray], projects: list[Project]
) -> pa.Table:
    names = np.array([s for s, _, _ in strata(projects)])
    codes = np.array([p.code for p in projects])
    return table(
        "samples",
        "SM",
        occurred_at=random_instants(rng, members["quarter"] * 3),
        project=codes[members["project"]],
        source="满意度调查",
        stratum=names[members["stratum"]],
        frame_size=members["frame_size"],
        sample_size=members["sample_size"],
        base_weight=members["frame_size"] / members["sample_size"],
        disposition=members["disposition"],
        response=members["response"],
    )


def _strata_table(projects: list[Project]) -> pa.Table:
    rows = [
        {"cycle": cycle, "stratum": name, "frame_size": float(size), "sample_size": float(n)}
        for cycle in cycle_codes()
        for name, size, n in strata(projects)
    ]
    return pa.Table.from_pylist(rows, schema=DIMENSIONS["strata"].arrow)
