"""The chain strip of a record's page: hand it to the template as ``chain``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.chain.queries import Node, Station, strip
from bihuan.base.ui.parts import Link


def links_of(user: Any, kind: str, number: Any, *, onward: Iterable[Node] | None = None) -> list[Link]:
    """The stations through a record, from the clause to the revision, with only what the person may open."""
    return [_link(station) for station in strip(user, kind, str(number), onward=onward)]


def _link(station: Station) -> Link:
    state = "current" if station.current else "future" if station.future else "past"
    if not station.shown:
        return Link(station.label, _("not yet") if station.future else "—", state=state)
    node = station.shown[0]  # where the page's own record stands, that is it
    if len(station.shown) == 1 or station.current:
        return Link(station.label, f"{node.code} {node.title}".strip(), node.url, state)
    more = len(station.shown) - 1
    text = ngettext("%(code)s and %(n)d more", "%(code)s and %(n)d more", more) % {
        "code": node.code,
        "n": more,
    }
    return Link(station.label, text, node.url, state)
