"""Reads of the tree and the households; each starts from what the person may see."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from .kinds import ADMINISTRATOR, Kind
from .managers import under
from .models import Household, Occupancy, Place, SheetImport

ABOVE_UNITS = [kind for kind in Kind.values if kind != Kind.UNIT]


@dataclass(frozen=True)
class Node:
    """A line of the tree: the place, how deep it stands, its households and how many places are under it."""

    place: Place
    depth: int
    households: int | None
    children: int


def household_counts() -> dict[int, int | None]:
    """Households of every place above the units: those of its contract, or the sum of what is under it.

    A place out of use counts nothing for the one above; where nothing is known the value is ``None``.
    """
    units: dict[tuple[int, str], int] = defaultdict(int)
    rows = Place.objects.of_kind(Kind.UNIT).order_by().values_list("parent_id", "state")
    for parent, state, number in rows.annotate(number=Count("pk")):
        units[parent, state] = number
    fields = ("pk", "parent_id", "own_households", "state")
    places = list(Place.objects.of_kind(*ABOVE_UNITS).order_by().values_list(*fields))
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent, _own, _state in places:
        children[parent].append(pk)
    known = {pk: (own, state) for pk, _parent, own, state in places}
    counts: dict[int, int | None] = {}

    def count(pk: int) -> int | None:
        own, state = known[pk]
        in_use = state == "active"
        below = [(count(child), known[child][1]) for child in children[pk]]
        below += [(units.get((pk, each)), each) for each in ("active", "inactive")]
        parts = [n for n, its_state in below if n is not None and _adds(its_state, in_use)]
        counts[pk] = own if own is not None else (sum(parts) if parts else None)
        return counts[pk]

    for root in children[None]:
        count(root)
    return counts


def _adds(state: str, above_in_use: bool) -> bool:
    """What is out of use adds nothing to a place in use; a place out of use keeps its last count."""
    return state == "active" or not above_in_use


def tree(user: Any, *, text: str = "", kind: str = "", state: str = "active") -> list[Node]:
    """The places the person keeps, each parent before its children, down to the building."""
    kept = under(user.paths_as(ADMINISTRATOR))
    if kept is None:
        return []
    places = list(Place.objects.of_kind(*ABOVE_UNITS).filter(kept).order_by("code"))
    children: dict[int | None, list[Place]] = defaultdict(list)
    ids = {place.pk for place in places}
    for place in places:
        children[place.parent_id if place.parent_id in ids else None].append(place)
    counts = household_counts()
    nodes: list[Node] = []
    stack = [(place, 0) for place in reversed(children[None])]
    while stack:
        place, depth = stack.pop()
        under_it = children[place.pk]
        nodes.append(Node(place, depth, counts.get(place.pk), len(under_it)))
        stack += [(child, depth + 1) for child in reversed(under_it)]
    return [node for node in nodes if _wanted(node.place, text, kind, state)]


def _wanted(place: Place, text: str, kind: str, state: str) -> bool:
    words = f"{place.code} {place.name_zh} {place.name_en}".casefold()
    return (
        (not text or text.casefold() in words)
        and (not kind or place.kind == kind)
        and (not state or place.state == state)
    )


def choices(user: Any, text: str = "", limit: int = 50) -> list[Place]:
    """Places in use, down to the project, that the person may choose for a page; the highest first."""
    above = [kind for kind in ABOVE_UNITS if kind != Kind.BUILDING]
    places = Place.objects.active().visible_to(user).filter(kind__in=above)
    if text:
        places = places.filter(
            Q(code__icontains=text) | Q(name_zh__icontains=text) | Q(name_en__icontains=text)
        )
    return list(places.order_by("path")[:limit])


def choice(user: Any, code: str) -> Place | None:
    """The place with this code, when the person may choose it; a building may be chosen by its address."""
    return Place.objects.of_kind(*ABOVE_UNITS).visible_to(user).filter(code=code).first()


def codes_upwards(codes: Sequence[str]) -> dict[str, list[str]]:
    """For each place, the codes from itself up to the company; a code that is no place is left out."""
    paths = dict(Place.objects.filter(code__in=codes).values_list("code", "path"))
    ids = {code: [int(part) for part in path.strip("/").split("/")] for code, path in paths.items()}
    known = dict(
        Place.objects.filter(pk__in={i for line in ids.values() for i in line}).values_list("pk", "code")
    )
    return {code: [known[i] for i in reversed(line)] for code, line in ids.items()}


def households(user: Any, project: Place, *, text: str = "", kind: str = "") -> QuerySet[Household]:
    """Households of a project, each with who lives there now.

    ``text`` is an exact phone number, an exact name or a room number: nothing else can be searched.
    """
    found = Household.objects.visible_to(user).filter(unit__path__startswith=project.path, state="active")
    if kind:
        found = found.filter(kind=kind)
    if text := text.strip():
        found = found.filter(_room(text) | Q(pk__in=_residents(project, text)))
    living = Prefetch("occupancies", Occupancy.objects.current(), to_attr="living")
    return (
        found.select_related("unit", "unit__parent").prefetch_related(living).order_by("unit__code", "kind")
    )


def _room(text: str) -> Q:
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    condition = Q(unit__name_zh=plain) | Q(unit__code=plain)
    building, dash, room = plain.rpartition("-")
    if dash:
        names = [building, *(f"{building}{word}" for word in ("栋", "幢", "号楼", "座"))]
        condition |= Q(unit__name_zh=room, unit__parent__name_zh__in=names)
    return condition


def _residents(project: Place, text: str) -> QuerySet[Occupancy, dict[str, Any]]:
    living = Occupancy.objects.current().filter(household__unit__path__startswith=project.path)
    return living.filter(Q(name_index=text) | Q(phone_index=text)).values("household")


def imports(user: Any, kind: str) -> QuerySet[SheetImport]:
    """Files of a kind that came in: one's own, those of kept places, all for whoever keeps everything."""
    found = SheetImport.objects.filter(kind=kind).select_related("place")
    paths = user.paths_as(ADMINISTRATOR)
    if "/" in paths or Place.objects.filter(parent=None).exclude(path__in=paths).count() == 0:
        return found
    mine = Q(by=user.get_username())
    theirs = under(paths, "place__path")
    return found.filter(mine if theirs is None else mine | theirs)
