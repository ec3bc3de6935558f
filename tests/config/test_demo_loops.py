"""What can be said of the demo's loops without setting the demo up."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from bihuan.base.calendars import periods
from bihuan.base.files.kinds import kind_of
from bihuan.collect.records.mapping import MappingSpec
from bihuan.config.demo import people, planted, register
from bihuan.config.demo.calendar import cycle_codes
from bihuan.config.demo.company import projects
from bihuan.config.demo.loops import STORIES, attention, office, pictures, records, stage, texts, told
from bihuan.config.demo.loops.finished import WORDING

CHINESE = re.compile(r"[\u4e00-\u9fff]")
COURSES = (texts.WORKED, texts.FAILED)
EVERY = (*COURSES, texts.PROVED)


@pytest.mark.parametrize("text", [told.RESULTS, told.PROJECT])
def test_announcements_speak_both_languages(text):
    for part in (text["title"], text["body"]):
        assert sorted(part) == ["en", "zh"]
        assert CHINESE.search(part["zh"])
        assert part["en"]
        assert not CHINESE.search(part["en"])


def test_the_revised_clause_speaks_both_languages():
    zh, en = WORDING
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)


@pytest.mark.parametrize("course", EVERY, ids=lambda course: course.project)
def test_the_days_of_a_course_are_in_order(course):
    assert course.trigger < course.measured_from
    assert course.day(8) <= min(date.fromisoformat(one.starts) for one in course.measures)
    for measure in course.measures:
        days = [measure.starts, measure.done[:10], measure.verified[:10]]
        assert days == sorted(days)
        assert date.fromisoformat(measure.due) <= course.due


def test_the_finished_plans_lie_where_the_records_change():
    cycles = cycle_codes()
    assert [course.project for course in COURSES] == [planted.WORKED_PROJECT, planted.FAILED_PROJECT]
    for course, measures in zip(COURSES, (planted.WORKED_UNTIL, planted.FAILED_MEASURES), strict=True):
        assert cycles[measures] == "2026Q1"
        assert cycles[measures - 1] == course.trigger
        assert cycles[measures + 1] == course.measured_from


def test_everybody_who_acts_is_employed():
    numbers = {row[0] for row in people.STAFF}
    acting = {
        stage.QUALITY, stage.LEADER, stage.ENGINEER, stage.SERVICE, stage.INSPECTOR, stage.CONTRACTOR,
        stage.BUTLER_P01, stage.FITTER_P01, stage.FITTER_P07, stage.BUTLER_P03, office.ADMINISTRATOR,
        *told.READERS, *told.CONFIRMED,
    }  # fmt: skip
    assert acting <= numbers
    assert office.NEWCOMER not in numbers


def test_no_signal_belongs_to_two_stories():
    pairs = [*attention.SEEN, *attention.DISMISSED, attention.WITHOUT_PLAN, attention.CANCELLED]
    pairs += [(indicator, project) for indicator, project, *_rest in attention.WITHOUT_CAUSE]
    assert len(pairs) == len(set(pairs))
    assert {project for _indicator, project in pairs} <= {project.code for project in projects()}


def test_proof_is_what_the_program_takes_in():
    photo = pictures.photo("盘点.jpg", "P01 盘点")
    assert kind_of(photo.read(), photo.name).content_type == "image/jpeg"
    photo.seek(0)
    assert Image.open(BytesIO(photo.read())).size == (960, 720)
    sheet = pictures.sheet("签到表.pdf", "培训", ["1.  维修班"])
    assert kind_of(sheet.read(), sheet.name).content_type == "application/pdf"


def test_the_file_of_the_front_desk_touches_no_evaluated_quarter():
    MappingSpec.load(records.MAPPING, zone="Asia/Shanghai")
    days = {row[4][:10] for row in records.ROWS}
    cycles = {periods.quarter_of(stage.moment(f"{day} 12:00")) for day in days}
    assert not cycles & set(cycle_codes())
    assert len(records.BAD_ROWS) == 3
    assert len({row[0] for row in (*records.ROWS, *records.BAD_ROWS)}) == 27


def test_one_system_left_one_month_out():
    rows = register.measurements(projects()).to_pylist()
    silent = [
        row["fact_id"][-7:]
        for row in rows
        if row["source"] == planted.SILENT_SOURCE and row["project"] == planted.SILENT_PROJECT
    ]
    assert len(silent) == 35
    assert planted.SILENT_MONTH not in silent
    assert len(rows) == 24 * 36 * 3 - 1


def test_before_the_demo_is_set_up_only_earlier_quarters_are_settled(db):
    told_before = [story.is_told for story in STORIES if story.is_told()]
    assert told_before == [attention.earlier_are_settled]
