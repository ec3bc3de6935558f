from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError

from bihuan.base.calendars import actions, queries
from bihuan.base.calendars.checks import holidays_known
from bihuan.base.calendars.models import DayException, PlaceCalendar, WorkingCalendar
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday, 10:00 in Shanghai


def user(role: str, number: str = "U001") -> User:
    made = User.objects.create(employee_number=number)
    RoleGrant.objects.create(user=made, role=role)
    return made


@pytest.fixture
def manager() -> User:
    return user("quality_manager")


@pytest.fixture
def shop(manager) -> WorkingCalendar:
    return actions.create_calendar(
        actor=manager, code="shop", name_zh="前台", week={0: "８：30-12:00，13:30-17:30", 6: "9:00-12:00"}
    )


def hours(calendar: WorkingCalendar, day: date) -> str:
    return DayException.objects.get(calendar=calendar, day=day).hours


class TestActions:
    def test_a_new_calendar_has_its_holidays(self, shop):
        assert dict(shop.week.values_list("weekday", "hours")) == {
            0: "08:30-12:00 13:30-17:30",
            6: "09:00-12:00",
        }
        assert hours(shop, date(2026, 10, 1)) == ""
        assert hours(shop, date(2026, 10, 10)) == "08:30-12:00 13:30-17:30"
        assert queries.missing_holiday_years(shop, [2025, 2026, 2027]) == [2027]

    def test_what_was_entered_by_hand_survives_an_import(self, shop, manager):
        actions.set_day(shop, actor=manager, day=date(2026, 10, 1), hours="9:00-11:00", reason="值班")
        actions.clear_day(shop, actor=manager, day=date(2026, 10, 2))
        DayException.objects.filter(calendar=shop, day=date(2026, 10, 10)).update(hours="")
        done = actions.import_holidays(shop, actor=manager, years=[2026])
        assert (done.added, done.changed, done.kept) == (1, 1, 1)
        assert hours(shop, date(2026, 10, 1)) == "09:00-11:00"
        assert hours(shop, date(2026, 10, 2)) == ""
        again = actions.import_holidays(shop, actor=manager, years=[2026])
        assert (again.added, again.changed, again.kept) == (0, 0, 1)

    def test_a_year_that_is_not_announced(self, shop, manager):
        with pytest.raises(ValueError, match="2027"):
            actions.import_holidays(shop, actor=manager, years=[2027])

    def test_no_longer_following_the_holidays(self, shop, manager):
        actions.set_day(shop, actor=manager, day=date(2026, 12, 31), hours="")
        actions.edit_calendar(shop, actor=manager, name_zh="前台", name_en="Desk", follows_holidays=False)
        assert list(shop.exceptions.values_list("day", flat=True)) == [date(2026, 12, 31)]
        shop.refresh_from_db()
        assert queries.missing_holiday_years(shop, [2027]) == []

    def test_there_is_one_default(self, shop, manager):
        actions.make_default(shop, actor=manager)
        assert list(WorkingCalendar.objects.filter(is_default=True)) == [shop]
        assert queries.calendar_for("P1") == shop

    def test_places(self, shop, manager):
        actions.assign_place(" P1 ", actor=manager, calendar=shop)
        assert queries.calendar_for("P1") == shop
        with pytest.raises(Refused):
            actions.delete_calendar(shop, actor=manager)
        actions.assign_place("P1", actor=manager, calendar=None)
        assert not PlaceCalendar.objects.exists()
        actions.delete_calendar(shop, actor=manager)
        assert not WorkingCalendar.objects.filter(code="shop").exists()

    def test_everything_is_on_the_trail(self, shop):
        verbs = list(Entry.objects.order_by("sequence").values_list("verb", flat=True))
        assert verbs == ["calendar.created", "calendar.week_set", "calendar.holidays_imported"]

    @pytest.mark.parametrize("week", [{0: "9-12"}, {0: "09:00-12:00 10:00-13:00"}])
    def test_hours_that_make_no_sense(self, shop, manager, week):
        with pytest.raises(ValidationError):
            actions.set_week(shop, actor=manager, week=week)

    @pytest.mark.parametrize("code", ["new", "", "a b", "前台"])
    def test_codes_that_make_no_sense(self, manager, code):
        with pytest.raises(ValidationError):
            actions.create_calendar(actor=manager, code=code, name_zh="x")

    def test_the_clock_has_no_hours(self, manager):
        clock = WorkingCalendar.objects.get(code="24h")
        with pytest.raises(Refused):
            actions.set_week(clock, actor=manager, week={})

    def test_others_change_nothing(self, shop):
        outsider = user("inspector", "U002")
        for attempt in (
            lambda: actions.create_calendar(actor=outsider, code="x", name_zh="x"),
            lambda: actions.set_week(shop, actor=outsider, week={}),
            lambda: actions.set_day(shop, actor=outsider, day=date(2026, 1, 1), hours=""),
            lambda: actions.make_default(shop, actor=outsider),
            lambda: actions.assign_place("P1", actor=outsider, calendar=shop),
            lambda: actions.delete_calendar(shop, actor=outsider),
        ):
            with pytest.raises(Refused):
                attempt()


