"""Pages of the import: who may see them, and a file's way through them."""

from __future__ import annotations

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.base.jobs.models import Job
from bihuan.collect.records import actions
from bihuan.collect.records.importer import run_import
from bihuan.collect.records.models import ImportBatch, Mapping
from bihuan.collect.records.tasks import import_file
from tests.base.people.factories import person
from tests.collect.records.factories import HEADINGS, csv_file, csv_text, mapping, row, rows


@pytest.fixture
def manager(places, client):
    user = person("quality_manager", places["company"])
    client.force_login(user)
    return user


@pytest.fixture
def finished(places, tmp_path, settings):
    settings.ARCHIVE_URL = str(tmp_path / "archive")
    path = csv_file(tmp_path, [*rows(3), row(工单编号="WO9", 评分="6")])
    result = run_import(path, mapping())
    return ImportBatch.objects.get(pk=result.batch)


def addresses(batch) -> list[str]:
    named = {"pk": batch.pk}
    return [
        reverse("imports"),
        reverse("import_new"),
        reverse("import", kwargs=named),
        reverse("import_columns", kwargs=named),
        reverse("import_progress", kwargs=named),
        reverse("import_rows", kwargs={**named, "kind": "csv"}),
        reverse("import_rows", kwargs={**named, "kind": "xlsx"}),
        reverse("import_mapping", kwargs=named),
    ]


@pytest.mark.parametrize("role", ["", "inspector", "employee", "leader", "department_head"])
def test_outsiders_find_nothing(client, finished, role):
    client.force_login(person(role))
    assert {client.get(address).status_code for address in addresses(finished)} == {404}
    assert client.post(reverse("import_start", kwargs={"pk": finished.pk})).status_code == 404
    assert client.post(reverse("import_new"), {}).status_code == 404


def test_another_places_manager_finds_the_list_and_not_the_import(client, finished, places):
    finished.place = places["lake"]
    finished.save()
    client.force_login(person("quality_manager", places["plaza"]))
    codes = [client.get(address).status_code for address in addresses(finished)]
    assert codes == [200, 200, 404, 404, 404, 404, 404, 404]


def test_a_finished_import_says_what_to_mend(client, finished, places):
    client.force_login(person("administrator"))
    page = client.get(reverse("import", kwargs={"pk": finished.pk})).content.decode()
    assert '3行收下了，<mark class="bh-mark bh-watch">1行要改</mark>' in page
    assert "6超出1–5" in page
    assert "填1到5，没评就留空" in page
    english = client.get(reverse("import", kwargs={"pk": finished.pk}), headers={"accept-language": "en"})
    assert english.status_code == 200


def test_bad_rows_come_down_with_their_reasons(client, finished):
    client.force_login(person("administrator"))
    named = {"pk": finished.pk}
    text = b"".join(client.get(reverse("import_rows", kwargs={**named, "kind": "csv"})).streaming_content)
    lines = text.decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join([*HEADINGS, "行", "列", "哪里不对", "怎么改"])
    assert lines[1].startswith("WO9,翠湖花园")
    assert len(lines) == 2
    sheet = client.get(reverse("import_rows", kwargs={**named, "kind": "xlsx"}))
    assert sheet.content.startswith(b"PK")
    assert client.get(reverse("import_rows", kwargs={**named, "kind": "doc"})).status_code == 404


