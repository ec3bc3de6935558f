from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from bihuan.base.people import actions, tokens
from bihuan.base.people.models import ApiToken
from bihuan.base.trail.act import Refused
from tests.base.people.factories import ApiTokenFactory, UserFactory, person
from tests.base.places.factories import company

pytestmark = pytest.mark.django_db


def bearer(token: str) -> dict:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


class TestWho:
    def test_nobody(self, client):
        response = client.get("/api/v1/me")
        assert (response.status_code, response.json()) == (401, {"detail": "先登录，或带上令牌。"})

    def test_a_session(self, client):
        tree = company()
        client.force_login(person("inspector", tree.p1, employee_number="E1", name="王小明"))
        assert client.get("/api/v1/me").json() == {
            "employee_number": "E1", "name": "王小明", "language": "zh-hans", "department": None,
            "roles": [{"role": "inspector", "place": "P001"}],
        }  # fmt: skip

    def test_a_token(self, client):
        made, token = actions.make_token(actor=person("leader", employee_number="E1"), name="报表")
        assert client.get("/api/v1/me", **bearer(token)).json()["roles"] == [
            {"role": "leader", "place": None}
        ]
        made.refresh_from_db()
        assert made.last_used is not None
        assert token not in str(list(ApiToken.objects.values()))

    @pytest.mark.parametrize("why", ["unknown", "run out", "out of use", "one-time password", "revoked"])
    def test_tokens_that_do_not_count(self, client, why):
        user = person("leader")
        made, token = actions.make_token(actor=user, name="报表")
        if why == "unknown":
            token += "x"
        elif why == "run out":
            ApiToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
        elif why == "out of use":
            actions.deactivate_person(user, actor=None)
        elif why == "one-time password":
            actions.issue_one_time_password(user, actor=None)
        else:
            actions.revoke_token(made, actor=user)
        assert client.get("/api/v1/me", **bearer(token)).status_code == 401

    def test_a_token_is_for_the_api_alone(self, client):
        _made, token = actions.make_token(actor=person("administrator"), name="报表")
        assert client.get("/people/", **bearer(token)).status_code == 302


class TestTokens:
    def test_the_page_shows_a_token_once(self, client):
        user = UserFactory()
        client.force_login(user)
        page = client.post("/account/", {"name": "报表"}).content.decode()
        token = page.split('<span class="bh-mono">')[1].split("<")[0]
        assert tokens.owner(token) == user
        assert token not in client.get("/account/").content.decode()
        client.post(f"/account/tokens/{user.api_tokens.get().pk}/revoke/")
        assert tokens.owner(token) is None

    def test_one_does_not_end_the_tokens_of_others(self, client):
        with pytest.raises(Refused):
            actions.revoke_token(ApiTokenFactory(), actor=UserFactory())

    @pytest.mark.parametrize(
        "fields", [{"name": " "}, {"name": "x", "expires": timezone.now() - timedelta(days=1)}]
    )
    def test_what_is_wrong_is_said(self, fields):
        with pytest.raises(ValidationError):
            actions.make_token(actor=UserFactory(), **fields)


class TestPlaces:
    def test_only_what_one_sees(self, client):
        tree = company()
        client.force_login(person("employee", tree.p1))
        answer = client.get("/api/v1/places").json()
        assert (answer["count"], [p["code"] for p in answer["items"]]) == (2, ["P001", "P001-B01"])
        assert answer["items"][0] == {
            "code": "P001", "kind": "project", "parent": None, "name_zh": "翠湖花园", "name_en": "",
            "grade": "一级", "area": None, "state": "active", "valid_from": None, "valid_to": None,
        }  # fmt: skip
        assert answer["items"][1]["parent"] == "P001"

    @pytest.mark.parametrize(
        ("query", "codes"),
        [("kind=project", ["P001", "P002", "P003"]), ("under=R02", ["P003", "R02"]),
         ("kind=unit&limit=1", ["P001-B01-101"]), ("kind=unit&offset=1", ["P001-B01-102"])],
    )  # fmt: skip
    def test_it_filters_and_pages(self, client, query, codes):
        tree = company()
        client.force_login(person("leader", tree.c))
        assert [p["code"] for p in client.get(f"/api/v1/places?{query}").json()["items"]] == codes

    def test_what_one_does_not_see_is_not_there(self, client):
        tree = company()
        client.force_login(person("employee", tree.p1))
        assert client.get("/api/v1/places/P001").json()["name_zh"] == "翠湖花园"
        for code in ("P002", "R01", "nope"):
            assert client.get(f"/api/v1/places/{code}").status_code == 404
        assert client.get("/api/v1/places?under=R01").status_code == 404

    def test_an_outsider_gets_an_empty_list(self, client):
        company()
        client.force_login(person())
        assert client.get("/api/v1/places").json() == {"count": 0, "items": []}

    @pytest.mark.parametrize("number", [1, 3])
    def test_the_queries_stay_the_same(self, client, number, django_assert_num_queries):
        tree = company()
        client.force_login(person("leader", tree.c))
        with django_assert_num_queries(5):
            assert len(client.get(f"/api/v1/places?limit={number}").json()["items"]) == number