def test_a_missing_year_is_a_warning_of_the_check():
    with time_machine.travel(datetime(2026, 11, 30, 15, 59, tzinfo=UTC), tick=False):
        assert holidays_known(databases=["default"]) == []
    with time_machine.travel(datetime(2026, 11, 30, 16, tzinfo=UTC), tick=False):  # 1 December here
        assert [w.id for w in holidays_known(databases=["default"])] == ["calendars.W001"]
    assert holidays_known() == []


class TestPages:
    @pytest.fixture(autouse=True)
    def frozen(self):
        with time_machine.travel(NOW, tick=False):
            yield

    @pytest.fixture
    def as_manager(self, client, manager):
        client.force_login(manager)
        return client

    def text(self, client, address: str, language: str = "zh-hans") -> str:
        client.cookies["bihuan_language"] = language
        response = client.get(address)
        assert response.status_code == 200
        return response.content.decode()

    def test_the_list(self, as_manager, shop):
        actions.set_week(shop, actor=None, week=dict.fromkeys((0, 1, 2, 5), "9:00-12:00"))
        en = self.text(as_manager, "/calendars/", "en")
        assert "Every calendar has its public holidays up to 2026." in en
        assert "Mon to Fri 09:00–12:00, 13:30–18:00" in en
        assert "Mon, Tue, Wed, Sat 09:00–12:00" in en
        zh = self.text(as_manager, "/calendars/")
        assert "周一至周五 09:00–12:00、13:30–18:00" in zh
        assert "周一、周二、周三、周六 09:00–12:00" in zh

    def test_one(self, as_manager):
        text = self.text(as_manager, "/calendars/office/", "en")
        assert "Open today: 09:00–12:00, 13:30–18:00." in text
        assert "National Day" in text
        zh = self.text(as_manager, "/calendars/office/?year=2025")
        assert "国庆节" in zh
        assert "2025年" in zh
        assert "Every minute" in self.text(as_manager, "/calendars/24h/", "en")

    def test_from_a_new_one_to_its_end(self, as_manager):
        made = as_manager.post(
            "/calendars/new/", {"code": "desk", "name_zh": "前台", "follows_holidays": "on"}
        )
        assert made["Location"] == "/calendars/desk/"
        as_manager.post("/calendars/desk/week/", {"day_0": "9:00-12:00"})
        as_manager.post("/calendars/desk/day/", {"day": "2026-11-30", "hours": "", "reason": "搬家"})
        as_manager.post("/calendars/desk/holidays/", {"year": "2026"})
        as_manager.post("/calendars/desk/place/", {"place": "P1"})
        desk = WorkingCalendar.objects.get(code="desk")
        assert hours(desk, date(2026, 11, 30)) == ""
        assert hours(desk, date(2026, 10, 10)) == "09:00-12:00"
        assert queries.calendar_for("P1") == desk
        assert "搬家" in self.text(as_manager, "/calendars/desk/")
        as_manager.post("/calendars/desk/day/", {"day": "2026-11-30", "clear": "1"})
        as_manager.post("/calendars/desk/place/", {"place": "P1", "release": "1"})
        as_manager.post("/calendars/desk/names/", {"name_zh": "大堂", "name_en": "Lobby"})
        as_manager.post("/calendars/desk/default/")
        desk.refresh_from_db()
        assert (desk.name_zh, desk.follows_holidays, desk.is_default) == ("大堂", False, True)
        assert as_manager.post("/calendars/desk/delete/")["Location"] == "/calendars/desk/"
        as_manager.post("/calendars/office/default/")
        assert as_manager.post("/calendars/desk/delete/")["Location"] == "/calendars/"

    def test_a_mistake_is_named_beside_its_field(self, as_manager):
        answer = as_manager.post("/calendars/office/week/", {"day_2": "9点"})
        assert answer.status_code == 400
        assert "9点" in answer.content.decode()
        assert as_manager.post("/calendars/office/holidays/", {"year": "2030"}).status_code == 302
        assert "2030" in self.text(as_manager, "/calendars/office/")

    def test_others_read_and_change_nothing(self, client):
        client.force_login(user("employee", "U009"))
        assert client.get("/calendars/office/").status_code == 200
        assert (
            '<form method="post" action="/calendars' not in client.get("/calendars/office/").content.decode()
        )
        for address in (
            "new",
            "office/week",
            "office/day",
            "office/place",
            "office/default",
            "office/delete",
        ):
            assert client.post(f"/calendars/{address}/").status_code == 404
        assert client.get("/calendars/nowhere/").status_code == 404

    @pytest.mark.parametrize("more", [1, 3])
    def test_queries_do_not_grow_with_the_rows(self, as_manager, more, django_assert_max_num_queries):
        for n in range(more):
            WorkingCalendar.objects.create(code=f"c{n}", name_zh="x", follows_holidays=False)
        with django_assert_max_num_queries(14):
            as_manager.get("/calendars/")
