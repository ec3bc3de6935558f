"""Whatever somebody does to the trail behind the program's back must be seen, and a sound one not blamed."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from bihuan.base.trail import headlog, seal
from bihuan.base.trail.act import act, note
from bihuan.base.trail.models import Entry, Head
from bihuan.base.trail.verify import verify

TABLE, HEAD = Entry._meta.db_table, Head._meta.db_table
pytestmark = pytest.mark.django_db(transaction=True)


@act
def step(number: int, *, actor) -> None:
    note(actor, "thing.moved", ("test.thing", "1", "Thing"), number=number, share=number / 4)


@pytest.fixture(autouse=True)
def trail(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path
    for number in range(1, 7):
        step(number, actor=None)


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def found() -> list[tuple[str, int | None]]:
    return [(problem.code, problem.sequence) for problem in verify()]


def row(sequence: int) -> Entry:
    return Entry.objects.get(sequence=sequence)


def swap(a: int, b: int) -> None:
    for old, new in ((a, -1), (b, a), (-1, b)):
        sql(f"UPDATE {TABLE} SET sequence = %s WHERE sequence = %s", new, old)


def cut_with_head(keep: int) -> None:
    """What a careful forger does: cut the end and set the head back."""
    sql(f"DELETE FROM {TABLE} WHERE sequence > %s", keep)
    sql(f"UPDATE {HEAD} SET sequence = %s, hash = %s", keep, row(keep).hash)


def forge_without_key(sequence: int) -> None:
    """Change an entry and seal it, and all after it, with a guessed key."""
    head = Head.objects.get()
    previous = row(sequence - 1).hash
    for entry in Entry.objects.filter(sequence__gte=sequence).order_by("sequence"):
        entry.detail, entry.previous = {"number": 99}, previous
        previous = seal.seal(entry, head.chain, b"guessed")
        sql(
            f"UPDATE {TABLE} SET detail = %s, previous = %s, hash = %s WHERE sequence = %s",
            json.dumps(entry.detail),
            entry.previous,
            previous,
            entry.sequence,
        )
    sql(f"UPDATE {HEAD} SET hash = %s", previous)


def change(column: str, value: str):
    return lambda: sql(f"UPDATE {TABLE} SET {column} = %s WHERE sequence = 3", value)


TAMPERING = {
    "nothing": (lambda: None, []),
    "verb": (change("verb", "thing.left"), [("altered", 3)]),
    "time": (change("at", "2026-01-01 00:00:00+00:00"), [("altered", 3)]),
    "detail": (change("detail", '{"number": 4}'), [("altered", 3)]),
    "who": (change("actor_label", "E001"), [("altered", 3)]),
    "subject": (change("subject_id", "2"), [("altered", 3)]),
    "place": (change("place", "/1/"), [("altered", 3)]),
    "hash": (change("hash", "0" * 64), [("altered", 3), ("altered", 4), ("altered", 3)]),
    "link": (change("previous", "0" * 64), [("altered", 3)]),
    "one removed": (
        lambda: sql(f"DELETE FROM {TABLE} WHERE sequence = 3"),
        [("removed", 3), ("cut_off", 3)],
    ),
    "first removed": (
        lambda: sql(f"DELETE FROM {TABLE} WHERE sequence = 1"),
        [("removed", 1), ("cut_off", 1)],
    ),
    "two swapped": (
        lambda: swap(3, 4),
        [("reordered", 3), ("reordered", 4), ("reordered", 5), ("altered", 3), ("altered", 4)],
    ),
    "end cut": (lambda: sql(f"DELETE FROM {TABLE} WHERE sequence > 4"), [("cut_off", 5), ("cut_off", 5)]),
    "end cut and head set back": (lambda: cut_with_head(4), [("cut_off", 5)]),
    "all gone": (lambda: [sql(f"DELETE FROM {TABLE}"), sql(f"DELETE FROM {HEAD}")], [("cut_off", None)]),
    "entries gone": (lambda: sql(f"DELETE FROM {TABLE}"), [("cut_off", 1), ("cut_off", 1)]),
    "head gone": (lambda: sql(f"DELETE FROM {HEAD}"), [("head", None)]),
    "head changed": (lambda: sql(f"UPDATE {HEAD} SET hash = %s", "0" * 64), [("head", 6)]),
    "forged without the key": (
        lambda: forge_without_key(4),
        [("altered", n) for n in (4, 5, 6)] * 2,
    ),
    "key gone": (lambda: seal.key_path().unlink(), [("key", None)]),
    "another key": (
        lambda: seal.key_path().write_text("00" * 32),
        [("altered", n) for n in range(1, 7)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tamper", "seen"), TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_is_seen(tamper, seen):
    tamper()
    assert found() == seen


def test_a_database_begun_anew_is_seen():
    sql(f"DELETE FROM {TABLE}")
    sql(f"DELETE FROM {HEAD}")
    step(1, actor=None)
    assert found() == [("exchanged", None)]


class TestCrashes:
    def test_a_head_that_was_not_written_in_time_is_no_fault(self):
        lines = headlog.path().read_text().splitlines(keepends=True)
        headlog.path().write_text("".join(lines[:-2]))
        assert found() == []
        step(7, actor=None)
        assert found() == []

    def test_a_line_cut_in_the_middle_is_no_fault_and_the_next_line_stands_alone(self):
        with headlog.path().open("r+b") as file:
            file.truncate(headlog.path().stat().st_size - 20)
        assert found() == []
        step(7, actor=None)
        assert found() == []
        assert [anchor.sequence for anchor in headlog.read()] == [1, 2, 3, 4, 5, 7]

    def test_lines_out_of_order_are_no_fault(self):
        lines = headlog.path().read_text().splitlines(keepends=True)
        headlog.path().write_text("".join(reversed(lines)))
        assert found() == []

    def test_without_the_key_nothing_is_added(self):
        seal.key_path().unlink()
        with pytest.raises(seal.TrailError):
            step(7, actor=None)
        assert Entry.objects.count() == 6

    def test_a_head_that_cannot_be_written_does_not_undo_the_act(self):
        headlog.path().unlink()
        headlog.path().mkdir()
        step(7, actor=None)
        assert Entry.objects.count() == 7


def test_odd_values_verify():
    @act
    def odd(*, actor):
        note(
            actor,
            "thing.odd",
            None,
            text="a\0b\ud800",
            large=1e22,
            small=1.5e-7,
            whole=3.0,
            none=None,
            nested={"b": [1, {"a": True}], "a": float("nan")},
        )

    odd(actor=None)
    assert found() == []


def test_entries_are_not_changed_through_the_program():
    for attempt in (
        lambda: Entry.objects.all().delete(),
        lambda: Entry.objects.update(verb="x"),
        lambda: row(1).delete(),
        lambda: row(1).save(),
    ):
        with pytest.raises(TypeError):
            attempt()