def upload(text: str, encoding: str = "utf-8", name: str = "维修工单2026.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(encoding))


def test_a_file_goes_all_the_way(client, manager, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.ARCHIVE_URL = str(tmp_path / "archive")
    text = csv_text([*rows(5), row(工单编号="WO9", 评分="6")])
    sent = client.post(reverse("import_new"), {"file": upload(text, "gb18030")})
    batch = ImportBatch.objects.get()
    columns = reverse("import_columns", kwargs={"pk": batch.pk})
    assert sent.headers["Location"] == columns
    page = client.get(columns).content.decode()
    assert "gb18030" in page
    assert "前6行里有" in page
    fields = {
        "table": "work_orders",
        "source": "crm",
        "to_key": "工单编号",
        "to_project": "项目",
        "to_category": "类别",
        "to_priority": "紧急程度",
        "to_reported_at": "报修时间",
        "to_resolved_at": "完成时间",
        "to_rating": "评分",
    }
    with django_capture_on_commit_callbacks(execute=True):
        begun = client.post(columns, {**fields, "do": "import"})
    detail = reverse("import", kwargs={"pk": batch.pk})
    assert begun.headers["Location"] == detail
    job = Job.objects.get()
    assert "正在导入" in client.get(detail).content.decode()
    assert b"bh-progress" in client.get(reverse("import_progress", kwargs={"pk": batch.pk})).content
    import_file.call(lambda *args, **named: None, job.arguments)
    batch.refresh_from_db()
    assert (batch.state, batch.accepted, batch.rejected) == ("has_issues", 5, 1)
    assert client.get(reverse("import_progress", kwargs={"pk": batch.pk})).headers["HX-Refresh"] == "true"
    assert "1行要改" in client.get(detail).content.decode()
    kept = Mapping.objects.get()
    assert (kept.name, kept.table) == ("crm", "work_orders")
    exported = client.get(reverse("import_mapping_kept", kwargs={"name": "crm"})).content.decode()
    assert "报修时间" in exported
    again = client.post(reverse("import_new"), {"file": upload(text, name="八月.csv")})
    assert "沿用：crm" in client.get(again.headers["Location"]).content.decode()


def test_mended_rows_are_sent_with_the_mapping_of_the_first(
    client, places, finished, django_capture_on_commit_callbacks
):
    client.force_login(person("administrator"))
    address = f"{reverse('import_new')}?mends={finished.pk}"
    assert "传“工单.csv”改好的行" in client.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, {"file": upload(csv_text([row(工单编号="WO9")]))})
    batch = ImportBatch.objects.latest("pk")
    assert batch.mends == finished
    import_file.call(lambda *args, **named: None, Job.objects.get().arguments)
    finished.refresh_from_db()
    assert finished.state == "accepted"


def test_columns_that_are_missing_are_named(client, manager):
    client.post(reverse("import_new"), {"file": upload("甲,乙\n1,2\n")})
    columns = reverse("import_columns", kwargs={"pk": ImportBatch.objects.get().pk})
    page = client.post(columns, {"table": "work_orders", "source": "x", "do": "import"}).content.decode()
    assert "选“报修时间”在哪一列。" in page
    assert "选“项目”在哪一列。" in page
    assert "选“记录编号”在哪一列。" in page
    assert ImportBatch.objects.get().job is None


def test_a_file_nobody_can_read_says_so(client, manager):
    client.post(reverse("import_new"), {"file": upload("x" * 10, name="a.xlsx")})
    client.post(reverse("import_new"), {"file": SimpleUploadedFile("b.xlsx", b"PK\x03\x04broken")})
    page = client.get(reverse("import_columns", kwargs={"pk": ImportBatch.objects.latest("pk").pk}))
    assert "读不出来" in page.content.decode()


def test_a_mapping_file_of_ones_own(client, manager):
    raw = io.BytesIO(json.dumps(mapping(), ensure_ascii=False).encode())
    raw.name = "crm.yaml"
    client.post(reverse("import_new"), {"file": upload(csv_text(rows(2))), "mapping_file": raw})
    batch = ImportBatch.objects.get()
    page = client.get(reverse("import_columns", kwargs={"pk": batch.pk})).content.decode()
    assert "前2行都能收下" in page
    bad = io.BytesIO(b"name: x\ntable: orders\n")
    bad.name = "bad.yaml"
    page = client.post(
        reverse("import_new"), {"file": upload(csv_text(rows(2))), "mapping_file": bad}
    ).content.decode()
    assert "table：不能写“orders”" in page


def test_an_empty_list_says_what_to_do_next(client, manager):
    page = client.get(reverse("imports")).content.decode()
    assert "还没有导入过数据" in page
    assert reverse("import_new") in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_as_often_for_one_as_for_three(client, manager, tmp_path, count):
    for _ in range(count):
        actions.receive_import(actor=manager, path=csv_file(tmp_path, rows(1)), name="a.csv")
    client.get(reverse("imports"))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse("imports")).status_code == 200
    assert len(seen) == QUERIES


QUERIES = 14


# -- the API


def test_api_takes_a_file_and_tells_its_state(client, manager, places, tmp_path, settings):
    settings.ARCHIVE_URL = str(tmp_path / "archive")
    text = json.dumps(mapping(), ensure_ascii=False) + "\n"
    actions.keep_mapping(actor=manager, text=text)
    csrf = {"file": upload(csv_text([*rows(2), row(工单编号="9", 评分="6")])), "mapping": "crm"}
    sent = client.post("/api/v1/imports", csrf)
    assert sent.status_code == 202
    number = sent.json()["id"]
    import_file.call(lambda *args, **named: None, Job.objects.get().arguments)
    found = client.get(f"/api/v1/imports/{number}").json()
    assert (found["state"], found["read"], found["accepted"], found["rejected"]) == ("has_issues", 3, 2, 1)
    assert found["problems"] == [
        {"row": 4, "column": "评分", "what": "6超出1–5", "how": "填1到5，没评就留空"}
    ]
    client.force_login(person())
    assert client.get(f"/api/v1/imports/{number}").status_code == 404
    again = {"file": upload(csv_text(rows(1))), "mapping": "crm"}
    assert client.post("/api/v1/imports", again).status_code == 404


def test_api_knows_no_other_mapping(client, manager):
    sent = {"file": upload(csv_text(rows(1))), "mapping": "nothing"}
    assert client.post("/api/v1/imports", sent).status_code == 404
