"""What the synthetic records say, as SQL over the generator's numbers; and the dimensions beside them."""

# ruff: noqa: E501  (a column of SQL stays on its line)

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from bihuan.archive.schema import DIMENSIONS

CITIES, REGIONS = 40, 8
AREAS = [
    "客户服务", "秩序维护", "环境保洁", "绿化养护", "工程维修",
    "公共设施设备", "车辆管理", "消防", "电梯", "社区文化",
]  # fmt: skip
CATEGORIES = ["水电", "门窗", "管道", "墙面", "电梯", "门禁", "照明", "消防", "道路", "其他"]


def _listed(names: list[str], code: str) -> str:
    """SQL that turns a number into one of the names."""
    return f"[{', '.join(repr(name) for name in names)}][1 + ({code}) % {len(names)}]"


def _month(instant: str) -> str:
    return f"strftime({instant}, '%Y-%m')"


_CREATED = "TIMESTAMP '2026-07-01' + to_seconds(epoch(created_at)::BIGINT % (92 * 86400))"
# Of the ten answers of a response the first is about everything, the second is the recommendation of 0 to 10.
FULL = {
    "answers": f"""
SELECT 'a' || lpad((response_id * 100 + question_id)::VARCHAR, 12, '0') fact_id, {_month("submitted_at")} period,
       project, submitted_at::TIMESTAMPTZ occurred_at, 'r' || lpad(response_id::VARCHAR, 9, '0') response,
       'survey-v1' questionnaire_version, 'q' || lpad(question_id::VARCHAR, 2, '0') question, role,
       CASE role WHEN 'item' THEN {_listed(AREAS, "question_id")} END dimension,
       CASE role WHEN 'item' THEN {_listed(AREAS, "question_id")} END service_area,
       (CASE role WHEN 'nps' THEN 2 * score ELSE score END)::DOUBLE "value",
       (CASE role WHEN 'nps' THEN 0 ELSE 1 END)::DOUBLE scale_min,
       (CASE role WHEN 'nps' THEN 10 ELSE 5 END)::DOUBLE scale_max,
       'h' || lpad(stratum::VARCHAR, 3, '0') stratum, weight, true sampled,
       {_listed(["web", "phone", "paper", "face"], "response_id")} mode
FROM (SELECT *, CASE row_number() OVER (PARTITION BY response_id ORDER BY question_id)
                  WHEN 1 THEN 'overall' WHEN 2 THEN 'nps' ELSE 'item' END AS "role" FROM {{raw}})""",
    "work_orders": f"""
SELECT 'w' || lpad(wo_id::VARCHAR, 10, '0') fact_id, {_month("reported_at")} period, project,
       project || '-' || building_id % 8 building,
       {_listed(AREAS, "wo_id * 7")} service_area, 'K' || lpad((building_id % 300)::VARCHAR, 3, '0') contractor,
       reported_at::TIMESTAMPTZ occurred_at, reported_at::TIMESTAMPTZ reported_at,
       CASE WHEN wo_id % 997 = 0 THEN 'entrapment' ELSE {_listed(CATEGORIES, "wo_id * 13")} END category,
       CASE priority WHEN 0 THEN 'emergency' ELSE 'normal' END priority, 'c' || channel channel, '24h' calendar,
       CASE WHEN wo_id % 4 = 0 THEN project || '-lift-' || wo_id % 5 END asset,
       CASE WHEN wo_id % 4 = 0 THEN 'lift' END asset_type,
       (reported_at + waited)::TIMESTAMPTZ responded_at, (reported_at + waited + took / 8)::TIMESTAMPTZ arrived_at,
       (reported_at + took)::TIMESTAMPTZ resolved_at, (reported_at + took + to_days(1))::TIMESTAMPTZ closed_at,
       CASE WHEN wo_id % 3 = 0 THEN (reported_at + took + to_days(2))::TIMESTAMPTZ END revisited_at,
       (reported_at + to_minutes(sla_minutes))::TIMESTAMPTZ due_arrive_at,
       (reported_at + to_minutes(60 * sla_minutes))::TIMESTAMPTZ due_at,
       epoch(waited) / 60 minutes_to_respond, epoch(waited + took / 8) / 60 minutes_to_arrive,
       epoch(took) / 60 minutes_to_resolve, 0.0 paused_minutes,
       CASE WHEN wo_id % 31 = 0 AND wo_id > 99 THEN 'w' || lpad((wo_id - 99)::VARCHAR, 10, '0') END repeat_of,
       wo_id % 50 = 0 reopened, CASE WHEN wo_id % 5 < 2 THEN 1 + (wo_id * 11) % 5 END::DOUBLE rating,
       1.0 rating_min, 5.0 rating_max
FROM (SELECT *, {_CREATED} reported_at, responded_at - created_at waited, resolved_at - created_at took
      FROM {{raw}})""",
    "inspection_items": f"""
SELECT 'i' || lpad((inspection_id * 40 + place)::VARCHAR, 11, '0') fact_id, {_month("moment")} period, project,
       project || '-' || inspection_id % 8 building, {_listed(AREAS, "item_id")} service_area,
       'K' || lpad((inspection_id % 300)::VARCHAR, 3, '0') contractor, moment::TIMESTAMPTZ occurred_at,
       'n' || lpad(inspection_id::VARCHAR, 8, '0') inspection, 'x' || lpad((item_id % 100)::VARCHAR, 3, '0') item,
       {_listed(["self", "supervisor", "manager", "third_party"], "inspection_id")} "level",
       CASE WHEN passed THEN 'conforming' WHEN item_id % 10 = 3 THEN 'not_applicable' ELSE 'non_conforming' END
         "result",
       1.0 weight, points::DOUBLE points, max_points::DOUBLE max_points,
       CASE WHEN item_id < 4 THEN 'A' ELSE 'C' END severity, item_id < 4 veto,
       project || '-s' || (inspection_id // 8) % 6 inspector, 'round-v1' checklist_version
FROM (SELECT * EXCLUDE ("at"), row_number() OVER (PARTITION BY inspection_id) - 1 place,
             TIMESTAMP '2026-07-01' + to_seconds((inspection_id * 7919) % (92 * 86400)) AS moment FROM {{raw}})""",
}
_PROJECTS = "(SELECT 'P' || lpad(p::VARCHAR, 5, '0') project, p FROM range(10000) t(p))"
_MONTHS = "(SELECT unnest([7, 8, 9]) m)"
_AT = "make_timestamp(2026, m, 28, 0, 0, 0)::TIMESTAMPTZ occurred_at, '2026-0' || m period"
SMALL = {
    "exposure": f"""
SELECT 'e' || p || '-' || m || '-' || coalesce(asset_type, '') fact_id, project, {_AT}, asset_type,
       CASE WHEN asset_type IS NULL THEN 500.0 + p % 1000 END households,
       CASE WHEN asset_type IS NOT NULL THEN 5.0 END assets_in_service
FROM {_PROJECTS}, {_MONTHS}, (SELECT unnest([NULL, 'lift']) asset_type)""",
    "assets": f"""
SELECT 's' || p || '-' || m || '-' || k fact_id, project, {_AT}, project || '-lift-' || k asset,
       CASE WHEN k < 5 THEN 'lift' ELSE 'fire_system' END asset_type, true in_service,
       make_timestamp(2025, 10 + (p + k) % 3, 1, 0, 0, 0)::TIMESTAMPTZ last_test_at,
       make_timestamp(2026, 7 + (p + k) % 6, 1, 0, 0, 0)::TIMESTAMPTZ valid_until, 'in_service' state
FROM {_PROJECTS}, {_MONTHS}, (SELECT unnest(range(6)) k)""",
    "measurements": f"""
SELECT 'm' || p || '-' || m || '-' || indicator fact_id, project, {_AT}, indicator,
       900.0 + (p * 7 + m) % 100 numerator, 1000.0 denominator
FROM {_PROJECTS}, {_MONTHS}, (SELECT unnest(['R09', 'C04', 'M03']) indicator)""",
    "feedback": f"""
SELECT 'f' || k fact_id, project, strftime(moment, '%Y-%m') period, moment::TIMESTAMPTZ occurred_at,
       {_listed(AREAS, "k * 7")} service_area, ['complaint', 'inquiry', 'praise'][1 + k % 3] kind,
       {_listed(CATEGORIES, "k * 3")} category, 'c' || k % 6 channel, moment::TIMESTAMPTZ received_at,
       (moment + to_minutes(k % 400))::TIMESTAMPTZ first_response_at, (moment + to_hours(k % 90))::TIMESTAMPTZ closed_at,
       CASE WHEN k % 4 < 3 THEN (moment + to_hours(120))::TIMESTAMPTZ END revisited_at,
       (moment + to_minutes(360))::TIMESTAMPTZ due_first_response_at, (moment + to_hours(72))::TIMESTAMPTZ due_close_at,
       k % 5 > 0 AS valid, 1.0 + k * 11 % 5 rating, 1.0 rating_min, 5.0 rating_max
FROM (SELECT k, 'P' || lpad(((k * 7919) % 10000)::VARCHAR, 5, '0') project,
             TIMESTAMP '2026-07-01' + to_seconds((k * 104729) % (92 * 86400)) AS moment FROM range({{rows}}) t(k))""",
}


