"""How each kind of record is found and shown; every stage tells it in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shown:
    """A record as a neighbour in the chain shows it: code, title, state in a word, glyph, address."""

    code: str
    title: str
    state: str = ""
    glyph: str = "none"
    url: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    ``station`` is its place in the chain strip (see ``STATIONS``), or empty where it stands beside the chain.
    ``find(id)`` gives the record or None, ``visible(user, record)`` whether the person may open it, ``show``
    what its neighbours say of it.
    """

    name: str
    label: Any
    find: Callable[[str], Any | None]
    show: Callable[[Any], Shown]
    visible: Callable[[Any, Any], bool]
    station: str = ""


# The chain from the clause to the revision, in the order of the loop; labels come from the rooms above.
STATIONS = ("clause", "indicator", "signal", "finding", "plan", "action", "effect", "revision")

_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; the same name again replaces it."""
    if kind.station and kind.station not in STATIONS:
        raise ValueError(f"{kind.name}: {kind.station!r} is not a station of the chain")
    _kinds[kind.name] = kind


def kind(name: str) -> Kind | None:
    """The kind of this name, or None when its room is not part of this installation."""
    return _kinds.get(name)


def show(user: Any, name: str, number: str) -> Shown | None:
    """What the person may see of a record; None when it is missing or not theirs."""
    known = _kinds.get(name)
    record = known.find(number) if known else None
    if known is None or record is None or not known.visible(user, record):
        return None
    return known.show(record)
