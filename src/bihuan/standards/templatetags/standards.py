"""``{% load standards %}``: how a version of an indicator reads on a page."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from bihuan.base.ui.templatetags.bh import status
from bihuan.standards import display
from bihuan.standards.models import Clause, IndicatorVersion
from bihuan.standards.states import VersionState

register = template.Library()

register.filter("target", display.target)
register.filter("floor", display.floor)
register.filter("since", display.since)

_STATES = {
    VersionState.DRAFT: "draft",
    VersionState.IN_REVIEW: "in_progress",
    VersionState.EFFECTIVE: "effective",
    VersionState.SUPERSEDED: "superseded",
    VersionState.WITHDRAWN: "cancelled",
}
_SOURCES = {"verified": "verified", "unverified": "unverified", "design": "flat"}


@register.filter
def unit(version: IndicatorVersion) -> str:
    """The unit of a version in words."""
    return display.unit(version.definition["unit"])


@register.simple_tag
def target_source(version: IndicatorVersion) -> SafeString:
    """Whether the text behind the target was read in the original."""
    return status(_SOURCES[version.target_source], version.get_target_source_display())


@register.simple_tag
def verification(clause: Clause) -> SafeString:
    """Whether a clause was read in the original."""
    return status(_SOURCES[clause.verification], clause.get_verification_display())


@register.simple_tag
def version_state(version: IndicatorVersion) -> SafeString:
    """The state of a version."""
    return status(_STATES[VersionState(version.state)], version.get_state_display())
