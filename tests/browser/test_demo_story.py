"""The demo tells its stories: the planted problems show in the results, and every state has its finding."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from bihuan.config.demo import planted
from bihuan.config.demo.calendar import cycle_codes
from tests.support.demo import ROOT, command, environment

pytestmark = pytest.mark.browser

SCRIPT = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.config.settings"
import django
django.setup()
import pyarrow.parquet as pq
from django.conf import settings
from bihuan.archive.store import Archive
from bihuan.assess import stores
from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.models import EvaluationRun
from bihuan.base.notices.models import Announcement, Notice
from bihuan.collect.records.models import ImportBatch
from bihuan.collect.upkeep.models import Check, Reminder
from bihuan.config.demo import loops
from bihuan.config.demo.loops import finished
from bihuan.improve.models import Action, ImprovementPlan, ManagementReport, ProgressCheck
from bihuan.standards.service.models import RevisionRequest

run = EvaluationRun.objects.get(cycle__code="2026Q3", state="issued")
columns = ("indicator", "place", "value", "standing")
measured = stores.results().measurements(
    run.run_id, indicators=["S01", "C01", "M02"], breakdown="", periods=[""], level="project"
)
archive = Archive(settings.ARCHIVE_URL).at()
items = [
    row
    for path in archive.files("inspection_items", cycles=["2026Q3"])
    for row in pq.read_table(path, columns=["inspector", "result"]).to_pylist()
]
print(json.dumps({
    "untold": len(loops.untold()),
    "verdicts": [finished.verdict_of(course) for course in finished.COURSES],
    "findings": sorted(set(Finding.objects.values_list("state", flat=True))),
    "signals": sorted(set(Signal.objects.filter(cycle="2026Q3").values_list("state", flat=True))),
    "raised": list(Signal.objects.values_list("kind", "indicator", "place__code", "cycle")),
    "tested": run.record["signals"],
    "plans": sorted(set(ImprovementPlan.objects.values_list("state", flat=True))),
    "actions": sorted(set(Action.objects.values_list("state", flat=True))),
    "checks": sorted(set(ProgressCheck.objects.values_list("verdict", flat=True))),
    "reports": sorted(set(ManagementReport.objects.values_list("state", flat=True))),
    "revisions": list(RevisionRequest.objects.values_list("state", "version__from_cycle")),
    "overdue": Finding.objects.overdue().count(),
    "announced": sorted(Announcement.objects.values_list("place__code", flat=True)),
    "notices": sorted(set(Notice.objects.values_list("state", flat=True))),
    "imports": list(ImportBatch.objects.values_list("state", "accepted", "rejected")),
    "silent": list(Reminder.objects.filter(source="巡更系统").values_list("place__code", "state")),
    "archive": Check.objects.latest("at").state,
    "measured": [{name: row[name] for name in columns} for row in measured.to_pylist()],
    "items": items,
}))
"""


@pytest.fixture(scope="module")
def story(demo_home: Path) -> dict[str, Any]:
    """What stands in the demo."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment(demo_home), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_plan_worked_and_one_did_not(story):
    assert story["verdicts"] == ["effective", "ineffective", "effective"]
    assert story["revisions"] == [["published", "2026Q4"]]
    assert story["reports"] == ["reviewed", "submitted"]


def test_something_stands_in_every_state(story):
    assert story["findings"] == ["analysed", "cancelled", "closed", "open", "planned", "verified"]
    assert story["signals"] == ["dismissed", "finding", "new", "seen"]
    assert story["plans"] == ["closed", "evaluating", "executing", "ineffective", "returned", "submitted"]
    assert story["actions"] == ["done", "in_progress", "todo", "verified"]
    assert story["checks"] == ["behind", "on_track"]
    assert story["overdue"] == 2


def test_people_were_told_and_files_came_in(story):
    assert story["announced"] == ["HT", "P01"]
    assert story["notices"] == ["confirmed", "read", "unread"]
    assert story["imports"] == [["has_issues", 24, 3]]
    assert story["silent"] == [["P20", "open"]]
    assert story["archive"] == "sound"


def test_owners_are_unhappy_where_inspections_are_excellent(story):
    found = {(row["indicator"], row["place"]): row for row in story["measured"]}
    assert found["S01", planted.UNHAPPY_PROJECT]["standing"] == "below_floor"
    assert found["C01", planted.UNHAPPY_PROJECT]["value"] >= 98


def test_the_lift_contractor_shows_at_its_four_projects_alone(story):
    lifts = {row["place"]: row for row in story["measured"] if row["indicator"] == "M02"}
    below = {place for place, row in lifts.items() if row["standing"] == "below_floor"}
    assert below == set(planted.SLOW_PROJECTS)
    assert all(row["value"] > 95 for place, row in lifts.items() if place not in planted.SLOW_PROJECTS)


def test_what_gets_worse_over_time_is_signalled(story):
    since = cycle_codes()[planted.SLOW_FROM]
    series = [row[1:] for row in story["raised"] if row[0] != "target_missed"]
    lifts = {(place, cycle) for indicator, place, cycle in series if indicator == "M02"}
    assert {place for place, _cycle in lifts} == set(planted.SLOW_PROJECTS)
    assert min(cycle for _place, cycle in lifts) == since
    assert {place for place, cycle in lifts if cycle == cycle_codes()[-1]} == set(planted.SLOW_PROJECTS)
    assert ("R03", planted.FAILED_PROJECT) in {(indicator, place) for indicator, place, _cycle in series}
    # the smaller project falls by less than its few orders can tell from chance: its target is surely missed
    assert ["target_missed", "R03", planted.WORKED_PROJECT, "2025Q4"] in story["raised"]
    others = {(i, p) for i, p, _c in series if i not in ("M01", "M02")} - {("R03", planted.FAILED_PROJECT)}
    assert len(others) <= 1
    assert story["tested"]["tested"] > 600
    assert story["tested"]["false_discovery_rate"] == 0.05


def test_one_inspector_never_finds_anything(story):
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for item in story["items"]:
        if item["result"] in ("conforming", "non_conforming"):
            counts[item["inspector"]][item["result"] == "conforming"] += 1
    clean = {inspector for inspector, (missed, _met) in counts.items() if missed == 0}
    assert clean == {planted.BLIND_INSPECTOR}
    others = [met / (met + missed) for who, (missed, met) in counts.items() if who not in clean]
    assert max(others) < 0.99


def test_a_second_run_of_the_demo_tells_nothing_twice(demo_home, story):
    assert story["untold"] == 0
    before = command(demo_home, "check", "--trail")
    command(demo_home, "demo", "--no-serve")
    assert command(demo_home, "check", "--trail") == before
