"""A file into the archive: every row accounted for, twice the same, mended rows come back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bihuan.archive.store import Archive
from bihuan.base.calendars.actions import create_calendar
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.collect.records import actions, queries
from bihuan.collect.records.importer import process, run_import
from bihuan.collect.records.models import ImportBatch
from bihuan.standards.models import MonitoringCycle
from tests.base.people.factories import person
from tests.collect.records.factories import HEADINGS, company, csv_file, csv_text, mapping, row, rows

NOW = dt.datetime(2026, 10, 10, tzinfo=dt.UTC)


def facts(archive: Archive, table: str = "work_orders") -> list[dict]:
    found = []
    for file in archive.at().files(table):
        found += pq.read_table(file).to_pylist()
    return sorted(found, key=lambda f: f["fact_id"])


def test_good_rows_go_in_and_bad_rows_are_kept_apart(places, archive, tmp_path):
    path = csv_file(tmp_path, [*rows(3), row(工单编号="WO9", 评分="6"), row(工单编号="WO8", 项目="翠湖花圆")])
    result = run_import(path, mapping(), archive=archive, now=NOW)
    assert (result.read, result.accepted, result.rejected, result.skipped) == (5, 3, 2, 0)
    assert (result.added, result.unchanged, result.cycles, result.snapshot) == (3, 0, ["2026Q3"], 1)
    assert result.reasons == {"scale": 1, "place_project": 1}
    assert [f["fact_id"] for f in facts(archive)] == ["crm:WO1", "crm:WO2", "crm:WO3"]
    batch = ImportBatch.objects.get(pk=result.batch)
    assert batch.state == "has_issues"
    with translation.override("zh-hans"):
        said = [(s.row, s.column, s.what, s.how) for s in queries.problems(batch)]
    assert said == [
        (5, "评分", "6超出1–5", "填1到5，没评就留空"),
        (6, "项目", "您负责的范围里没有“翠湖花圆”", "改成“翠湖花园”"),
    ]
    with translation.override("en"):
        assert queries.problems(batch)[0].what == "6 is outside 1–5"
    assert json.loads(json.dumps(result.as_json()))["rejected"] == 2


def test_the_same_file_twice_changes_nothing(places, archive, tmp_path):
    path = csv_file(tmp_path, rows(4))
    run_import(path, mapping(), archive=archive, now=NOW)
    before = facts(archive)
    again = run_import(path, mapping(), archive=archive, now=NOW)
    assert (again.accepted, again.added, again.replaced, again.unchanged) == (4, 0, 0, 4)
    assert again.snapshot == 1
    assert facts(archive) == before


def test_mended_rows_come_back_and_close_the_first_import(places, archive, tmp_path):
    path = csv_file(tmp_path, [*rows(2), row(工单编号="WO9", 评分="6")])
    first = run_import(path, mapping(), archive=archive, now=NOW)
    batch = ImportBatch.objects.get(pk=first.batch)
    with translation.override("zh-hans"):
        heads, table = queries.rejected_table(batch)
        kept = [list(map(str, r)) for r in table]
    assert heads == [*HEADINGS, "行", "列", "哪里不对", "怎么改"]
    assert kept == [[*row(工单编号="WO9", 评分="6"), "4", "评分", "6超出1–5", "填1到5，没评就留空"]]
    kept[0][HEADINGS.index("评分")] = "5"
    target = io.StringIO()
    csv.writer(target).writerows([heads, *kept])
    mended = tmp_path / "mended.csv"
    mended.write_text(target.getvalue(), encoding="utf-8-sig")
    sent = actions.receive_import(
        actor=None, path=mended, name="mended.csv", mapping_text=batch.mapping_text, mends=batch
    )
    second = process(sent, archive=archive, now=NOW)
    assert (second.accepted, second.rejected, second.state) == (1, 0, "accepted")
    batch.refresh_from_db()
    assert batch.state == "accepted"
    assert [f["fact_id"] for f in facts(archive)] == ["crm:WO1", "crm:WO2", "crm:WO9"]


def test_a_changed_row_replaces_its_fact_even_in_another_cycle(places, archive, tmp_path):
    run_import(csv_file(tmp_path, rows(2)), mapping(), archive=archive, now=NOW)
    moved = row(报修时间="2026-06-30 09:00", 完成时间="2026-06-30 10:00")
    result = run_import(csv_file(tmp_path, [moved]), mapping(), archive=archive, now=NOW)
    assert (result.added, result.replaced, result.cycles) == (1, 0, ["2026Q2"])
    assert [(f["fact_id"], f["cycle"]) for f in facts(archive)] == [
        ("crm:WO1", "2026Q2"),
        ("crm:WO2", "2026Q3"),
    ]


def test_the_file_is_kept_as_it_was(places, archive, tmp_path):
    path = csv_file(tmp_path, rows(2), encoding="gb18030")
    result = run_import(path, mapping(), archive=archive, now=NOW)
    batch = ImportBatch.objects.get(pk=result.batch)
    assert batch.original.read_bytes() == path.read_bytes()
    assert not list(batch.path.glob("work-*"))


def test_facts_of_a_closed_cycle_are_late(places, archive, tmp_path):
    MonitoringCycle.objects.create(
        code="2026Q3",
        kind="quarter",
        start=dt.datetime(2026, 7, 1, tzinfo=dt.UTC),
        end=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        state="closed",
    )
    result = run_import(csv_file(tmp_path, rows(2)), mapping(), archive=archive, now=NOW)
    assert result.late == 2
    assert [f["late"] for f in facts(archive)] == [True, True]


def test_new_places_are_entered_before_their_facts(db, archive, tmp_path):
    spots = {
        "company": {"value": "和泰物业", "code": "hetai", "create": True},
        "project": {"from": "项目", "code": "p-{}", "create": True},
    }
    result = run_import(csv_file(tmp_path, rows(2)), mapping(places=spots), archive=archive, now=NOW)
    assert result.new_places == 2
    assert set(Place.objects.values_list("kind", "name_zh")) == {
        ("company", "和泰物业"),
        ("project", "翠湖花园"),
    }
    names = archive.at().dimension("places")["name_zh"].to_pylist()
    assert sorted(names) == ["和泰物业", "翠湖花园"]


def test_limits_run_on_the_working_calendar(places, archive, tmp_path):
    week = dict.fromkeys(range(7), "09:00-17:00")
    create_calendar(actor=None, code="days", name_zh="白班", follows_holidays=False, week=week)
    columns = {
        **mapping()["columns"],
        "limit_resolve": {"constant": 600},
        "calendar": {"constant": "days"},
    }
    path = csv_file(tmp_path, [row(报修时间="2026-07-03 16:00", 完成时间="2026-07-04 10:00")])
    run_import(path, mapping(columns=columns), archive=archive, now=NOW)
    fact = facts(archive)[0]
    assert fact["minutes_to_resolve"] == 120.0
    assert fact["due_at"] == dt.datetime(2026, 7, 5, 2, tzinfo=dt.UTC)


def test_an_unknown_calendar_sends_the_file_back(places, archive, tmp_path):
    columns = {**mapping()["columns"], "calendar": {"constant": "nights"}}
    with pytest.raises(ValidationError, match="nights"):
        run_import(csv_file(tmp_path, rows(1)), mapping(columns=columns), archive=archive, now=NOW)
    assert ImportBatch.objects.get().state == "rejected"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (csv_text([]), "file_rows"),
        ("编号,小区\n1,翠湖花园\n", "file_columns"),
        ("", "file_empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_sent_back_whole(places, archive, tmp_path, content, code):
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValidationError):
        run_import(path, mapping(), archive=archive, now=NOW)
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.problem["code"], batch.read) == ("rejected", code, 0)
    assert queries.file_problem(batch)
    assert archive.snapshot() == 0


def test_when_no_row_is_good_the_import_is_sent_back(places, archive, tmp_path):
    result = run_import(csv_file(tmp_path, [row(评分="9")]), mapping(), archive=archive, now=NOW)
    assert (result.state, result.rejected, result.snapshot) == ("rejected", 1, 0)


def test_rows_of_other_peoples_places_are_bad_rows(places, archive, tmp_path):
    user = person("quality_manager", places["lake"])
    path = csv_file(tmp_path, [row(), row(工单编号="WO2", 项目="东方广场")])
    result = run_import(path, mapping(), actor=user, archive=archive, now=NOW)
    assert (result.accepted, result.rejected, result.reasons) == (1, 1, {"place_project": 1})
    batch = ImportBatch.objects.get()
    assert batch.place == places["lake"]
    assert list(ImportBatch.objects.visible_to(person("quality_manager", places["plaza"]))) == []
    assert list(ImportBatch.objects.visible_to(person("quality_manager"))) == [batch]


def test_outsiders_bring_nothing_in(places, archive, tmp_path):
    for user in (person(), person("inspector"), person("leader")):
        with pytest.raises(Refused):
            run_import(csv_file(tmp_path, rows(1)), mapping(), actor=user, archive=archive, now=NOW)
        assert list(ImportBatch.objects.visible_to(user)) == []
    assert ImportBatch.objects.count() == 0


def test_an_import_cut_off_is_taken_up_again(places, archive, tmp_path):
    path = csv_file(tmp_path, rows(5))
    batch = actions.receive_import(
        actor=None, path=path, name="a.csv", mapping_text=json.dumps(mapping(), ensure_ascii=False) + "\n"
    )

    class CutError(Exception):
        pass

    def cut(step, **_):
        if step == 3:
            raise CutError

    with pytest.raises(CutError):
        process(batch, archive=archive, now=NOW, stage=cut)
    batch.refresh_from_db()
    assert (batch.state, batch.accepted, archive.snapshot()) == ("checked", 5, 0)
    result = process(batch, archive=archive, now=NOW)
    assert (result.state, result.added, archive.snapshot()) == ("accepted", 5, 1)


CELL = st.sampled_from(
    ["", "5", "6", "x", "2026-07-03 09:00", "2026-02-30", "翠湖花园", "火星", "WO1", "普通", "a,b", "“”\n"]
)


class TestEveryRowIsAccountedFor(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.lists(CELL, min_size=6, max_size=8), min_size=1, max_size=30))
    def test_accepted_rejected_and_left_out_make_what_was_read(self, table):
        company()
        with tempfile.TemporaryDirectory() as folder:
            path = csv_file(Path(folder), table)
            blank = sum(not any(c.strip() for c in line) for line in table)
            rules = [{"do": "skip", "name": "x", "when": {"column": "评分", "is": "x"}}]
            archive = Archive(Path(folder) / "archive")
            if blank == len(table):
                return
            result = run_import(path, mapping(rows=rules), archive=archive, now=NOW)
            assert result.read == len(table) - blank
            assert result.read == result.accepted + result.rejected + result.skipped
            assert result.facts == result.accepted == len(facts(archive))
            batch = ImportBatch.objects.get(pk=result.batch)
            _, bad = queries.rejected_table(batch)
            numbers = [line[len(HEADINGS)] for line in bad]
            assert len(set(numbers)) == result.rejected
            assert {s.row for s in queries.problems(batch, limit=None)} == set(numbers)
