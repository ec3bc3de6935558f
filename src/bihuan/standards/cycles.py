"""Which cycle comes before which, whether it is a quarter or a year."""

from __future__ import annotations

from bihuan.base.calendars import periods


def start_key(code: str) -> str:
    """A text that orders cycles by when they begin; an empty code (always) is before every cycle.

    Raises ``ValueError`` when the code names no cycle.
    """
    return periods.quarters_of(code)[0] if code else ""
