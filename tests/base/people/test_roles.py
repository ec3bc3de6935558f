from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from bihuan.base.people import actions, rules
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.people.roles import Role
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from tests.base.people.factories import RoleGrantFactory, UserFactory, person
from tests.base.places.factories import company

pytestmark = pytest.mark.django_db


class TestReading:
    def test_a_role_counts_at_its_place_and_under_it(self):
        tree = company()
        user = person("inspector", tree.r1)
        assert user.has_role(Role.INSPECTOR)
        assert user.has_role(Role.INSPECTOR, tree.p1)
        assert user.has_role(Role.INSPECTOR, tree.u1)
        assert not user.has_role(Role.INSPECTOR, tree.c)
        assert not user.has_role(Role.INSPECTOR, tree.p3)
        assert not user.has_role(Role.LEADER)
        assert (user.sees(tree.p1), user.sees(tree.p3)) == (True, False)
        assert user.visible_paths() == [tree.r1.path]

    def test_without_a_place_it_counts_everywhere(self):
        tree = company()
        user = person("leader")
        assert user.visible_paths() == ["/"]
        assert user.has_role(Role.LEADER, tree.u1)

    def test_an_outsider_has_nothing(self):
        tree = company()
        user = person()
        assert (user.visible_paths(), user.has_role(Role.EMPLOYEE), user.sees(tree.c)) == ([], False, False)

    def test_whoever_is_out_of_use_has_nothing(self):
        user = person("leader", is_active=False)
        assert (user.has_role(Role.LEADER), user.visible_paths()) == (False, [])

    @pytest.mark.parametrize(
        ("today", "counts"),
        [("2026-06-30", False), ("2026-07-01", True), ("2026-09-30", True), ("2026-10-01", False)],
    )
    def test_days_count_from_the_first_to_the_last(self, today, counts):
        user = UserFactory()
        RoleGrantFactory(user=user, role="leader", valid_from=date(2026, 7, 1), valid_to=date(2026, 9, 30))
        with time_machine.travel(f"{today} 12:00", tick=False):
            assert user.has_role(Role.LEADER) is counts

    def test_roles_are_read_once(self, django_assert_num_queries):
        tree = company()
        user = User.objects.get(pk=person("inspector", tree.r1).pk)
        with django_assert_num_queries(1):
            for place in (tree.c, tree.r1, tree.p1, tree.u1):
                user.has_role(Role.INSPECTOR, place)
            user.visible_paths()


class TestGiving:
    def test_it_counts_at_once_and_is_on_the_trail(self):
        tree = company()
        user = person()
        assert not user.has_role(Role.INSPECTOR)
        actions.grant_role(user, actor=person("administrator", tree.r1), role="inspector", place=tree.p1)
        assert user.has_role(Role.INSPECTOR, tree.p1)
        entry = Entry.objects.first()
        assert (entry.verb, entry.place, entry.detail["role"]) == ("role.granted", tree.p1.path, "inspector")

    def test_twice_is_once(self):
        tree = company()
        user = person()
        for _ in range(2):
            actions.grant_role(user, actor=None, role="inspector", place=tree.p1)
        assert RoleGrant.objects.count() == 1

    @pytest.mark.parametrize("place", [None, "c", "r2", "p3"])
    def test_an_administrator_gives_nothing_outside_their_place(self, place):
        tree = company()
        keeper = person("administrator", tree.r1)
        target = getattr(tree, place) if place else None
        with pytest.raises(Refused):
            actions.grant_role(person(), actor=keeper, role="employee", place=target)
        with pytest.raises(Refused):
            actions.grant_role(keeper, actor=keeper, role="administrator", place=target)

    @pytest.mark.parametrize("role", [r for r in Role.values if r != "administrator"] + [""])
    def test_nobody_else_gives_roles(self, role):
        tree = company()
        with pytest.raises(Refused):
            actions.grant_role(person(), actor=person(role, tree.c), role="employee", place=tree.p1)

    def test_days_must_be_in_order(self):
        with pytest.raises(ValidationError):
            actions.grant_role(
                person(), actor=None, role="employee", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)
            )

    def test_the_last_administrator_stays(self):
        admin = person("administrator")
        grant = admin.role_grants.get()
        with pytest.raises(Refused):
            actions.revoke_role(grant, actor=admin)
        with pytest.raises(Refused):
            actions.deactivate_person(admin, actor=None)
        other = person("administrator")
        actions.revoke_role(grant, actor=other)
        assert not User.objects.get(pk=admin.pk).has_role(Role.ADMINISTRATOR)


class TestKeeping:
    """The keeper of a project must not take the account of whoever stands above."""

    @pytest.mark.parametrize(
        ("theirs", "place", "kept"),
        [("employee", "p1", True), ("leader", "r1", True), ("leader", "c", False), ("employee", "p3", False),
         ("administrator", None, False), ("", None, True)],
    )  # fmt: skip
    def test_every_role_must_lie_inside(self, theirs, place, kept):
        tree = company()
        keeper = person("administrator", tree.r1)
        target = person(theirs, getattr(tree, place) if place else None)
        assert rules.keeps_person(keeper, target) is kept
        for call in (
            lambda: actions.issue_one_time_password(target, actor=keeper),
            lambda: actions.update_person(target, actor=keeper, email="taken@example.com"),
            lambda: actions.deactivate_person(target, actor=keeper),
        ):
            if kept:
                call()
            else:
                with pytest.raises(Refused):
                    call()

    def test_a_role_that_has_ended_still_protects(self):
        tree = company()
        target = UserFactory()
        RoleGrantFactory(user=target, role="leader", place=tree.c, valid_to=date(2020, 1, 1))
        assert not rules.keeps_person(person("administrator", tree.p1), target)

    def test_not_oneself(self):
        admin = person("administrator")
        person("administrator")
        with pytest.raises(Refused):
            actions.deactivate_person(admin, actor=admin)
