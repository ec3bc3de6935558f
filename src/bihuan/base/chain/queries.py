"""A record's neighbours in the chain, both ways, and the strip of stations through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import pgettext_lazy

from bihuan.base.chain import registry
from bihuan.base.chain.models import Link, Proposal
from bihuan.base.chain.registry import STATIONS, Shown

Node = tuple[str, str]
REACH = 10  # links from one end of the chain to the other, with room for detours

LABELS = {
    "clause": pgettext_lazy("station", "Standard clause"),
    "indicator": pgettext_lazy("station", "Indicator"),
    "signal": pgettext_lazy("station", "Signal"),
    "finding": pgettext_lazy("station", "Finding"),
    "plan": pgettext_lazy("station", "Plan"),
    "action": pgettext_lazy("station", "Actions"),
    "effect": pgettext_lazy("station", "Effect"),
    "revision": pgettext_lazy("station", "Revision"),
}


@dataclass(frozen=True)
class Neighbour:
    """A record one link away, and what the link says."""

    relation: str
    kind: str
    shown: Shown


@dataclass(frozen=True)
class Station:
    """One link of the chain strip. Nothing shown and ``future``: the loop has not come there yet."""

    name: str
    label: Any
    shown: list[Shown] = field(default_factory=list)
    current: bool = False
    future: bool = False


def neighbours(user: Any, kind: str, number: str) -> tuple[list[Neighbour], list[Neighbour]]:
    """What led to the record, and what it led to: only what the person may open."""
    before: list[Neighbour] = []
    after: list[Neighbour] = []
    for link in _links_at({(kind, str(number))}):
        backwards = (link.to_kind, link.to_id) == (kind, str(number))
        other = (link.from_kind, link.from_id) if backwards else (link.to_kind, link.to_id)
        shown = registry.show(user, *other)
        if shown is not None:
            (before if backwards else after).append(
                Neighbour(str(link.get_relation_display()), other[0], shown)
            )
    return before, after


def strip(user: Any, kind: str, number: str, *, onward: Iterable[Node] | None = None) -> list[Station]:
    """The chain through a record, station by station.

    From the record the walk goes only backwards and only forwards, never back and forth: other findings of
    the same indicator are not part of this record's story. Where the record itself is part of many stories,
    ``onward`` names the records from which this one goes on.
    """
    start = (kind, str(number))
    ahead = [_walk(start, forwards=True)] if onward is None else []
    ahead += [[one, *_walk(one, forwards=True)] for one in onward or ()]
    nodes = dict.fromkeys([start, *_walk(start, forwards=False), *chain.from_iterable(ahead)])
    reached: dict[str, list[tuple[Node, Shown]]] = {}
    for node in nodes:
        known = registry.kind(node[0])
        shown = registry.show(user, *node) if known and known.station else None
        if known and shown:
            reached.setdefault(known.station, []).append((node, shown))
    last = max((STATIONS.index(name) for name in reached), default=-1)
    return [
        Station(
            name=name,
            label=LABELS[name],
            shown=[shown for _node, shown in reached.get(name, [])],
            current=any(node == start for node, _shown in reached.get(name, [])),
            future=index > last,
        )
        for index, name in enumerate(STATIONS)
    ]


def _walk(start: Node, *, forwards: bool) -> list[Node]:
    """Every record reached from ``start`` in one direction, the nearest first; one query a step."""
    seen = {start}
    order: list[Node] = []
    edge = {start}
    for _step in range(REACH):
        following: list[Node] = []
        for link in _links_at(edge, forwards=forwards):
            node = (link.to_kind, link.to_id) if forwards else (link.from_kind, link.from_id)
            if node not in seen:
                seen.add(node)
                following.append(node)
        if not following:
            break
        order += following
        edge = set(following)
    return order


def _links_at(nodes: set[Node], forwards: bool | None = None) -> QuerySet[Link]:
    condition = Q(pk__in=[])
    for kind, number in nodes:
        if forwards is not False:
            condition |= Q(from_kind=kind, from_id=number)
        if forwards is not True:
            condition |= Q(to_kind=kind, to_id=number)
    return Link.objects.filter(condition).order_by("pk")


def proposals_visible_to(user: Any) -> QuerySet[Proposal]:
    """Proposals at or under the places where the person holds a role."""
    condition = Q(pk__in=[])
    for path in user.visible_paths():
        condition |= Q(place_path__startswith=path)
    return Proposal.objects.filter(condition)
