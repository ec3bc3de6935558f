"""``{% load improve %}``: states, decisions and verdicts of improvement as glyph and word."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bihuan.base.documents.pdf import short
from bihuan.base.ui.templatetags.bh import glyph
from bihuan.improve.choices import CHECK_LOOKS, EFFECT_LOOKS, CheckVerdict, Effect
from bihuan.improve.states import LOOKS

register = template.Library()


def _drawn(shape: str, tone: str, word: Any, pill: bool) -> SafeString:
    return format_html(
        '<span class="{} bh-{}">{}{}</span>', "bh-pill" if pill else "bh-st", tone, glyph(shape, 14), word
    )


@register.simple_tag
def state_of(row: Any, pill: bool = False) -> SafeString:
    """Where a plan, action, report or lesson stands."""
    look = LOOKS[row.state]
    return _drawn(look.glyph, look.tone, row.get_state_display(), pill)


@register.simple_tag
def effect_verdict(verdict: str, pill: bool = False) -> SafeString:
    """What the data say."""
    found = Effect(verdict)
    return _drawn(*EFFECT_LOOKS[found], found.label, pill)


@register.simple_tag
def check_verdict(verdict: str) -> SafeString:
    """What a check found."""
    found = CheckVerdict(verdict)
    return _drawn(*CHECK_LOOKS[found], found.label, False)


@register.filter
def fingerprint(sha256: str) -> str:
    """A fingerprint for the eye."""
    return short(sha256)
