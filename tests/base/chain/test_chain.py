"""The chain is seen from every one of its records, both ways, and only as far as a person may see."""

import itertools
from types import SimpleNamespace

import pytest

from bihuan.base.chain import actions, queries, registry
from bihuan.base.chain.models import Link, Proposal
from bihuan.base.chain.registry import Kind, Shown
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry

pytestmark = pytest.mark.django_db
STORY = [("clause", "4.2.3"), ("indicator", "R03"), ("signal", "7"), ("finding", "F-1"), ("plan", "GJ-1")]
RELATIONS = ["measured_by", "raised", "became", "planned_in"]


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """Five kinds whose records are their ids; whoever is called `outsider` may open none of them."""
    monkeypatch.setattr(registry, "_kinds", {})
    for name in ("clause", "indicator", "signal", "finding", "plan"):
        registry.register(
            Kind(
                name=name,
                label=name,
                station=name,
                find=lambda number: None if number == "gone" else number,
                show=lambda record: Shown(code=record, title=record),
                visible=lambda user, record: user != "outsider",
            )
        )


@pytest.fixture
def story():
    for (before, after), relation in zip(itertools.pairwise(STORY), RELATIONS, strict=True):
        actions.link(before, relation, after, actor=None)


@pytest.mark.parametrize("place", range(len(STORY)))
def test_strip_is_the_same_story_from_every_record(story, place):
    stations = queries.strip("manager", *STORY[place])
    assert [s.shown[0].code for s in stations if s.shown] == [number for _kind, number in STORY]
    assert [s.name for s in stations if s.current] == [STORY[place][0]]
    assert [s.name for s in stations if s.future] == ["action", "effect", "revision"]


def test_strip_leaves_out_other_stories_of_the_same_indicator(story):
    actions.link(("indicator", "R03"), "raised", ("signal", "8"), actor=None)
    stations = {s.name: s for s in queries.strip("manager", "finding", "F-1")}
    assert [shown.code for shown in stations["signal"].shown] == ["7"]


def test_strip_of_what_many_stories_share_goes_on_from_one_of_them(story):
    actions.link(("indicator", "R03"), "raised", ("signal", "8"), actor=None)
    stations = queries.strip("manager", "indicator", "R03", onward=[("signal", "7")])
    assert [s.shown[0].code for s in stations if s.shown] == [number for _kind, number in STORY]
    assert all(len(s.shown) < 2 for s in stations)
    nowhere = queries.strip("manager", "indicator", "R03", onward=[])
    assert [s.name for s in nowhere if s.future] == list(registry.STATIONS[2:])


def test_neighbours_go_both_ways(story):
    before, after = queries.neighbours("manager", "signal", "7")
    assert [(n.kind, n.shown.code) for n in before] == [("indicator", "R03")]
    assert [(n.kind, n.shown.code) for n in after] == [("finding", "F-1")]


def test_outsider_sees_nothing_of_the_chain(story):
    assert queries.neighbours("outsider", "signal", "7") == ([], [])
    assert [s.shown for s in queries.strip("outsider", "signal", "7")] == [[]] * len(registry.STATIONS)


def test_record_that_is_gone_and_kind_that_is_not_installed_are_left_out(story):
    actions.link(("signal", "7"), "became", ("finding", "gone"), actor=None)
    actions.link(("signal", "7"), "taught", ("lesson", "1"), actor=None)
    assert [n.shown.code for n in queries.neighbours("manager", "signal", "7")[1]] == ["F-1"]


def test_strip_asks_the_database_once_a_step(story, django_assert_num_queries):
    with django_assert_num_queries(6):  # one step back of three and an end, one forward and an end
        queries.strip("manager", "finding", "F-1")


def test_link_twice_is_one_link_and_one_trail_entry(story):
    count = Entry.objects.count()
    actions.link(STORY[0], RELATIONS[0], STORY[1], actor=None)
    assert (Link.objects.count(), Entry.objects.count()) == (len(RELATIONS), count)


def propose(key="K1"):
    place = SimpleNamespace(path="/1/2/", code="P01")
    return actions.propose(
        actor=None,
        source=("inspection", 5),
        place=place,
        title_zh="通道堵塞",
        title_en="Blocked",
        dedupe_key=key,
    )


def test_same_thing_is_proposed_once():
    assert propose() == propose()
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize("state", ["accepted", "dismissed"])
def test_proposal_is_decided_once(state):
    proposal = actions.decide_proposal(propose(), actor=None, state=state, reason="重复")
    with pytest.raises(Refused, match=r"."):
        actions.decide_proposal(proposal, actor=None, state="accepted", reason="重复")
    proposal.refresh_from_db()
    assert proposal.state == state


def test_dismissing_takes_a_reason():
    with pytest.raises(Refused):
        actions.decide_proposal(propose(), actor=None, state="dismissed", reason=" ")


def test_proposals_are_seen_under_the_own_places_only():
    propose()
    inside = SimpleNamespace(visible_paths=lambda: ["/1/"])
    outside = SimpleNamespace(visible_paths=lambda: ["/9/"])
    assert [queries.proposals_visible_to(u).count() for u in (inside, outside)] == [1, 0]
