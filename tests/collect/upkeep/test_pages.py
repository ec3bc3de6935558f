from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.base.jobs.models import Job
from bihuan.collect.records.models import ImportBatch
from bihuan.collect.records.states import ImportState
from bihuan.collect.upkeep import nightly
from bihuan.collect.upkeep.models import Keeper
from bihuan.collect.upkeep.states import CheckState, Gap
from tests.base.people.factories import DepartmentFactory, person
from tests.collect.upkeep.factories import (
    NOW,
    CheckFactory,
    HoldingFactory,
    KeeperFactory,
    ProjectFactory,
    ReminderFactory,
    company,
    manager,
    publish,
)

pytestmark = pytest.mark.django_db
SOURCE = ["work_orders", "crm"]
OWN = ("upkeep_", "records_importbatch", "people_department")  # the frame of a page asks other tables


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def pages(archive):
    """A holding with a reminder, and every address of the room about it."""
    project = ProjectFactory(code="P1")
    HoldingFactory(place=project)
    ReminderFactory(place=project)
    return {
        "overview": reverse("archive"),
        "missing": reverse("archive_missing"),
        "batches": reverse("archive_batches"),
        "source": reverse("archive_source", args=SOURCE),
        "project": reverse("archive_project", args=[*SOURCE, "P1"]),
    }


def html(client, url: str, **kw) -> str:
    response = client.get(url, **kw)
    assert response.status_code == 200
    # The token against forged requests is random and may hold any two characters.
    return re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())


@pytest.mark.parametrize("role", ["", "employee", "inspector", "contractor", "interviewer"])
def test_who_does_not_keep_data_finds_no_page(client, pages, role):
    client.force_login(person(role))
    assert [client.get(url).status_code for url in pages.values()] == [404] * 5
    assert client.post(reverse("archive_check")).status_code == 404
    assert client.post(pages["source"], {}).status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(client, pages):
    for url in pages.values():
        assert client.get(url).status_code == 302


def test_somebody_elsewhere_sees_nothing_of_it(client, pages):
    client.force_login(person("department_head", ProjectFactory(code="P9")))
    assert "P1" not in html(client, pages["overview"])
    assert "P1" not in html(client, pages["missing"])
    assert client.get(pages["source"]).status_code == 404
    assert client.get(pages["project"]).status_code == 404
    assert client.get(pages["batches"]).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_in_both_languages(client, pages, archive, language):
    publish(archive, {"P1": {"2026-07": 3}})
    CheckFactory()
    client.force_login(manager())
    client.cookies["bihuan_language"] = language
    for url in pages.values():
        text = html(client, url)
        assert ("没有事实" in text or "快照" in text) is (language == "zh-hans")
        assert "[[" not in text
        assert "style=" not in text


def test_what_is_missing_comes_first_with_who_was_reminded(client, pages):
    head = person("department_head", company(), name="赵主管")
    ReminderFactory(
        place=ProjectFactory(code="P2", name_zh="云锦苑"),
        gap=Gap.MONTHS,
        person=head,
        detail={"months": ["2026-07", "2026-08"]},
    )
    client.force_login(manager())
    text = html(client, pages["overview"])
    assert "2个项目</mark>缺以往都有的数据，最早的已等了10天。" in text
    assert "7月、8月没有事实" in text
    assert "赵主管" in text
    assert "还没有人负责" in text


def test_the_archive_that_is_whole_says_so(client, archive):
    HoldingFactory()
    CheckFactory()
    client.force_login(manager())
    text = html(client, reverse("archive"))
    assert "什么都不缺</mark>" in text
    assert "10月20日 02:30核对过，快照3" in text


def test_a_check_that_did_not_run_is_noticed(client, archive):
    HoldingFactory()
    client.force_login(manager())
    assert "从未核对过</mark>" in html(client, reverse("archive"))
    CheckFactory(at=NOW - timedelta(days=3))
    assert "已经3天没有核对</mark>" in html(client, reverse("archive"))


def test_damage_comes_before_everything(client, pages):
    found = {"kind": "size", "path": "facts/work_orders/crm/2026Q3/x-0.parquet", "line": 2, "harmless": False}
    CheckFactory(state=CheckState.DAMAGED, problems=[found])
    chief, local = manager(), manager(ProjectFactory(code="P7"))
    client.force_login(chief)
    text = html(client, pages["overview"])
    assert "档案有" in text
    assert "1处损坏</mark>" in text
    assert found["path"] in text
    client.force_login(local)
    assert found["path"] not in html(client, pages["overview"])


def test_before_the_first_import_the_page_says_what_to_do(client, archive):
    client.force_login(manager())
    text = html(client, reverse("archive"))
    assert "还没有事实" in text
    assert "/imports/" in text


def asked(client, url: str) -> tuple[int, str]:
    """How many queries a page makes about its own subject, and the page."""
    with CaptureQueriesContext(connection) as queries:
        text = html(client, url)
    return sum(any(table in query["sql"] for table in OWN) for query in queries.captured_queries), text


@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_asks_as_much_for_three_sources_as_for_one(client, archive, count):
    for number in range(count):
        project = ProjectFactory()
        HoldingFactory(place=project, source=f"crm{number}")
        ReminderFactory(place=project, source=f"crm{number}", person=person(department=DepartmentFactory()))
        KeeperFactory(source=f"crm{number}")
    client.force_login(manager())
    queries, text = asked(client, reverse("archive"))
    assert queries == 6
    assert text.count("/archive/work_orders/crm") == 2 * count


