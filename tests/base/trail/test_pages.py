from __future__ import annotations

import io
from datetime import UTC, datetime

import openpyxl
import pytest
import time_machine
from django.utils import translation

from bihuan.base.people.models import RoleGrant, User
from bihuan.base.trail import queries, verbs
from bihuan.base.trail.act import Refused, act, note
from bihuan.base.trail.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)


@act
def move(thing: str, *, actor, allowed: bool = True) -> None:
    if not allowed:
        raise Refused("Not yours.")
    note(actor, "thing.moved", ("people.user", "1", thing), reason="=1+1")


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path


@pytest.fixture
def administrator() -> User:
    user = User.objects.create(employee_number="A001")
    RoleGrant.objects.create(user=user, role="administrator")
    return user


@pytest.fixture
def employee() -> User:
    user = User.objects.create(employee_number="E001")
    RoleGrant.objects.create(user=user, role="employee")
    return user


class TestWhoReads:
    def test_administrators_all_others_their_own(self, administrator, employee):
        move("一", actor=administrator)
        move("二", actor=employee)
        assert queries.visible_to(administrator).count() == 2
        assert [e.subject_label for e in queries.visible_to(employee)] == ["二"]
        assert [e.sequence for e in queries.for_subject(User(pk=1))] == [2, 1]

    @pytest.mark.parametrize(("method", "address"), [("get", "/trail/"), ("post", "/trail/check/")])
    def test_for_everybody_else_the_page_is_not_there(self, client, employee, method, address):
        client.force_login(employee)
        assert getattr(client, method)(address).status_code == 404


class TestPage:
    @pytest.fixture
    def page(self, client, administrator):
        client.force_login(administrator)

        def get(query="", language="en"):
            client.cookies["bihuan_language"] = language
            return client.get(f"/trail/{query}")

        return get

    def test_empty(self, page):
        assert "The trail is empty." in page().content.decode()

    def test_words_before_numbers(self, page, administrator):
        move("柜", actor=administrator)
        assert "Nothing was refused in the last seven days." in page().content.decode()
        with pytest.raises(Refused):
            move("柜", actor=administrator, allowed=False)
        text = page().content.decode()
        assert "1 attempt was refused" in text
        assert "Not yours." in text
        assert "1次" in page(language="zh-hans").content.decode()

    def test_filters(self, page, administrator, employee):
        with time_machine.travel(datetime(2026, 10, 1, 1, tzinfo=UTC), tick=False):
            move("旧柜", actor=administrator)
        move("新柜", actor=employee)
        for query, there in [
            ("", {"旧柜", "新柜"}),
            ("?q=E001", {"新柜"}),
            ("?q=旧", {"旧柜"}),
            ("?to=2026-10-01", {"旧柜"}),
            ("?to=2026-09-30", set()),
            ("?from=2026-10-02", {"新柜"}),
            ("?verb=thing.moved", {"旧柜", "新柜"}),
            ("?kind=people.user", {"旧柜", "新柜"}),
        ]:
            text = page(query).content.decode()
            assert {name for name in ("旧柜", "新柜") if name in text} == there, query

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries_do_not_grow_with_the_rows(
        self, page, administrator, rows, django_assert_max_num_queries
    ):
        for n in range(rows):
            move(f"柜{n}", actor=administrator)
        with django_assert_max_num_queries(16):
            page()

    def test_export_is_text_only(self, page, administrator):
        move("柜", actor=administrator)
        book = openpyxl.load_workbook(io.BytesIO(b"".join(page("?export=xlsx"))))
        rows = list(book.active.values)
        assert rows[1][0] == 1
        assert "reason: =1+1" in rows[1]
        assert b"thing.moved" in b"".join(page("?export=csv"))

    def test_checking_says_what_it_found(self, client, page, administrator):
        move("柜", actor=administrator)
        client.force_login(administrator)
        client.cookies["bihuan_language"] = "en"
        assert "nothing was changed or taken away" in client.post("/trail/check/").content.decode()
        Entry.objects.filter(sequence=1)._raw_delete("default")
        text = client.post("/trail/check/").content.decode()
        assert "The trail was tampered with" in text
        assert "cut off" in text


def test_words_of_acts_and_things():
    verbs.register({"thing.moved.twice": "Moved twice"})
    assert verbs.name("thing.moved.twice") == "Moved twice"
    assert verbs.name("unknown.verb") == "unknown.verb"
    with translation.override("en"):
        assert verbs.kind_name("trail.entry") == "Trail entry"
    assert verbs.kind_name("nothing.known") == "nothing.known"
