"""What a view hands to the shared parts of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TONES = ("met", "watch", "miss", "acc", "none")


@dataclass(frozen=True)
class Button:
    """A button or link that names its act. With ``post`` it is a form of its own; ``dialog`` opens one."""

    label: Any
    url: str = ""
    icon: str = ""
    post: bool = False
    primary: bool = False
    danger: bool = False
    dialog: str = ""
    htmx: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer to "so what": who, what, how sure.

    ``sentence`` may mark one phrase between ``[[`` and ``]]``; it is drawn on the tone's tint. ``glyph``
    defaults to the tone's own. At most one of ``buttons`` is primary.
    """

    sentence: Any
    tone: str = "none"
    glyph: str = ""
    detail: Any = ""
    buttons: tuple[Button, ...] = ()

    @property
    def shape(self) -> str:
        """The glyph's name."""
        return self.glyph or {"acc": "wait", "none": "prov"}.get(self.tone, self.tone)


@dataclass(frozen=True)
class Figure:
    """One key figure: label, number, its unit or interval, and a note below."""

    label: Any
    value: Any
    extra: Any = ""
    note: Any = ""
    tone: str = ""


@dataclass(frozen=True)
class Crumb:
    """A step of the way to this page; the last one has no address."""

    label: Any
    url: str = ""
    tag: Any = ""


@dataclass(frozen=True)
class Link:
    """One station of the chain strip. ``state``: ``past`` (a link), ``current`` or ``future``."""

    label: Any
    text: Any
    url: str = ""
    state: str = "past"


@dataclass(frozen=True)
class Step:
    """One step of a long task. ``state``: ``done``, ``running``, ``waiting`` or ``failed``."""

    label: Any
    state: str = "waiting"

    @property
    def glyph(self) -> str:
        """The glyph of the state."""
        return {"done": "met", "running": "prov", "waiting": "todo", "failed": "miss"}[self.state]

    @property
    def tone(self) -> str:
        """The tone of the state."""
        return {"done": "met", "failed": "miss"}.get(self.state, "none")


@dataclass(frozen=True)
class Progress:
    """How far a long task is. ``left`` says how long it will still take, in words."""

    title: Any
    done: int = 0
    total: int = 0
    counted: Any = ""
    left: Any = ""
    steps: tuple[Step, ...] = ()
    may_leave: bool = True
    poll: str = ""

    @property
    def percent(self) -> int:
        """The share done, 0 to 100."""
        return min(100, round(100 * self.done / self.total)) if self.total else 0


@dataclass(frozen=True)
class Empty:
    """An empty page: what is missing, why, and the step before."""

    title: Any
    why: Any = ""
    button: Button | None = None