@pytest.mark.parametrize("count", [1, 3])
def test_the_other_lists_ask_as_much_for_three_rows_as_for_one(client, archive, count):
    for _number in range(count):
        project = ProjectFactory()
        HoldingFactory(place=project)
        ReminderFactory(place=project, person=person(department=DepartmentFactory()))
    client.force_login(manager())
    missing, source = reverse("archive_missing"), reverse("archive_source", args=SOURCE)
    queries, text = asked(client, missing)
    assert queries == 3
    assert text.count("/projects/P") == count
    queries, text = asked(client, source)
    assert queries == 4
    assert text.count("/projects/P") == count


def test_the_list_of_gaps_filters_and_exports(client, pages):
    ReminderFactory(place=ProjectFactory(code="P2"), gap=Gap.MONTHS, detail={"months": ["2026-07"]})
    client.force_login(manager())
    assert "/projects/P2/" not in html(client, pages["missing"] + "?gap=cycle")
    assert "/projects/P1/" in html(client, pages["missing"] + "?gap=cycle")
    response = client.get(pages["missing"] + "?export=csv")
    assert "7月没有事实" in b"".join(response).decode("utf-8-sig")


def test_batches_show_the_snapshot_they_made(client, archive):
    publish(archive, {"P1": {"2026-07": 3}})
    publish(archive, {"P1": {"2026-07": 4}})
    client.force_login(manager())
    text = html(client, reverse("archive_batches"))
    assert "2个快照</mark>" in text
    assert text.count("工单导入") == 2
    assert "工单导入" not in html(client, reverse("archive_batches") + "?q=nothing")


def test_a_project_shows_its_months_and_cycles(client, archive):
    ProjectFactory(code="P1")
    publish(archive, {"P1": {"2026-06": 5, "2026-09": 8}}, bad=1)
    nightly.look_after(archive=archive, now=NOW)
    client.force_login(manager())
    text = html(client, reverse("archive_project", args=[*SOURCE, "P1"]))
    assert [text.count(f"2026年{month}月</td>") for month in range(5, 11)] == [0, 1, 1, 1, 1, 1]
    assert text.count("没有事实</span>") == 3
    assert "87.5%" in text
    assert client.get(reverse("archive_project", args=[*SOURCE, "P2"])).status_code == 404


def test_a_source_with_a_slash_and_a_project_nobody_entered(client, archive):
    HoldingFactory(source="旧系统/工单 1", place=None, project="老项目")
    client.force_login(manager())
    url = reverse("archive_project", args=["work_orders", "旧系统/工单 1", "老项目"])
    assert quote("旧系统") in url
    assert "项目表里没有它</mark>" in html(client, url)
    assert "项目表里没有" in html(client, reverse("archive_source", args=["work_orders", "旧系统/工单 1"]))
    client.force_login(manager(ProjectFactory()))
    assert client.get(url).status_code == 404


def test_naming_who_answers_for_a_source(client, pages):
    department, somebody = DepartmentFactory(name_zh="工程部"), person(employee_number="E77", name="李工")
    client.force_login(manager())
    response = client.post(pages["source"], {"department": department.pk, "person": "E77"})
    assert response.status_code == 302
    keeper = Keeper.objects.get()
    assert (keeper.department, keeper.person) == (department, somebody)
    text = html(client, pages["source"])
    assert "工程部" in text
    assert "李工" in text
    wrong = client.post(pages["source"], {"department": "", "person": "E00"})
    assert "没有工号为E00的在用人员" in wrong.content.decode()
    client.post(pages["source"], {"department": "", "person": ""})
    assert Keeper.objects.count() == 0


def test_a_manager_of_one_project_cannot_name_a_keeper(client, pages):
    HoldingFactory(place=(project := ProjectFactory()))
    client.force_login(manager(project))
    assert "指定负责人" not in html(client, pages["source"])
    assert client.post(pages["source"], {"person": ""}).status_code == 404


def test_check_now_orders_the_nightly_look(client, archive):
    client.force_login(manager())
    response = client.post(reverse("archive_check"), follow=True)
    assert "正在核对档案" in response.content.decode()
    assert Job.objects.get().kind == "schedule.nightly-upkeep"
    client.force_login(manager(ProjectFactory()))
    assert client.post(reverse("archive_check")).status_code == 404


def test_a_manifest_that_cannot_be_read_leaves_the_page_standing(client, archive, tmp_path):
    HoldingFactory()
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "manifest.jsonl").write_text("{}\n")
    client.force_login(manager())
    html(client, reverse("archive"))
    html(client, reverse("archive_batches"))


def test_imports_with_rows_to_mend_are_offered_for_download(client, pages):
    batch = ImportBatch.objects.create(
        state=ImportState.HAS_ISSUES,
        file_name="七月工单.xlsx",
        folder="f",
        sha256="0",
        read=5,
        accepted=3,
        rejected=2,
    )
    client.force_login(manager())
    text = html(client, pages["overview"])
    assert "2行要改" in text
    assert f"/imports/{batch.pk}/rows.xlsx" in text
    client.force_login(person("leader"))
    assert "七月工单" not in html(client, pages["overview"])
