"""``{% load service %}``: states of versions and revisions as shape, colour and word."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bihuan.base.ui.status import STATUSES
from bihuan.base.ui.templatetags.bh import glyph
from bihuan.standards.service.actions import in_force
from bihuan.standards.service.models import StandardClause
from bihuan.standards.service.states import LOOKS

register = template.Library()
register.filter("in_force", in_force)
_SOURCES = {"verified": "verified", "unverified": "unverified", "design": "flat"}


@register.simple_tag
def record_look(record: Any) -> SafeString:
    """The state of a revision or of a version of a standard."""
    look = LOOKS[record.state]
    return format_html(
        '<span class="bh-st bh-{}">{}{}</span>', look.tone, glyph(look.glyph, 14), record.get_state_display()
    )


@register.simple_tag
def target_source_of(clause: StandardClause) -> SafeString:
    """Whether the limit in a clause was read in the original text."""
    shown = STATUSES[_SOURCES[clause.source]]
    return format_html(
        '<span class="bh-st bh-{}">{}{}</span>',
        shown.tone,
        glyph(shown.glyph, 14),
        clause.get_source_display(),
    )
