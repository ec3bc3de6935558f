from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.trail import queries, rules, verbs
from bihuan.base.trail.models import Entry
from bihuan.base.trail.verify import Problem, verify
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict

SHOWN_PROBLEMS = 50


@require_GET
def trail(request: HttpRequest) -> HttpResponseBase:
    """What everybody did, newest first."""
    if not rules.can_read(request.user):
        raise Http404
    page = ListPage(
        request,
        queries.visible_to(request.user),
        columns=_columns(),
        filters=_filters(),
        sort="-sequence",
        caption=_("Audit trail"),
    )
    if page.wants_export:
        return page.export("trail")
    return render(request, "trail/trail.html", _context(request, list=page, verdict=_verdict()))


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check the whole trail now and say what was found."""
    if not rules.can_read(request.user):
        raise Http404
    problems = verify()
    context = _context(request, verdict=_judgement(problems), problems=problems[:SHOWN_PROBLEMS])
    return render(request, "trail/check.html", context)


def _context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    crumbs = [Crumb(_("Audit trail"), reverse("trail") if request.method == "POST" else "")]
    empty = Empty(_("Nothing has been done yet"), _("Everything that people do here is written down here."))
    return {"crumbs": crumbs, "empty": empty, **more}


def _verdict() -> Verdict:
    total = Entry.objects.count()
    week = timezone.now() - timedelta(days=7)
    refused = Entry.objects.filter(verb="refused", at__gte=week).count()
    button = Button(_("Check the trail now"), reverse("trail_check"), "shield", post=True, primary=True)
    if not total:
        return Verdict(_("The trail is empty."), buttons=(button,))
    if refused:
        sentence = ngettext(
            "[[%(n)s attempt was refused]] in the last seven days.",
            "[[%(n)s attempts were refused]] in the last seven days.",
            refused,
        ) % {"n": formats.number(refused)}
    else:
        sentence = _("Nothing was refused in the last seven days.")
    last = Entry.objects.latest("sequence")
    detail = _("%(total)s entries, the last one at %(moment)s. Each is sealed together with the one before.")
    detail %= {"total": formats.number(total), "moment": formats.moment(last.at)}
    return Verdict(sentence, "watch" if refused else "met", detail=detail, buttons=(button,))


def _judgement(problems: list[Problem]) -> Verdict:
    total = Entry.objects.count()
    if not problems:
        return Verdict(
            _("The trail is whole: [[nothing was changed or taken away]]."),
            "met",
            detail=ngettext("%(n)s entry checked.", "%(n)s entries checked.", total)
            % {"n": formats.number(total)},
        )
    return Verdict(
        ngettext(
            "The trail was tampered with: [[%(n)s fault]].",
            "The trail was tampered with: [[%(n)s faults]].",
            len(problems),
        )
        % {"n": formats.number(len(problems))},
        "miss",
        detail=_("Keep the database and the folder “trail” as they are now, and compare with a backup."),
    )


def _columns() -> list[Column]:
    return [
        Column("sequence", _("No."), sort="sequence", numeric=True),
        Column("at", _("Time"), sort="at"),
        Column("who", _("Who"), value=who, sort="actor_label"),
        Column("act", _("Act"), value=lambda e: verbs.name(e.verb), sort="verb"),
        Column("kind", _("Kind of thing"), value=lambda e: verbs.kind_name(e.subject_kind)),
        Column("thing", _("Thing"), value=lambda e: e.subject_label or e.subject_id),
        Column("detail", _("Detail"), value=detail_of),
    ]


def _filters() -> list[Filter]:
    used = Entry.objects.order_by("verb").values_list("verb", flat=True).distinct()
    kinds = Entry.objects.exclude(subject_kind="").order_by("subject_kind")
    return [
        Filter("verb", _("Act"), choices=sorted(((v, verbs.name(v)) for v in used), key=lambda c: c[1])),
        Filter(
            "kind",
            _("Kind of thing"),
            path="subject_kind",
            choices=[
                (k, verbs.kind_name(k)) for k in kinds.values_list("subject_kind", flat=True).distinct()
            ],
        ),
        Filter("from", _("From day"), "date", apply=lambda rows, day: rows.filter(at__gte=_midnight(day))),
        Filter(
            "to",
            _("To day"),
            "date",
            apply=lambda rows, day: rows.filter(at__lt=_midnight(day + timedelta(days=1))),
        ),
        Filter("q", _("Find"), "search", apply=_search, hint=_("Person or thing")),
    ]


def _search(rows: Any, text: str) -> Any:
    fits = Q(actor_label__icontains=text) | Q(subject_label__icontains=text) | Q(subject_id=text)
    return rows.filter(fits)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def who(entry: Entry) -> str:
    """Who did it, as written then."""
    return entry.actor_label or _("the system")


def detail_of(entry: Entry) -> str:
    """The detail as one line: ``reason: ...; rows: 5``."""
    return "; ".join(
        f"{name}: {_line(value)}" for name, value in entry.detail.items() if value not in ("", None)
    )


def _line(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_line, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_line(part)}" for name, part in value.items())
    return str(value)
