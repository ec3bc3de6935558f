from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bihuan.archive.store import Archive
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.base.ui.work import work_of
from bihuan.collect.upkeep import actions, nightly
from bihuan.collect.upkeep.models import Check, Counted, Holding, Keeper, Reminder
from bihuan.collect.upkeep.states import CheckState, Gap, ReminderState
from bihuan.collect.upkeep.tasks import nightly_upkeep
from tests.archive.factories import orders
from tests.base.people.factories import DepartmentFactory, person
from tests.collect.upkeep.factories import NOW, ProjectFactory, manager, publish

pytestmark = pytest.mark.django_db
SPRING = {"2026-04": 2, "2026-05": 3, "2026-06": 4}
SUMMER = {"2026-07": 2, "2026-08": 3, "2026-09": 4}


def look(archive: Archive, **kw):
    return nightly.look_after(archive=archive, now=NOW, **kw)


def test_an_empty_archive(archive):
    assert look(archive) == {
        "state": "sound",
        "snapshot": 0,
        "counted": 0,
        "made": 0,
        "standing": 0,
        "ended": 0,
    }


def test_what_the_archive_holds_is_counted_by_project_and_cycle(archive):
    project = ProjectFactory(code="P1")
    publish(archive, {"P1": {**SPRING, **SUMMER}, "unknown": {"2026-07": 1}}, bad=1)
    assert look(archive)["counted"] == 2
    held = Holding.objects.get(project="P1", cycle="2026Q3")
    assert (held.place, held.rows, held.complete, held.late) == (project, 9, 6, 0)
    assert held.months == {"2026-07": [2, 1], "2026-08": [3, 2], "2026-09": [4, 3]}
    assert held.first_at.isoformat() == "2026-06-30T16:00:00+00:00"
    assert held.changed_at.isoformat() == archive.history()[0].time
    assert Holding.objects.get(project="unknown").place is None
    check = Check.objects.get()
    assert (check.state, check.snapshot, check.head, check.facts) == ("sound", 1, archive.head()[1], 19)


def test_only_changed_partitions_are_counted_again(archive):
    ProjectFactory(code="P1")
    publish(archive, {"P1": {**SPRING, **SUMMER}})
    look(archive)
    assert look(archive)["counted"] == 0
    publish(archive, {"P1": {**SPRING, "2026-07": 5}, "P2": {"2026-07": 1}})
    assert look(archive)["counted"] == 1
    assert Holding.objects.get(project="P1", cycle="2026Q3").rows == 12
    second = archive.history()[1].time
    assert Holding.objects.get(project="P1", cycle="2026Q3").changed_at.isoformat() == second
    assert (
        Holding.objects.get(project="P1", cycle="2026Q2").changed_at.isoformat() == archive.history()[0].time
    )


def test_a_project_that_did_not_change_keeps_its_day(archive):
    publish(archive, {"P1": SUMMER, "P2": {"2026-07": 1}})
    look(archive)
    publish(archive, {"P2": {"2026-07": 2}})
    look(archive)
    first, second = (line.time for line in archive.history())
    assert Holding.objects.get(project="P1").changed_at.isoformat() == first
    assert Holding.objects.get(project="P2").changed_at.isoformat() == second


def test_a_withdrawn_partition_is_forgotten(archive):
    publish(archive, {"P1": {"2026-07": 1}})
    look(archive)
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders(), withdrawn=["P1-2026-07-0"])
    look(archive)
    assert (Holding.objects.count(), Counted.objects.count()) == (0, 0)


def test_a_project_entered_later_gets_its_facts(archive):
    publish(archive, {"P1": SUMMER})
    look(archive)
    project = ProjectFactory(code="P1")
    assert look(archive)["counted"] == 0
    assert Holding.objects.get().place == project


def test_who_lacks_a_cycle_is_reminded_once(archive):
    project = ProjectFactory(code="P1")
    head = person("department_head", project)
    manager()
    publish(archive, {"P1": SPRING})
    assert look(archive)["made"] == 1
    reminder = Reminder.objects.get()
    assert (reminder.gap, reminder.cycle, reminder.place, reminder.person) == (
        Gap.CYCLE,
        "2026Q3",
        project,
        head,
    )
    assert reminder.made_at == NOW
    told = nightly.look_after(archive=archive, now=NOW + timedelta(days=1))
    assert (told["made"], told["standing"]) == (0, 1)
    assert Reminder.objects.get().made_at == NOW
    (item,) = work_of(head, NOW)
    assert item.url == "/archive/work_orders/crm/projects/P1/"
    assert list(Entry.objects.filter(verb="reminder.made").values_list("detail", flat=True)) == [
        {"to": head.employee_number}
    ]


def test_a_reminder_ends_when_the_data_came(archive):
    ProjectFactory(code="P1")
    publish(archive, {"P1": SPRING})
    look(archive)
    publish(archive, {"P1": SUMMER})
    assert look(archive)["ended"] == 1
    reminder = Reminder.objects.get()
    assert (reminder.state, reminder.ended_at) == (ReminderState.FILLED, NOW)


