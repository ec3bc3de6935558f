"""Finding the place a row speaks of, and the places that have to be made first."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from bihuan.collect.records.mapping.spec import PlaceRule

RANK = {"company": 0, "region": 1, "city": 2, "project": 3, "building": 4}


@dataclass(frozen=True)
class Known:
    """A place as the importer needs it."""

    code: str
    kind: str
    parent: str | None
    zh: str
    en: str = ""


def plain(text: str) -> str:
    """A name without what people write differently: width, case, spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def slug(text: str) -> str:
    """A code made of a name: letters and digits stay, other scripts become a short hash."""
    flat = unicodedata.normalize("NFKC", text).strip().lower()
    short = re.sub(r"[^a-z0-9]+", "-", flat).strip("-")
    if not flat.isascii() or len(short) > 24 or not short:
        digest = hashlib.sha256(flat.encode()).hexdigest()[:8]
        short = f"{short[:15].strip('-')}-{digest}".strip("-")
    return short


@dataclass
class PlaceIndex:
    """The places a person may import for, by code and by name; new ones are added as they are planned."""

    places: dict[str, Known] = field(default_factory=dict)
    planned: list[Known] = field(default_factory=list)
    may_create: bool = True
    taken: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._names: dict[tuple[str, str], list[Known]] = {}
        for place in self.places.values():
            self._learn(place)

    @classmethod
    def of(cls, places: Iterable[Known], **options) -> PlaceIndex:
        """An index over these places."""
        return cls({p.code: p for p in places}, **options)

    def _learn(self, place: Known) -> None:
        for text in {plain(place.code), plain(place.zh), plain(place.en)} - {""}:
            self._names.setdefault((place.kind, text), []).append(place)

    def find(self, kind: str, text: str, within: str | None) -> Known | None:
        """The place of a kind with this code or name, inside ``within`` when that is given."""
        exact = self.places.get(text)
        if exact is not None and exact.kind == kind and self._inside(exact, within):
            return exact
        found = [p for p in self._names.get((kind, plain(text)), []) if self._inside(p, within)]
        return found[0] if len(found) == 1 else None

    def _inside(self, place: Known, within: str | None) -> bool:
        at: Known | None = place
        while within is not None and at is not None:
            if at.parent == within or at.code == within:
                return True
            at = self.places.get(at.parent) if at.parent else None
        return within is None

    def nearest(self, kind: str, text: str) -> str:
        """The name of the known place that is written most like ``text``; empty when none is close."""
        names = {
            plain(n): n for p in self.places.values() if p.kind == kind for n in (p.zh, p.en, p.code) if n
        }
        close = difflib.get_close_matches(plain(text), list(names), 1, 0.6)
        return names[close[0]] if close else ""

    def plan(self, rule: PlaceRule, text: str, name: str | None, parent: str | None) -> Known | None:
        """A new place under ``parent``; ``None`` where making it is not allowed."""
        if not self.may_create or (parent is None and rule.level != "company"):
            return None
        code = rule.code.replace("{}", slug(text)) if rule.code else slug(text)
        code = code if len(code) <= 40 else f"{code[:31]}-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
        if code in self.places:
            same = self.places[code]
            return same if same.kind == rule.level and self._inside(same, parent) else None
        if code in self.taken:
            return None
        label = name or text
        zh = (rule.zh or "{}").replace("{}", label)[:80]
        en = (rule.en or "{}").replace("{}", label)[:120] if rule.en or label.isascii() else ""
        place = Known(code, rule.level, parent, zh, en)
        self.places[code] = place
        self.planned.append(place)
        self._learn(place)
        return place


@dataclass(frozen=True)
class Found:
    """Where a combination of cells leads: codes of project and building, or the first thing wrong."""

    project: str | None = None
    building: str | None = None
    wrong: tuple[str, str, str] | None = None  # level, text, nearest


class Locator:
    """Resolves combinations of place cells, each once."""

    def __init__(self, rules: tuple[PlaceRule, ...], index: PlaceIndex) -> None:
        self.rules, self.index = rules, index
        self._cache: dict[tuple[str | None, ...], Found] = {}

    @property
    def columns(self) -> list[str]:
        """Columns of the file that say where a row belongs."""
        return list(dict.fromkeys(c for r in self.rules for c in (r.source, r.name) if c))

    def find(self, cells: tuple[str | None, ...], *, create: bool = True) -> Found:
        """The places named by the cells of ``columns``, in that order; without ``create`` none is planned."""
        known = self._cache.get(cells)
        if known is None:
            known = self._find(dict(zip(self.columns, cells, strict=True)), create)
            if create:
                self._cache[cells] = known
        return known

    def _find(self, cells: dict[str, str | None], create: bool) -> Found:
        within: str | None = None
        codes: dict[str, str] = {}
        for rule in self.rules:
            text = cells.get(rule.source) if rule.source else rule.value
            text = rule.values.get(text, text) if text is not None else rule.blank
            if text is None:
                if rule.level == "project":
                    return Found(wrong=(rule.level, "", ""))
                continue
            name = cells.get(rule.name) if rule.name else None
            place = self._place(rule, text, name, within, create)
            if place is None and rule.create and not create:
                break
            if place is None:
                return Found(wrong=(rule.level, text, self.index.nearest(rule.level, text)))
            within = codes[rule.level] = place.code
        return Found(codes.get("project"), codes.get("building"))

    def _place(
        self, rule: PlaceRule, text: str, name: str | None, within: str | None, create: bool
    ) -> Known | None:
        templated = rule.code.replace("{}", slug(text)) if rule.code else None
        for asked in (templated, text):
            place = self.index.find(rule.level, asked, within) if asked else None
            if place is not None:
                return place
        return self.index.plan(rule, text, name, within) if rule.create and create else None
