"""``{% load upkeep %}``: words of the archive's pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from bihuan.base.ui.templatetags.bh import status
from bihuan.collect.upkeep import display
from bihuan.collect.upkeep.models import Check

register = template.Library()
register.filter("table_name", display.table)
register.filter("gap", display.gap)
register.filter("reminded", display.reminded)


@register.filter
def complete_share(row: Any) -> str:
    """The share of rows that are complete."""
    return display.share(row.complete, row.rows)


@register.simple_tag
def lacking(count: int) -> SafeString:
    """How many projects lack something."""
    return status("watch", ngettext("%(n)d project", "%(n)d projects", count) % {"n": count})


@register.simple_tag
def check_state(check: Check) -> SafeString:
    """What a check found."""
    return status(display.CHECK_STATUS[check.state], check.get_state_display())  # type: ignore[index]
