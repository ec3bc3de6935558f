"""How clauses, indicators, revisions and versions are found and shown in the chain."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bihuan.base.chain.registry import Kind, Shown, register
from bihuan.standards.models import IndicatorVersion
from bihuan.standards.rules import may_read
from bihuan.standards.service import queries
from bihuan.standards.service.models import RevisionRequest, StandardClause, StandardVersion
from bihuan.standards.service.states import LOOKS
from bihuan.standards.states import VersionState


def clause(code: str) -> StandardClause | None:
    """The clause ``FW/4.2.3`` as it is in force."""
    standard, _slash, number = code.partition("/")
    return queries.clause(None, standard, number)


def indicator(code: str) -> IndicatorVersion | None:
    """The indicator in its present version."""
    rows = IndicatorVersion.objects.filter(indicator__code=code, state=VersionState.EFFECTIVE)
    return rows.select_related("indicator").first()


def revision(number: str) -> RevisionRequest | None:
    """The revision request with this number."""
    rows = RevisionRequest.objects.select_related("standard", "clause")
    return rows.filter(pk=int(number)).first() if number.isdecimal() else None


def version(number: str) -> StandardVersion | None:
    """The version with this number."""
    rows = StandardVersion.objects.select_related("standard")
    return rows.filter(pk=int(number)).first() if number.isdecimal() else None


def _show_clause(record: StandardClause) -> Shown:
    standard = record.version.standard
    url = reverse("standard_clause", args=[standard.code, record.number])
    return Shown(f"{record.get_area_display()} §{record.number}", record.text, url=url)


def _show_indicator(record: IndicatorVersion) -> Shown:
    code = record.indicator.code
    return Shown(f"{code} {record.short}", record.name, url=reverse("standard_indicator", args=[code]))


def _show_revision(record: RevisionRequest) -> Shown:
    return Shown(
        f"{record.standard.code} §{record.clause.number}",
        record.text,
        str(record.get_state_display()),
        LOOKS[record.state].glyph,
        reverse("revision", args=[record.pk]),
    )


def _show_version(record: StandardVersion) -> Shown:
    url = f"{reverse('service_standard', args=[record.standard.code])}?version={record.number}"
    look = LOOKS[record.state]
    return Shown(str(record), record.standard.title, str(record.get_state_display()), look.glyph, url)


def _open_to(user: Any, _record: Any) -> bool:
    return user is None or may_read(user)


def register_kinds() -> None:
    """Tell the chain about this room's records."""
    register(Kind("clause", _("Standard clause"), clause, _show_clause, _open_to, station="clause"))
    register(Kind("indicator", _("Indicator"), indicator, _show_indicator, _open_to, station="indicator"))
    register(Kind("revision", _("Revision request"), revision, _show_revision, _open_to, station="revision"))
    register(Kind("standard_version", _("Version of a standard"), version, _show_version, _open_to))
