"""The kinds of background work, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from bihuan.base.jobs.models import Job

KINDS: dict[str, Background] = {}


@dataclass(frozen=True)
class Background:
    """One kind of background work. Called like a function it runs at once, without a job."""

    kind: str
    title: str | Promise
    function: Callable[..., Any]
    rerun: bool = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def call(self, progress: Any, arguments: dict[str, Any]) -> Any:
        """Run with ``progress``, for a function that takes one."""
        if "progress" in inspect.signature(self.function).parameters:
            return self.function(progress=progress, **arguments)
        return self.function(**arguments)

    def enqueue(self, *, owner: Any = None, title: str = "", **arguments: Any) -> Job:
        """Order the work: it begins when what is being written now is committed. Gives its job."""
        from bihuan.base.jobs import engine  # models load after the modules that declare work

        return engine.enqueue(self, owner=owner, title=title, arguments=arguments)

    def run_now(self, *, owner: Any = None, title: str = "", **arguments: Any) -> Job:
        """Do the work in this process and give its ended job: for the command line."""
        from bihuan.base.jobs import engine  # as above

        return engine.run_now(self, owner=owner, title=title, arguments=arguments)


def background(
    kind: str, *, title: str | Promise, rerun: bool = True
) -> Callable[[Callable[..., Any]], Background]:
    """Make a function background work.

    Parameters
    ----------
    kind: stable name such as ``records.import``; jobs in the database refer to it.
    title: what people read.
    rerun: whether it may be run again from the start when its worker was killed half-way. A function whose
        second run would do harm sets ``False``; then the job fails with a sentence.

    The function may take ``progress``; every other argument is by keyword and must survive JSON.
    """

    def wrap(function: Callable[..., Any]) -> Background:
        known = KINDS.get(kind)
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"two kinds of background work are called {kind!r}")
        KINDS[kind] = Background(kind, title, function, rerun)
        return KINDS[kind]

    return wrap
