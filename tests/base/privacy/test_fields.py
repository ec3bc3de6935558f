from __future__ import annotations

import json
import stat

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction

from bihuan.base.people.models import User
from bihuan.base.privacy import actions, checks, cipher, keys, queries
from bihuan.base.privacy.keys import PrivacyError
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry

TABLE = User._meta.db_table
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path
    return tmp_path


def person(number: str = "E001", **fields) -> User:
    return User.objects.create(
        employee_number=number, **{"name": "王小明", "phone": "138 1234 5678", **fields}
    )


def stored(column: str, user: User) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {TABLE} WHERE id = %s", [user.pk])
        return cursor.fetchone()[0]


class TestFields:
    def test_nothing_in_clear_stands_in_the_database(self):
        user = person()
        again = User.objects.get(pk=user.pk)
        assert (again.name, again.phone) == ("王小明", "138 1234 5678")
        for column in ("name", "phone", "name_index", "phone_index"):
            text = stored(column, user)
            assert text.startswith("k1$")
            assert "王" not in text
            assert "1381234" not in text

    def test_the_same_value_looks_different_each_time(self):
        assert stored("name", person()) != stored("name", person("E002", phone=""))

    def test_empty_stays_empty(self):
        user = person(name="", phone="")
        assert (stored("name", user), stored("phone", user)) == ("", "")
        assert stored("phone_index", user) is None
        assert User.objects.filter(name="").count() == 1

    @pytest.mark.parametrize("written", ["13812345678", "+86 138-1234-5678", "１３８１２３４５６７８"])
    def test_a_phone_is_found_however_it_is_written(self, written):
        user = person()
        assert User.objects.get(phone_index=written) == user
        assert User.objects.filter(phone_index__in=[written, "13900000000"]).get() == user
        assert not User.objects.exclude(phone_index=written).exists()

    @pytest.mark.parametrize(("name", "written"), [("王小明", "王 小明"), ("John  Smith", "john smith")])
    def test_a_name_is_found_however_it_is_written(self, name, written):
        user = person(name=name)
        assert User.objects.get(name_index=written) == user

    @pytest.mark.parametrize(
        "lookup", ["name", "name__icontains", "name__in", "name__startswith", "name__gt"]
    )
    def test_an_encrypted_column_cannot_be_searched(self, lookup):
        with pytest.raises(FieldError, match="blind index"):
            User.objects.filter(**{lookup: "王"}).exists()

    def test_the_index_may_be_unique(self):
        person()
        with pytest.raises(IntegrityError), transaction.atomic():
            person("E002", phone="+8613812345678")

    def test_a_save_must_name_the_index_too(self):
        user = person()
        user.phone = "13900000000"
        with pytest.raises(ValueError, match="phone_index"):
            user.save(update_fields=["phone"])
        user.save(update_fields=["phone", "phone_index"])
        assert User.objects.get(phone_index="13900000000") == user

    def test_a_value_moved_to_another_field_does_not_decrypt(self):
        user = person()
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET phone = name")
        with pytest.raises(PrivacyError, match=r"people\.user\|phone"):
            User.objects.get(pk=user.pk)

    @pytest.mark.parametrize("damage", [lambda t: t[:-4] + "AAAA", lambda t: "no key", lambda t: "k1$***"])
    def test_a_changed_value_does_not_decrypt(self, damage):
        user = person()
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET name = %s", [damage(stored("name", user))])
        with pytest.raises(PrivacyError):
            User.objects.get(pk=user.pk)

    def test_a_value_under_a_key_that_is_gone_says_so(self):
        user = person()
        keys.path().unlink()
        with pytest.raises(PrivacyError):
            User.objects.get(pk=user.pk)