def test_a_reminder_is_dropped_when_the_project_is_given_up(archive):
    ProjectFactory(code="P1")
    publish(archive, {"P1": SPRING})
    look(archive)
    Place.objects.filter(code="P1").update(state="inactive")
    assert look(archive)["ended"] == 1
    assert Reminder.objects.get().state == ReminderState.DROPPED


def test_months_and_incomplete_rows(archive):
    ProjectFactory(code="P1")
    ProjectFactory(code="P2")
    publish(archive, {"P1": {**SPRING, "2026-07": 1, "2026-09": 1}})
    publish(archive, {"P2": {**SPRING, "2026-07": 20, "2026-08": 20, "2026-09": 20}}, source="app", bad=5)
    look(archive)
    assert {r.place.code: (r.gap, r.detail) for r in Reminder.objects.all()} == {
        "P1": ("months", {"months": ["2026-08"]}),
        "P2": ("incomplete", {"rows": 60, "complete": 45}),
    }


def test_the_nearest_person_is_reminded(archive):
    near, far = ProjectFactory(code="P1"), ProjectFactory(code="P2")
    everywhere = manager()
    at_company = manager(near.parent)
    here = person("quality_manager", near, department=DepartmentFactory())
    responsible = nightly.Responsibles()
    assert responsible.of("work_orders", "crm", near) == (here.department, here)
    assert responsible.of("work_orders", "crm", far) == (None, at_company)
    assert everywhere != at_company


def test_the_keeper_of_a_source_is_reminded_before_anybody_else(archive):
    project = ProjectFactory(code="P1")
    chief = manager()
    head = person()
    department = DepartmentFactory(head=head)
    actions.name_keeper(table="work_orders", source="crm", department=department, person=None, actor=chief)
    responsible = nightly.Responsibles()
    assert responsible.of("work_orders", "crm", project) == (department, head)
    assert responsible.of("work_orders", "app", project) == (None, chief)
    somebody = person()
    actions.name_keeper(
        table="work_orders", source="crm", department=department, person=somebody, actor=chief
    )
    assert nightly.Responsibles().of("work_orders", "crm", project) == (department, somebody)
    actions.name_keeper(table="work_orders", source="crm", department=None, person=None, actor=chief)
    assert Keeper.objects.count() == 0
    assert list(Entry.objects.order_by("sequence").values_list("verb", flat=True)) == [
        "keeper.named",
        "keeper.named",
        "keeper.cleared",
    ]


def test_only_managers_of_the_whole_company_name_keepers():
    project = ProjectFactory()
    local = manager(project)
    with pytest.raises(Refused) as refusal:
        actions.name_keeper(
            table="work_orders", source="crm", department=DepartmentFactory(), person=None, actor=local
        )
    assert refusal.value.code == "not_keeper"
    assert Keeper.objects.count() == 0


def test_nobody_to_remind_is_said_so(archive):
    ProjectFactory(code="P1")
    publish(archive, {"P1": SPRING})
    look(archive)
    reminder = Reminder.objects.get()
    assert (reminder.person, reminder.department) == (None, None)


def test_damage_is_found_and_the_last_counts_stay(archive):
    publish(archive, {"P1": SUMMER, "P2": SPRING})
    look(archive)
    publish(archive, {"P1": {"2026-07": 9}})
    path = Path(archive.at().files("work_orders", cycles=["2026Q3"])[0])
    path.write_bytes(path.read_bytes()[:50])
    told = look(archive)
    assert (told["state"], told["counted"]) == (CheckState.DAMAGED, 0)
    check = Check.objects.first()
    assert [(p["kind"], p["line"], p["harmless"]) for p in check.problems] == [("size", 2, False)]
    assert Holding.objects.get(project="P1").rows == 9


def test_a_cut_manifest_is_seen_by_the_head_of_the_night_before(archive):
    publish(archive, {"P1": SUMMER})
    publish(archive, {"P1": SPRING})
    look(archive)
    manifest = Path(archive.url) / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().split(b"\n")[0] + b"\n")
    (Path(archive.url) / "manifest.head").write_text(f"1 {archive.history()[0].sha256}\n")
    assert look(Archive(archive.url))["state"] == CheckState.DAMAGED
    assert [p["kind"] for p in Check.objects.first().problems] == ["cut", "stray"]


def test_a_manifest_that_cannot_be_read_is_reported_and_nothing_is_counted(archive):
    publish(archive, {"P1": SUMMER})
    look(archive)
    (Path(archive.url) / "manifest.jsonl").write_text("{}\n")
    told = look(Archive(archive.url))
    assert (told["state"], told["snapshot"], told["counted"]) == (CheckState.DAMAGED, 1, 0)
    assert Holding.objects.count() == 1


def test_leftovers_of_a_crash_are_not_damage(archive):
    publish(archive, {"P1": SUMMER})
    (Path(archive.url) / "facts" / "stray.parquet").write_bytes(b"x")
    assert look(archive)["state"] == CheckState.LEFTOVERS


def test_it_runs_every_night_as_background_work(archive):
    publish(archive, {"P1": SUMMER})
    job = nightly_upkeep.run_now()
    assert job.result["counted"] == 1
    assert job.state == "done"
