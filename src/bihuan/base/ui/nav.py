"""The side bar: rooms register their entries; only what exists and what the person may see is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import pgettext_lazy

from bihuan.base.ui import work

STAGES: dict[int, Any] = {
    1: pgettext_lazy("stage of the loop", "Standard"),
    2: pgettext_lazy("stage of the loop", "Collect"),
    3: pgettext_lazy("stage of the loop", "Analyse"),
    4: pgettext_lazy("stage of the loop", "Assess"),
    5: pgettext_lazy("stage of the loop", "Improve"),
    6: pgettext_lazy("stage of the loop", "Verify"),
}


ADMINISTRATION = 80


def signed_in(user: Any) -> bool:
    """The default rule of an entry: whoever is signed in sees it."""
    return bool(user.is_authenticated)


@dataclass(frozen=True)
class Entry:
    """One line of the side bar.

    ``stage`` 1 to 6 puts it under that stage of the loop, ``"top"`` above the loop, ``"often"`` below it;
    from ``order`` 80 on it is administration, which folds away. ``allowed(user)`` is the predicate of the
    page itself; ``count(request)`` and ``overdue(request)`` give the numbers beside it (0 shows nothing).
    ``phone`` puts it in the bottom bar of the phone shell. ``about`` says in one line what the page is for,
    and ``attention(request)`` what needs a look there (or nothing); the page of administration shows both.
    """

    label: Any
    url_name: str
    icon: str = "list"
    stage: int | str = "often"
    order: int = 50
    allowed: Callable[[Any], bool] = signed_in
    count: Callable[[HttpRequest], int] | None = None
    overdue: Callable[[HttpRequest], int] | None = None
    phone: bool = False
    about: Any = ""
    attention: Callable[[HttpRequest], Any] | None = None


_entries: dict[str, Entry] = {}


def register(*entries: Entry) -> None:
    """Add entries; called from ``AppConfig.ready``. The same ``url_name`` again replaces the entry."""
    for entry in entries:
        if entry.stage not in (*STAGES, "top", "often"):
            raise ValueError(f"{entry.url_name}: stage is 1 to 6, 'top' or 'often', not {entry.stage!r}")
        _entries[entry.url_name] = entry


@dataclass
class Line:
    """An entry as one person sees it on one page."""

    label: Any
    url: str
    icon: str
    number: int = 0
    current: bool = False
    slot: str = ""
    phone: bool = False
    children: list[Line] | None = None
    about: Any = ""
    attention: Any = ""


@dataclass
class Menu:
    """The side bar of one page."""

    top: list[Line]
    stages: list[Line]
    often: list[Line]
    keeping: list[Line]

    @property
    def keeping_open(self) -> bool:
        """Whether the page is one of administration."""
        return any(line.current for line in self.keeping)

    @property
    def phone(self) -> list[Line]:
        """Up to four lines for the bottom bar of a phone."""
        every = [*self.top, *[c for s in self.stages for c in s.children or []], *self.often, *self.keeping]
        return [line for line in every if line.phone][:4]


def menu(request: HttpRequest, *, attention: bool = False) -> Menu:
    """The side bar for this request, with the current line marked; ``attention`` asks what needs a look."""
    user = getattr(request, "user", None)
    lines: list[tuple[Entry, Line]] = []
    for entry in sorted(_entries.values(), key=lambda e: (e.order, e.url_name)):
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:  # the room is not part of this installation
            continue
        if user is not None and entry.allowed(user):
            lines.append((entry, _line(request, entry, url, attention)))
    _mark_current(request.path, [line for _entry, line in lines])
    return Menu(
        top=[line for entry, line in lines if entry.stage == "top"],
        stages=[stage for number in STAGES if (stage := _stage(number, lines)) is not None],
        often=[line for entry, line in lines if entry.stage == "often" and entry.order < ADMINISTRATION],
        keeping=[line for entry, line in lines if entry.stage == "often" and entry.order >= ADMINISTRATION],
    )


@dataclass(frozen=True)
class Number:
    """The number beside a line of the side bar; ``late`` draws it as overdue."""

    slot: str
    value: int
    late: bool = False


def numbers(request: HttpRequest) -> list[Number]:
    """The numbers beside the lines. They cost queries, so the side bar asks once the page is there."""
    found = []
    shown = [entry for entry in _entries.values() if entry.allowed(request.user)]
    for entry in shown:
        if entry.stage not in STAGES and (entry.count or entry.overdue):
            late = entry.overdue(request) if entry.overdue else 0
            value = late or (entry.count(request) if entry.count else 0)
            found.append(Number(entry.url_name, value, bool(late)))
    place = request.choice.place  # type: ignore[attr-defined]
    cycle = request.choice.cycle  # type: ignore[attr-defined]
    stages = work.stages(request.user, place and place.subject, cycle.code if cycle else "")
    lines = {entry.stage for entry in shown}
    return [*found, *(Number(f"stage-{s.stage}", s.overdue, late=True) for s in stages if s.stage in lines)]


def _line(request: HttpRequest, entry: Entry, url: str, attention: bool) -> Line:
    return Line(
        label=entry.label,
        url=url,
        icon=entry.icon,
        slot=entry.url_name if entry.count or entry.overdue else "",
        phone=entry.phone,
        about=entry.about,
        attention=(entry.attention(request) or "") if attention and entry.attention else "",
    )


def _stage(number: int, lines: list[tuple[Entry, Line]]) -> Line | None:
    """The line of a stage: it opens the stage's first entry and unfolds the rest while one is open."""
    children = [line for entry, line in lines if entry.stage == number]
    if not children:
        return None
    return Line(
        label=STAGES[number],
        url=children[0].url,
        icon="",
        number=number,
        current=any(child.current for child in children),
        slot=f"stage-{number}",
        children=children,
    )


def _mark_current(path: str, lines: list[Line]) -> None:
    """Mark the line whose address is the longest beginning of the page's path."""
    fitting = [line for line in lines if path == line.url or (line.url != "/" and path.startswith(line.url))]
    if fitting:
        max(fitting, key=lambda line: len(line.url)).current = True
