"""The cycles to choose from in the top bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from bihuan.base.ui.choice import Option
from bihuan.standards import queries


def cycles(request: HttpRequest, text: str, limit: int) -> Sequence[Option]:
    """Cycles this person may choose, the one people usually mean first."""
    listed = queries.cycles_visible(request.user) if request.user.is_authenticated else []
    usual = queries.default_cycle(listed)
    listed.sort(key=lambda cycle: cycle != usual)
    wanted = text.casefold()
    options = [
        Option(cycle.code, cycle.title, str(cycle.get_state_display()), cycle)
        for cycle in listed
        if wanted in cycle.code.casefold() or wanted in cycle.title.casefold()
    ]
    return options[:limit]
