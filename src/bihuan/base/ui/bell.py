"""The bell in the top bar: how much there is to read, and where. The room that keeps notices registers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

MOST_SHOWN = 99


@dataclass(frozen=True)
class Bell:
    """What the bell shows; ``count`` is of what is unread."""

    count: int
    url: str

    @property
    def text(self) -> str:
        """The number beside the bell, short enough for its round."""
        return f"{MOST_SHOWN}+" if self.count > MOST_SHOWN else str(self.count)


_bell: list[Callable[[HttpRequest], tuple[int, str]]] = []


def register(provider: Callable[[HttpRequest], tuple[int, str]]) -> None:
    """``provider(request)`` gives how much is unread and the address where it is read."""
    _bell[:] = [provider]


def of(request: HttpRequest) -> Bell | None:
    """The bell of this page; nothing for strangers and where no room rings it."""
    if not _bell or not request.user.is_authenticated:
        return None
    return Bell(*_bell[0](request))