class TestKeyFile:
    def test_it_is_made_once_for_its_owner_alone(self):
        first = keys.ring()
        assert stat.S_IMODE(keys.path().stat().st_mode) == 0o600
        assert keys.ring() == first

    def test_a_broken_file_is_not_replaced(self):
        keys.ring()
        keys.path().write_text("{}")
        with pytest.raises(PrivacyError, match=r"privacy\.json"):
            keys.ring()
        assert keys.path().read_text() == "{}"

    def test_others_who_can_read_it_are_an_error(self):
        keys.ring()
        assert checks.secret_files(None) == []
        keys.path().chmod(0o640)
        assert [found.id for found in checks.secret_files(None)] == ["privacy.E002"]


class TestReveal:
    def test_a_look_is_on_the_trail_without_the_value(self):
        user = person()
        reader = person("E002", phone="")
        assert actions.reveal(user, "phone", actor=reader, reason="call back") == "138 1234 5678"
        entry = Entry.objects.get(verb="personal_data.revealed")
        assert (entry.actor_label, entry.subject_id) == ("E002", str(user.pk))
        assert entry.detail == {"field": "phone", "reason": "call back"}
        assert "138" not in json.dumps(entry.detail) + entry.subject_label

    def test_without_a_reason_it_is_refused_and_that_too_is_on_the_trail(self):
        user = person()
        with pytest.raises(Refused):
            actions.reveal(user, "phone", actor=user, reason=" ")
        assert Entry.objects.get().detail["code"] == "no_reason"

    def test_a_model_may_say_no(self):
        user = person()
        user.may_be_revealed_to = lambda actor, field: False
        with pytest.raises(Refused):
            actions.reveal(user, "phone", actor=user, reason="x")

    def test_a_plain_field_is_a_mistake(self):
        with pytest.raises(TypeError):
            actions.reveal(person(), "employee_number", actor=None, reason="x")


class Killed(BaseException):
    pass


class TestRotation:
    @pytest.fixture
    def people(self, monkeypatch):
        monkeypatch.setattr(actions, "BATCH", 3)
        return [person(f"E{n:03}", phone=f"138000000{n:02}", name=f"人{n}") for n in range(10)]

    def assert_all_there(self, people):
        for n, user in enumerate(people):
            found = User.objects.get(phone_index=f"138000000{n:02}")
            assert (found, found.name) == (user, f"人{n}")
            assert User.objects.get(name_index=f"人{n}") == user

    def left(self) -> int:
        return queries.outdated(User, keys.ring().current).count()

    def test_everything_stands_under_the_new_key(self, people):
        seen = []
        count = actions.rotate_keys(actor=None, progress=lambda done, total: seen.append((done, total)))
        assert count == 10
        assert seen[-1] == (10, 10)
        assert (keys.ring().current, keys.ring().rotating, self.left()) == ("k2", False, 0)
        assert {stored(c, people[0])[:3] for c in ("name", "phone", "name_index", "phone_index")} == {"k2$"}
        self.assert_all_there(people)
        assert list(Entry.objects.order_by("sequence").values_list("verb", flat=True)) == [
            "privacy_keys.rotation_started",
            "privacy_keys.rotated",
        ]

    def test_killed_half_way_it_goes_on(self, people):
        def kill(done, total):
            raise Killed

        with pytest.raises(Killed):
            actions.rotate_keys(actor=None, progress=kill)
        assert (keys.ring().rotating, self.left()) == (True, 7)
        self.assert_all_there(people)
        assert actions.rotate_keys(actor=None) == 7
        assert (keys.ring().current, keys.ring().rotating, self.left()) == ("k2", False, 0)
        self.assert_all_there(people)

    def test_the_old_key_still_reads_what_a_backup_brings_back(self, people):
        old = cipher.encrypt("备份", "people.user|name")
        actions.rotate_keys(actor=None)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET name = %s WHERE id = %s", [old, people[0].pk])
        assert User.objects.get(pk=people[0].pk).name == "备份"

    def test_two_at_once_are_refused(self, people):
        def again(done, total):
            actions.rotate_keys(actor=None)

        with pytest.raises(Refused):
            actions.rotate_keys(actor=None, progress=again)
