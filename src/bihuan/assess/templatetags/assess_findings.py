"""``{% load assess_findings %}``: states of signals and findings as shape, colour and word."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bihuan.assess.findings.models import Signal
from bihuan.assess.findings.states import LOOKS, SignalKind
from bihuan.base.ui.lists import Head, ListPage
from bihuan.base.ui.status import STATUSES
from bihuan.base.ui.templatetags.bh import glyph

register = template.Library()


@register.simple_tag
def record_state(record: Any) -> SafeString:
    """The state of a signal or finding."""
    look = LOOKS[record.state]
    return format_html(
        '<span class="bh-st bh-{}">{}{}</span>', look.tone, glyph(look.glyph, 14), record.get_state_display()
    )


@register.simple_tag
def signal_glyph(signal: Signal) -> SafeString:
    """How grave it is: below the floor, below target, or only worse than before."""
    shown = STATUSES[signal.standing if signal.kind == SignalKind.TARGET_MISSED else "watch"]
    return format_html('<span class="bh-{}">{}</span>', shown.tone, glyph(shown.glyph, 16))


@register.filter
def columns(page: ListPage, keys: str) -> list[Head]:
    """The heads of some of a list's columns; the export has all of them."""
    heads = dict(zip(page._columns, page.columns, strict=True))
    return [heads[key] for key in keys.split()]
