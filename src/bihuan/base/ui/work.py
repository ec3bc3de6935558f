"""What is mine to do, and what stands at each stage of the loop: rooms tell, the landing pages show.

Rooms register functions in ``AppConfig.ready``; nothing above is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class WorkItem:
    """One thing a person must do.

    ``verb`` is the word on its button, ``url`` where the button leads, ``due`` an aware instant or None.
    ``detail`` names the record and, where one is asked for, the proof.
    """

    key: str
    title: str
    detail: str
    url: str
    verb: Any
    stage: int
    due: datetime | None = None
    glyph: str = "wait"
    waiting_for: str = ""


@dataclass(frozen=True)
class StageCount:
    """What stands at one stage (1 to 6) under a place in a cycle.

    ``sentence`` says what is counted, without the number; ``oldest_days`` how long the oldest has waited;
    ``share_done`` 0 to 1; ``url`` opens exactly these things.
    """

    stage: int
    count: int
    sentence: Any
    overdue: int
    oldest_days: int
    share_done: float
    url: str
    overdue_url: str = ""


WorkProvider = Callable[[Any, datetime], Iterable[WorkItem]]
StageProvider = Callable[[Any, Any, Any], StageCount]

_work: dict[str, WorkProvider] = {}
_stages: dict[int, StageProvider] = {}


def register_work(name: str, provider: WorkProvider) -> None:
    """Add a source of work items: ``provider(user, now)`` gives the open ones, those of others included."""
    _work[name] = provider


def register_stage(stage: int, provider: StageProvider) -> None:
    """Say what stands at a stage: ``provider(user, place, cycle)``."""
    if not 1 <= stage <= 6:
        raise ValueError(f"a stage is 1 to 6, not {stage}")
    _stages[stage] = provider


def work_of(user: Any, now: datetime) -> list[WorkItem]:
    """Everything the person must do or waits for, the earliest first, what has no date last."""
    items = [item for provider in _work.values() for item in provider(user, now)]
    return sorted(items, key=lambda item: (item.due is None, item.due or now, item.key))


def stages(user: Any, place: Any, cycle: Any) -> list[StageCount]:
    """The stages that have something to tell, in the order of the loop."""
    return [_stages[number](user, place, cycle) for number in sorted(_stages)]