def places(projects: int) -> pa.Table:
    """A company of 8 regions, 40 cities and the projects with 8 buildings each."""
    rows = [{"code": "C", "kind": "company", "parent": None}]
    rows += [{"code": f"R{r}", "kind": "region", "parent": "C"} for r in range(REGIONS)]
    rows += [{"code": f"T{c:02d}", "kind": "city", "parent": f"R{c % REGIONS}"} for c in range(CITIES)]
    rows += [
        {"code": f"P{p:05d}", "kind": "project", "parent": f"T{p % CITIES:02d}", "households": 500.0 + p % 1000,
         "grade": ["一级", "二级", "三级"][p % 3]}
        for p in range(projects)
    ]  # fmt: skip
    rows += [
        {"code": f"P{p:05d}-{b}", "kind": "building", "parent": f"P{p:05d}"}
        for p in range(projects)
        for b in range(8)
    ]
    named = [{**row, "name_zh": row["code"]} for row in rows]
    return pa.Table.from_pylist(named, schema=_nullable("places"))


def strata(connection: duckdb.DuckDBPyConnection, raw: Path, cycle: str) -> pa.Table:
    """Strata as large as their answers say, drawn one in three."""
    sizes = connection.sql(
        f"SELECT stratum, count(*) // 10 n FROM '{raw}' GROUP BY stratum ORDER BY stratum"
    ).fetchall()
    rows = [
        {"cycle": cycle, "stratum": f"h{k:03d}", "frame_size": 3.0 * n, "sample_size": float(n)}
        for k, n in sizes
    ]
    return pa.Table.from_pylist(rows, schema=_nullable("strata"))


def _nullable(name: str) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in DIMENSIONS[name].arrow])
