"""What happens to single rows: each kind of fault with its reason, and good values as people write them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bihuan.collect.records.mapping import MappingSpec, Transformer
from bihuan.collect.records.mapping.places import Known, PlaceIndex
from bihuan.collect.records.reading import Chunk
from bihuan.collect.records.reading.chunks import Ragged
from tests.collect.records.factories import HEADINGS, mapping, row

NOW = dt.datetime(2026, 10, 10, tzinfo=dt.UTC)
PLACES = [
    Known("hetai", "company", None, "和泰物业"),
    Known("p1", "project", "hetai", "翠湖花园", "Lake"),
    Known("p2", "project", "hetai", "东方广场"),
    Known("b1", "building", "p1", "3栋"),
    Known("b2", "building", "p2", "3栋"),
]


def work(cells: list[list[str]], headings: list[str] = HEADINGS, now=NOW, **changes: Any):
    spec = MappingSpec.parse(mapping(**changes))
    table = pa.table([pa.array(c, pa.string()) for c in zip(*cells, strict=True)], names=headings)
    transformer = Transformer(spec, tuple(headings), PlaceIndex.of(PLACES), now=now)
    return transformer.apply(Chunk(table, np.arange(2, len(cells) + 2)))


def reasons(outcome) -> list[tuple]:
    return [(r.row, r.column, r.code) for r in outcome.reasons]


def test_a_good_row_becomes_a_fact():
    outcome = work([row()])
    assert (outcome.read, outcome.accepted, outcome.reasons) == (1, 1, [])
    fact = outcome.facts.to_pylist()[0]
    got = {
        k: fact[k]
        for k in ("fact_id", "cycle", "period", "project", "priority", "rating", "late", "complete")
    }
    assert got == {
        "fact_id": "crm:WO1",
        "cycle": "2026Q3",
        "period": "2026-07",
        "project": "p1",
        "priority": "normal",
        "rating": 5.0,
        "late": False,
        "complete": True,
    }
    assert fact["reported_at"] == fact["occurred_at"] == dt.datetime(2026, 7, 3, 1, tzinfo=dt.UTC)
    assert fact["minutes_to_resolve"] == 150.0


EXAMPLE = "2026-07-31 14:05"
BAD = [
    ({"工单编号": ""}, "工单编号", "missing", {}),
    ({"项目": ""}, "项目", "missing", {}),
    ({"项目": "翠湖花圆"}, "项目", "place_project", {"value": "翠湖花圆", "near": "翠湖花园"}),
    ({"项目": "火星"}, "项目", "place_project", {"value": "火星", "near": ""}),
    ({"报修时间": ""}, "报修时间", "missing", {}),
    ({"报修时间": "昨天"}, "报修时间", "time", {"value": "昨天", "example": EXAMPLE}),
    ({"报修时间": "2026-02-30 09:00"}, "报修时间", "time", {"value": "2026-02-30 09:00", "example": EXAMPLE}),
    ({"报修时间": "2026-06-31"}, "报修时间", "time", {"value": "2026-06-31", "example": EXAMPLE}),
    (
        {"完成时间": "2026-06-03 11:30"},
        "完成时间",
        "before",
        {"value": "2026-06-03 11:30", "other": "报修时间", "since": "2026-07-03 09:00"},
    ),
    ({"评分": "6"}, "评分", "scale", {"value": "6", "low": 1, "high": 5}),
    ({"评分": "很好"}, "评分", "number", {"value": "很好"}),
    (
        {"紧急程度": "加急加急"},
        "紧急程度",
        "word",
        {"value": "加急加急", "allowed": "emergency, normal", "near": ""},
    ),
    (
        {"报修时间": "0206-07-03 09:00"},
        "报修时间",
        "too_early",
        {"value": "0206-07-03 09:00", "limit": "1990-01-01"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "column", "code", "params"), BAD)
def test_each_fault_has_its_reason(cells, column, code, params):
    outcome = work([row(), row(**{"工单编号": "WO2", **cells})])
    assert reasons(outcome)[:1] == [(3, column, code)]
    assert outcome.reasons[0].params == params
    assert (outcome.read, outcome.accepted, outcome.rejected_rows.tolist()) == (2, 1, [3])
    assert outcome.facts["fact_id"].to_pylist() == ["crm:WO1"]


def test_what_lies_in_the_future_is_refused():
    outcome = work([row(报修时间="2026-10-13 09:00", 完成时间="")])
    assert reasons(outcome) == [(2, "报修时间", "too_late")]


def test_several_faults_of_a_row_are_all_told():
    outcome = work([row(评分="9", 项目="火星", 完成时间="x")])
    assert reasons(outcome) == [(2, "完成时间", "time"), (2, "评分", "scale"), (2, "项目", "place_project")]


def test_the_second_row_with_a_key_names_the_first():
    outcome = work([row(), row(工单编号="WO2"), row()])
    assert reasons(outcome) == [(4, "工单编号", "twice")]
    assert outcome.reasons[0].params == {"value": "WO1", "first": 2}


def test_a_key_whose_first_row_is_bad_may_come_again():
    assert reasons(work([row(评分="9"), row()])) == [(2, "评分", "scale")]


def test_keys_are_remembered_from_chunk_to_chunk():
    spec = MappingSpec.parse(mapping())
    transformer = Transformer(spec, tuple(HEADINGS), PlaceIndex.of(PLACES), now=NOW)
    found = []
    for start in range(0, 40, 10):
        part = [row(工单编号=f"WO{n % 25}") for n in range(start, start + 10)]
        table = pa.table([pa.array(c, pa.string()) for c in zip(*part, strict=True)], names=HEADINGS)
        outcome = transformer.apply(Chunk(table, np.arange(start + 2, start + 12)))
        found += [(r.row, r.params["first"]) for r in outcome.reasons]
    assert found == [(n + 2, n - 25 + 2) for n in range(25, 40)]


def test_ragged_rows_are_kept_with_their_text():
    spec = MappingSpec.parse(mapping())
    table = pa.table([pa.array([c], pa.string()) for c in row()], names=HEADINGS)
    transformer = Transformer(spec, tuple(HEADINGS), PlaceIndex.of(PLACES), now=NOW)
    outcome = transformer.apply(Chunk(table, np.array([2]), (Ragged(3, 2, 7, "WO9,翠湖花园"),)))
    assert reasons(outcome) == [(3, "", "cells")]
    assert outcome.rejected[HEADINGS[0]].to_pylist() == ["WO9,翠湖花园"]
    assert (outcome.read, outcome.accepted) == (2, 1)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-7-3 9:00", "2026-07-03T01:00"),
        ("2026/07/03 09:00:30", "2026-07-03T01:00:30"),
        ("2026.7.3", "2026-07-02T16:00"),
        ("2026年7月3日 9时5分", "2026-07-03T01:05"),
        ("2026年7月3日", "2026-07-02T16:00"),
        ("２０２６－０７－０３ ０９：００", "2026-07-03T01:00"),
        ("20260703", "2026-07-02T16:00"),
        ("2026-07-03T09:00:00+08:00", "2026-07-03T01:00"),
        ("2026-07-03T01:00:00Z", "2026-07-03T01:00"),
        ("2026-07-03 09:00:00.123456", "2026-07-03T01:00"),
        ("46206.375", "2026-07-03T01:00"),
    ],
)
def test_times_as_people_write_them(text, utc):
    outcome = work([row(报修时间=text, 完成时间="")])
    assert outcome.reasons == []
    wanted = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert outcome.facts["reported_at"].to_pylist() == [wanted]


def test_named_formats_and_zones():
    columns = {
        "reported_at": {"from": "报修时间", "time": "%d.%m.%Y %I:%M %p", "zone": "Europe/Berlin"},
        "category": "类别",
    }
    outcome = work([row(报修时间="03.07.2026 02:05 PM")], columns=columns)
    assert outcome.facts["reported_at"].to_pylist() == [dt.datetime(2026, 7, 3, 12, 5, tzinfo=dt.UTC)]
    assert work([row(报修时间="31.02.2026 02:05 PM")], columns=columns).reasons[0].code == "time"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234.0),
        ("-1,234.5", -1234.5),
        ("85%", 0.85),
        ("１２．５", 12.5),
        ("−3", -3.0),
        ("1e3", 1000.0),
        ("+4", 4.0),
    ],
)
def test_numbers_as_people_write_them(text, value):
    columns = {**mapping()["columns"], "rating": "评分"}
    assert work([row(评分=text)], columns=columns).facts["rating"].to_pylist() == [value]


def test_percent_may_stay_a_number():
    columns = {**mapping()["columns"], "rating": {"from": "评分", "percent": "number"}}
    assert work([row(评分="85%")], columns=columns).facts["rating"].to_pylist() == [85.0]


@pytest.mark.parametrize(
    ("text", "value"), [("是", True), ("否", False), ("Y", True), ("0", False), ("有", True), ("", None)]
)
def test_flags(text, value):
    columns = {**mapping()["columns"], "reopened": "评分"}
    del columns["rating"]
    assert work([row(评分=text)], columns=columns).facts["reopened"].to_pylist() == [value]


def test_words_of_the_file_and_words_of_the_table():
    columns = {**mapping()["columns"], "service_area": {"from": "类别", "values": {"水电": "工程维修"}}}
    outcome = work([row(紧急程度="特急"), row(工单编号="2", 类别="别的", 紧急程度="normal")], columns=columns)
    assert outcome.facts["service_area"].to_pylist() == ["工程维修", "别的"]
    assert outcome.facts["priority"].to_pylist() == ["emergency", "normal"]


def test_a_word_nobody_knows_can_be_refused_or_dropped():
    for otherwise, codes, value in (("reject", ["word"], []), ("empty", [], [None])):
        columns = {
            **mapping()["columns"],
            "service_area": {"from": "类别", "values": {"水电": "工程维修"}, "otherwise": otherwise},
        }
        outcome = work([row(类别="水电气")], columns=columns)
        assert [r.code for r in outcome.reasons] == codes
        assert outcome.facts["service_area"].to_pylist() == value


def test_constants_blanks_templates_and_empty_words():
    columns = {
        **mapping()["columns"],
        "channel": {"constant": "微信"},
        "asset": {"from": "类别", "template": "设备-{}"},
        "contractor": {"from": "评分", "empty": ["-"], "blank": "自有班组"},
        "rating": {"from": "评分", "empty": ["-"]},
    }
    fact = work([row(评分="-")], columns=columns).facts.to_pylist()[0]
    got = [fact[k] for k in ("channel", "asset", "rating", "contractor")]
    assert got == ["微信", "设备-水电", None, "自有班组"]
    assert work([row(评分="")], columns=columns).facts["contractor"].to_pylist() == ["自有班组"]


def test_rows_are_left_out_and_turned_away_by_rules():
    rules = [
        {"do": "skip", "name": "test_orders", "when": {"column": "类别", "contains": "测试"}},
        {
            "do": "reject",
            "name": "cancelled",
            "when": {"column": "评分", "is": "作废"},
            "because": {"zh": "已作废，删掉", "en": "cancelled; delete it"},
        },
    ]
    columns = {k: v for k, v in mapping()["columns"].items() if k != "rating"}
    table = [row(), row(工单编号="2", 类别="测试单"), row(工单编号="3", 评分="作废")]
    outcome = work(table, rows=rules, columns=columns)
    assert (outcome.read, outcome.accepted, dict(outcome.skipped)) == (3, 1, {"test_orders": 1})
    assert reasons(outcome) == [(4, "评分", "rule")]
    kept = work(
        table,
        rows=[{"do": "keep", "name": "others", "when": {"column": "工单编号", "in": ["2"]}}],
        columns=columns,
    )
    assert (kept.accepted, dict(kept.skipped)) == (1, {"others": 2})


def test_places_by_code_by_either_name_and_buildings_inside_their_project():
    places = {"project": {"from": "项目"}, "building": {"from": "评分"}}
    columns = {k: v for k, v in mapping()["columns"].items() if k != "rating"}
    table = [
        row(评分="3栋"),
        row(工单编号="2", 项目="LAKE", 评分="3 栋"),
        row(工单编号="3", 项目="p2", 评分="3栋"),
        row(工单编号="4", 评分=""),
        row(工单编号="5", 评分="9栋"),
    ]
    outcome = work(table, places=places, columns=columns)
    assert outcome.facts.select(["project", "building"]).to_pylist() == [
        {"project": "p1", "building": "b1"},
        {"project": "p1", "building": "b1"},
        {"project": "p2", "building": "b2"},
        {"project": "p1", "building": None},
    ]
    assert reasons(outcome) == [(6, "评分", "place_building")]


def test_missing_places_are_planned_once_and_only_for_good_rows():
    places = {
        "company": {"value": "hetai"},
        "project": {"from": "项目", "create": True, "code": "x-{}"},
    }
    spec = MappingSpec.parse(mapping(places=places))
    index = PlaceIndex.of(PLACES)
    table = [row(项目="New Bay"), row(工单编号="2", 项目="new bay"), row(工单编号="3", 项目="Bad", 评分="9")]
    arrow = pa.table([pa.array(c, pa.string()) for c in zip(*table, strict=True)], names=HEADINGS)
    outcome = Transformer(spec, tuple(HEADINGS), index, now=NOW).apply(Chunk(arrow, np.arange(2, 5)))
    assert outcome.facts["project"].to_pylist() == ["x-new-bay", "x-new-bay"]
    assert index.planned == [Known("x-new-bay", "project", "hetai", "New Bay", "New Bay")]


def test_places_are_not_made_by_whoever_may_not():
    places = {"company": {"value": "hetai"}, "project": {"from": "项目", "create": True}}
    spec = MappingSpec.parse(mapping(places=places))
    index = PlaceIndex.of(PLACES, may_create=False)
    arrow = pa.table([pa.array([c], pa.string()) for c in row(项目="New")], names=HEADINGS)
    outcome = Transformer(spec, tuple(HEADINGS), index, now=NOW).apply(Chunk(arrow, np.array([2])))
    assert [r.code for r in outcome.reasons] == ["place_project"]


@pytest.mark.parametrize(
    ("cycle", "cell", "wanted"),
    [
        ({"by": "year"}, "", "2026"),
        ({"by": "constant", "value": 2015}, "", "2015"),
        ({"by": "column", "from": "评分"}, "2026Q2", "2026Q2"),
        ({"by": "column", "from": "评分", "values": {"一季度": "2026Q1"}}, "一季度", "2026Q1"),
        (
            {"by": "column", "from": "评分", "pattern": r"^\dQ(?P<month>[A-Z]{3})(?P<year>\d{4})$"},
            "1QSEP2021",
            "2021Q3",
        ),
        (
            {"by": "column", "from": "评分", "pattern": r"(?P<year>\d{4})年(?P<quarter>\d)季"},
            "2026年4季度",
            "2026Q4",
        ),
        ({"by": "column", "from": "评分"}, "秋天", None),
    ],
)
def test_cycles(cycle, cell, wanted):
    columns = {k: v for k, v in mapping()["columns"].items() if k != "rating"}
    outcome = work([row(评分=cell)], cycle=cycle, columns=columns)
    if wanted is None:
        assert reasons(outcome) == [(2, "评分", "cycle")]
    else:
        assert outcome.facts["cycle"].to_pylist() == [wanted]


def test_the_zone_decides_month_and_quarter():
    late = row(报修时间="2026-09-30 23:30", 完成时间="")
    assert work([late]).facts.select(["cycle", "period"]).to_pylist() == [
        {"cycle": "2026Q3", "period": "2026-09"}
    ]
    abroad = work([late], zone="America/New_York")
    assert abroad.facts["occurred_at"].to_pylist() == [dt.datetime(2026, 10, 1, 3, 30, tzinfo=dt.UTC)]
    assert abroad.facts["cycle"].to_pylist() == ["2026Q3"]


def test_due_and_minutes_are_derived():
    columns = {
        **mapping()["columns"],
        "limit_resolve": {"constant": 120},
        "paused_minutes": {"constant": 30},
        "due_respond_at": {"after": {"start": "reported_at", "minutes": 15}},
    }
    fact = work([row()], columns=columns).facts.to_pylist()[0]
    assert fact["due_at"] == dt.datetime(2026, 7, 3, 3, tzinfo=dt.UTC)
    assert fact["due_respond_at"] == dt.datetime(2026, 7, 3, 1, 15, tzinfo=dt.UTC)
    assert fact["minutes_to_resolve"] == 120.0


def test_negative_minutes_are_refused():
    columns = {**mapping()["columns"], "paused_minutes": "评分"}
    del columns["rating"]
    assert reasons(work([row(评分="-5")], columns=columns)) == [(2, "评分", "negative")]


def test_what_is_required_for_completeness():
    outcome = work([row(), row(工单编号="2", 类别="")])
    assert outcome.facts["complete"].to_pylist() == [True, False]
