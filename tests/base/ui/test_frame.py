"""The frame: who sees what in the side bar, choices, language, errors, tags."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import TemplateSyntaxError, engines
from django.test import Client, RequestFactory
from django.utils import translation

from bihuan.base.ui import choice, nav, status, work
from bihuan.base.ui.nav import Entry
from bihuan.base.ui.work import StageCount

pytestmark = [pytest.mark.urls("tests.base.ui.urls")]


def render(source: str, **context) -> str:
    request = context.pop("request", None)
    return engines["django"].from_string("{% load bh %}" + source).render(context, request)


@pytest.fixture
def signed_in(client: Client, person) -> Client:
    client.force_login(person)
    return client


class Someone:
    is_authenticated = True
    allowed = frozenset({"rows"})


@pytest.fixture
def request_at():
    def at(path: str, user=None):
        request = RequestFactory().get(path)
        request.user = user or Someone()
        request.session = {}
        request.choice = choice.Choice(request)
        return request

    return at


class TestMenu:
    @pytest.fixture(autouse=True)
    def _empty(self, monkeypatch):
        monkeypatch.setattr(nav, "_entries", {})

    def test_only_what_exists_and_is_allowed_is_shown(self, request_at):
        nav.register(
            Entry("Rows", "rows", stage=4),
            Entry("Form", "form", stage=1, allowed=lambda user: "form" in user.allowed),
            Entry("Nowhere", "no_such_address", stage=2),
        )
        menu = nav.menu(request_at("/list/"))
        assert [(line.number, line.url, line.current) for line in menu.stages] == [(4, "/list/", True)]

    def test_a_stage_opens_its_first_entry_and_unfolds(self, request_at):
        nav.register(Entry("B", "form", stage=2, order=20), Entry("A", "rows", stage=2, order=10))
        (stage,) = nav.menu(request_at("/form/")).stages
        assert (stage.url, stage.slot, stage.current) == ("/list/", "stage-2", True)
        assert [(child.label, child.current) for child in stage.children] == [("A", False), ("B", True)]

    def test_numbers_are_asked_for_apart_and_what_is_late_comes_first(self, request_at, monkeypatch):
        stage = StageCount(4, 9, "findings", 3, 19, 0.4, "/findings/")
        monkeypatch.setattr(work, "_stages", {4: lambda user, place, cycle: stage})
        monkeypatch.setattr(choice, "_providers", {})
        nav.register(
            Entry("A", "rows", stage="top", count=lambda request: 7, overdue=lambda request: 2),
            Entry("B", "form", stage="top", count=lambda request: 5),
            Entry("C", "heat", stage="top"),
            Entry("D", "wait", stage=4, overdue=lambda request: 9),
        )
        found = [(n.slot, n.value, n.late) for n in nav.numbers(request_at("/list/"))]
        assert found == [("rows", 2, True), ("form", 5, False), ("stage-4", 3, True)]

    def test_the_longest_fitting_address_is_the_current_one(self, request_at):
        nav.register(Entry("Home", "home", stage="top"), Entry("Rows", "rows", stage="often"))
        menu = nav.menu(request_at("/list/7/"))
        assert [line.current for line in (*menu.top, *menu.often)] == [False, True]
        assert [line.current for line in nav.menu(request_at("/")).top] == [True]

    def test_administration_stands_apart_and_is_open_on_its_pages(self, request_at):
        nav.register(Entry("Rows", "rows", order=30), Entry("Form", "form", order=80))
        menu = nav.menu(request_at("/form/"))
        assert ([line.url for line in menu.often], [line.url for line in menu.keeping]) == (
            ["/list/"],
            ["/form/"],
        )
        assert menu.keeping_open
        assert not nav.menu(request_at("/list/")).keeping_open

    def test_strangers_see_nothing(self, request_at):
        nav.register(Entry("Rows", "rows"))
        assert nav.menu(request_at("/", AnonymousUser())).often == []

    def test_a_stage_that_is_none_is_refused(self):
        with pytest.raises(ValueError, match="stage is 1 to 6"):
            nav.register(Entry("X", "x", stage=7))


@pytest.mark.usefixtures("frame")
class TestChoice:
    def test_the_first_is_the_default_and_a_choice_is_kept(self, signed_in):
        def chosen(path: str) -> list[str]:
            return re.findall(r"<summary>.*?<b>(.*?)</b>", signed_in.get(path).content.decode())[:2]

        assert chosen("/bare/") == ["全公司", "2026年第三季度"]
        assert chosen("/bare/?place=cuihu&cycle=2026Q2") == ["翠湖花园", "2026年第二季度"]
        assert chosen("/bare/") == ["翠湖花园", "2026年第二季度"]
        assert chosen("/bare/?place=not_mine&cycle=' or 1=1") == ["翠湖花园", "2026年第二季度"]

    def test_lines_lead_back_to_the_page_with_their_choice(self, signed_in):
        headers = {
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/list/?state=on&page=3&place=dongli",
        }
        text = signed_in.get("/choice/place/?q=湖", headers=headers).content.decode()
        assert 'href="/list/?state=on&amp;place=cuihu"' in text
        assert text.count("<li") == 1

    def test_an_address_elsewhere_is_not_led_back_to(self, signed_in):
        text = signed_in.get("/choice/place/?next=https://evil.example/x").content.decode()
        assert "evil" not in text
        assert 'href="/?place=hetai"' in text

    def test_what_is_not_found_is_said_and_escaped(self, signed_in):
        text = signed_in.get("/choice/place/?q=<b>").content.decode()
        assert "没有叫“&lt;b&gt;”的。" in text

    @pytest.mark.django_db
    def test_strangers_get_no_list(self, client):
        response = client.get("/choice/place/")
        assert (response.status_code, response.url) == (302, "/signin/?next=/choice/place/")

    def test_without_providers_there_is_no_choice(self, request_at, monkeypatch):
        monkeypatch.setattr(choice, "_providers", {})
        request = request_at("/?place=x")
        assert (request.choice.place, request.choice.cycle) == (None, None)


@pytest.mark.django_db
class TestLanguage:
    def test_chinese_unless_something_says_otherwise(self, client):
        response = client.get("/missing/", headers={"Accept-Language": "en"})
        assert response.headers["Content-Language"] == "zh-hans"
        assert "这里没有您能看的内容" in response.content.decode()

    def test_the_persons_language_counts_on_a_new_machine_and_the_cookie_over_it(self, client, person):
        person.language = "en"
        person.save()
        client.force_login(person)
        assert client.get("/bare/").headers["Content-Language"] == "en"
        client.cookies["bihuan_language"] = "zh-hans"
        assert client.get("/bare/").headers["Content-Language"] == "zh-hans"
        client.cookies["bihuan_language"] = "klingon"
        assert client.get("/bare/").headers["Content-Language"] == "en"

    def test_strangers_may_switch_and_land_where_they_were(self, client):
        response = client.post("/language/", {"language": "en", "next": "/list/?a=1"})
        assert (response.status_code, response.url) == (302, "/list/?a=1")
        assert client.cookies["bihuan_language"].value == "en"

    @pytest.mark.parametrize(
        "address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""]
    )
    def test_never_to_another_server(self, client, address):
        assert client.post("/language/", {"language": "en", "next": address}).url == "/"

    def test_an_unknown_language_changes_nothing(self, client):
        client.post("/language/", {"language": "xx"})
        assert "bihuan_language" not in client.cookies

    def test_only_by_post(self, client):
        assert client.get("/language/").status_code == 405


@pytest.mark.django_db
class TestErrors:
    def test_missing_and_forbidden_are_the_same_page(self, signed_in):
        missing, denied = signed_in.get("/missing/"), signed_in.get("/denied/")
        assert (missing.status_code, denied.status_code) == (404, 404)

        def plain(response) -> str:
            text = re.sub(
                r'(csrfmiddlewaretoken" value|X-CSRFToken"): ?"?=?"?[^"]*"', "", response.content.decode()
            )
            return re.sub(r'value="[^"]*"', "", text)

        assert plain(missing) == plain(denied)

    def test_strangers_get_the_page_without_the_side_bar(self, client):
        text = client.get("/missing/").content.decode()
        assert "这里没有您能看的内容" in text
        assert "bh-side" not in text

    def test_an_error_of_ours_asks_nothing_of_the_database(self, signed_in):
        signed_in.raise_request_exception = False
        response = signed_in.get("/broken/")
        assert response.status_code == 500
        assert "我们这边出错了" in response.content.decode()

    def test_a_form_without_its_token_says_what_to_do(self, person):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person)
        response = strict.post("/form/", {})
        assert response.status_code == 403
        assert "这张表单放得太久了，什么都没存" in response.content.decode()


class TestTags:
    @pytest.mark.parametrize("name", status.STATUSES)
    def test_a_status_is_always_glyph_and_word(self, name):
        for language in ("zh-hans", "en"):
            with translation.override(language):
                shown = render("{% status name %}", name=name)
                assert f"#{status.STATUSES[name].glyph}" in shown
                assert str(status.STATUSES[name].word) in shown
        with translation.override("zh-hans"):
            assert not re.search(r"[A-Za-z]", str(status.STATUSES[name].word))

    def test_overdue_says_how_long(self):
        with translation.override("zh-hans"):
            assert "逾期2天" in render('{% status "overdue" days=2 %}')
        with translation.override("en"):
            assert "1 day overdue" in render('{% status "overdue" days=1 %}')

    def test_a_glyph_that_does_not_exist_is_an_error(self):
        with pytest.raises(TemplateSyntaxError, match="no status glyph"):
            render('{% glyph "nothing" %}')

    def test_every_glyph_is_in_the_sprite(self):
        from bihuan.base.documents.pdf import glyphs

        assert {*status.GLYPHS, "brand", "broken"} <= set(glyphs())

    @pytest.mark.parametrize(
        ("sentence", "html"),
        [
            ("a [[b]] c", 'a <mark class="bh-mark bh-miss">b</mark> c'),
            ("<i> [[<b>]]", '&lt;i&gt; <mark class="bh-mark bh-miss">&lt;b&gt;</mark>'),
            ("no mark", "no mark"),
            ("half [[open", "half open"),
        ],
    )
    def test_one_phrase_is_marked_and_all_is_escaped(self, sentence, html):
        assert render('{{ s|marked:"miss" }}', s=sentence) == html

    def test_the_address_changes_by_parts(self, request_at):
        request = request_at("/list/?a=1&b=2&page=4")
        assert render("{% url_with b=3 c='x y' %}", request=request) == "/list/?a=1&amp;b=3&amp;c=x+y"
        assert render("{% url_with a='' b='' %}", request=request) == "/list/"
        assert render("{% url_with page=5 %}", request=request) == "/list/?a=1&amp;b=2&amp;page=5"

    def test_text_in_the_other_language_says_so(self):
        with translation.override("en"):
            assert (
                render('{% both o "name" %}', o={"name_zh": "翠<湖"})
                == '<span lang="zh-Hans">翠&lt;湖</span>'
            )
        with translation.override("zh-hans"):
            assert render('{% both o "name" %}', o={"name_zh": "翠<湖"}) == "翠&lt;湖"

    @pytest.mark.parametrize(
        ("standing", "css", "sign"),
        [
            ("below_floor", "bh-q1", "▼▼"),
            ("below", "bh-q2", "▼"),
            ("slightly_below", "bh-q3", "▽"),
            ("met", "bh-q4", ""),
            ("above", "bh-q5", "▲"),
            ("insufficient", "bh-hatch", ""),
            ("suppressed", "bh-hid", ""),
            ("", "", ""),
        ],
    )
    def test_cells_of_the_heat_map(self, standing, css, sign):
        shown = render("{{ s|heat_class }}|{{ s|heat_sign }}", s=standing)
        assert shown.split("|")[0] == css
        assert sign in shown
        assert ("visually-hidden" in shown) == bool(sign)

    def test_every_icon_the_templates_name_is_brought_in(self):
        from pathlib import Path

        root = Path(status.__file__).parents[2]
        listed = set((root.parents[1] / "frontend" / "icons.txt").read_text().split())
        named = {
            name
            for path in root.rglob("templates/**/*.html")
            for name in re.findall(r'{%\s*icon "([^"]+)"', path.read_text())
        }
        assert named <= listed
