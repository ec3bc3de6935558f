from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from bihuan.base.trail import headlog
from bihuan.base.trail.act import Refused, act, note, together
from bihuan.base.trail.models import Entry, Head


@pytest.fixture
def _home(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path


@act
def rename(name: str, *, actor, fail: bool = False) -> str:
    note(actor, "thing.renamed", ("test.thing", "1", name), place="C/P1", name=name)
    if fail:
        raise ValueError(name)
    return name


@act
def refuse(name: str, *, actor) -> None:
    note(actor, "thing.renamed", ("test.thing", "1", name))
    raise Refused("Not yours.", code="not_yours", name=name)


@act
def outer(*, actor, inner_fails: bool = False) -> None:
    note(actor, "thing.opened", None)
    try:
        rename("a", actor=actor, fail=inner_fails)
    except ValueError:
        note(actor, "thing.excused", None)


def verbs() -> list[str]:
    return list(Entry.objects.order_by("sequence").values_list("verb", flat=True))


def test_an_act_needs_an_actor():
    with pytest.raises(TypeError, match="actor"):
        act(lambda thing: thing)


def test_a_note_outside_an_act_is_a_mistake():
    with pytest.raises(RuntimeError):
        note(None, "thing.renamed", None)


@pytest.mark.django_db
@pytest.mark.usefixtures("_home")
class TestNotes:
    def test_entry_holds_what_was_noted(self):
        assert rename("新名", actor=None) == "新名"
        entry = Entry.objects.get()
        assert (entry.sequence, entry.verb, entry.subject_kind, entry.subject_id) == (
            1,
            "thing.renamed",
            "test.thing",
            "1",
        )
        assert (entry.subject_label, entry.place, entry.detail) == ("新名", "C/P1", {"name": "新名"})
        assert (entry.actor, entry.actor_label, entry.previous) == (None, "", "")
        assert Head.objects.get().hash == entry.hash

    def test_a_failed_act_leaves_nothing(self):
        with pytest.raises(ValueError):
            rename("a", actor=None, fail=True)
        assert verbs() == []

    def test_a_failed_inner_act_leaves_no_note_and_the_outer_goes_on(self):
        outer(actor=None, inner_fails=True)
        assert verbs() == ["thing.opened", "thing.excused"]

    def test_notes_of_several_acts_are_written_together_in_order(self):
        with together():
            rename("a", actor=None)
            assert verbs() == []
            outer(actor=None)
        assert verbs() == ["thing.renamed", "thing.opened", "thing.renamed"]

    def test_a_refusal_is_the_only_thing_left(self):
        with pytest.raises(Refused, match="Not yours"):
            refuse("a", actor=None)
        entry = Entry.objects.get()
        assert entry.verb == "refused"
        assert entry.detail == {"name": "a", "attempt": "refuse", "code": "not_yours", "reason": "Not yours."}

    def test_a_refusal_inside_another_act_is_noted_once_by_the_outermost(self):
        @act
        def both(*, actor):
            note(actor, "thing.opened", None)
            refuse("b", actor=actor)

        with pytest.raises(Refused):
            both(actor=None)
        assert [e.detail["attempt"] for e in Entry.objects.all()] == ["both"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_home")
class TestChain:
    def test_many_threads_make_one_chain(self):
        def work():
            try:
                for number in range(5):
                    rename(str(number), actor=None)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = list(Entry.objects.order_by("sequence"))
        assert [e.sequence for e in entries] == list(range(1, 31))
        assert [e.previous for e in entries] == ["", *[e.hash for e in entries[:-1]]]
        assert {a.sequence for a in headlog.read()} == set(range(1, 31))

    def test_the_head_goes_outside_only_on_commit(self):
        with transaction.atomic():
            rename("a", actor=None)
            transaction.set_rollback(True)
        assert list(headlog.read()) == []
        rename("b", actor=None)
        assert [(a.sequence, a.hash) for a in headlog.read()] == [(1, Entry.objects.get().hash)]
