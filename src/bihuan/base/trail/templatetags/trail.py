"""``{% load trail %}``: entries of the trail in words."""

from __future__ import annotations

from django import template

from bihuan.base.trail import verbs, views
from bihuan.base.trail.models import Entry

register = template.Library()


@register.filter
def trail_act(entry: Entry) -> str:
    """What was done."""
    return verbs.name(entry.verb)


@register.filter
def trail_who(entry: Entry) -> str:
    """Who did it."""
    return views.who(entry)
