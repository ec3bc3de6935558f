"""How indicators, signals and findings are found and shown in the chain."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bihuan.assess.findings import rules, words
from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.findings.states import LOOKS
from bihuan.base.chain.registry import Kind, Shown, register
from bihuan.base.places.models import Place


def signal(number: str) -> Signal | None:
    """The signal with this number."""
    rows = Signal.objects.select_related("place", "version__indicator")
    return rows.filter(pk=int(number)).first() if number.isdecimal() else None


def finding(code: str) -> Finding | None:
    """The finding with this code."""
    return Finding.objects.select_related("place").filter(code=code).first()


def signals_on(user: Any, indicator: str, place: Place, cycle: str) -> list[tuple[str, str]]:
    """The signals on an indicator at just this place in a cycle, as the chain names them: its story there."""
    rows = Signal.objects.visible_to(user).filter(indicator=indicator, place=place, cycle=cycle)
    return [("signal", str(number)) for number in rows.order_by("-kind", "pk").values_list("pk", flat=True)]


def show_signal(record: Signal) -> Shown:
    """A signal as its neighbours show it: its address is the list that holds it, whatever became of it."""
    where = {"place": record.place.code, "cycle": record.cycle, "of": record.indicator, "state": record.state}
    address = f"{reverse('signals')}?{urlencode(where)}"
    return Shown(
        str(record.get_kind_display()),
        words.sentence(record),
        str(record.get_state_display()),
        LOOKS[record.state].glyph,
        address,
    )


def show_finding(record: Finding) -> Shown:
    """A finding as its neighbours show it."""
    return Shown(
        record.code,
        record.title,
        str(record.get_state_display()),
        "late" if record.overdue else LOOKS[record.state].glyph,
        reverse("finding", args=[record.code]),
    )


def register_kinds() -> None:
    """Tell the chain about this room's records."""
    register(Kind("signal", _("Signal"), signal, show_signal, _sees_signal, station="signal"))
    register(Kind("finding", _("Finding"), finding, show_finding, _sees_finding, station="finding"))


def _sees_signal(user: Any, record: Signal) -> bool:
    return user is None or rules.sees_signal(user, record)


def _sees_finding(user: Any, record: Finding) -> bool:
    return user is None or rules.sees_finding(user, record)
