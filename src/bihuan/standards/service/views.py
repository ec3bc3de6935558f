"""The pages of service standards, their clauses, and revision requests."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.chain.queries import neighbours
from bihuan.base.chain.strips import links_of
from bihuan.base.people.access import attempt, get_or_404, signed_in
from bihuan.base.trail.queries import for_subject
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Figure
from bihuan.standards import rules as standard_rules
from bihuan.standards.service import actions, queries, rules, verdicts
from bihuan.standards.service.actions import in_force
from bihuan.standards.service.forms import PublishForm, RevisionForm, Why
from bihuan.standards.service.models import RevisionRequest, ServiceStandard, StandardClause, StandardVersion
from bihuan.standards.service.rules import REVISIONS, VERSIONS
from bihuan.standards.service.states import OPEN, RevisionState
from bihuan.standards.states import VersionState

ALL = ("all", gettext_lazy("all"))


def _reader(request: HttpRequest) -> Any:
    if not standard_rules.may_read(request.user):
        raise Http404
    return request.user


@require_GET
@signed_in
def standards(request: HttpRequest) -> HttpResponseBase:
    """The company's service standards and procedures."""
    user = _reader(request)
    listed = list(queries.standards(user))
    page = ListPage(
        request,
        listed,
        columns=[
            Column(
                "title",
                _("Standard"),
                value=lambda s: s.title,
                url=lambda s: reverse("service_standard", args=[s.code]),
            ),
            Column("kind", _("Kind"), value="get_kind_display"),
            Column("version", _("In force"), value=lambda s: s.current[0].number if s.current else ""),
            Column("since", _("Counts"), value=lambda s: in_force(s.current[0]) if s.current else ""),
            Column("clauses", _("Clauses"), value=lambda s: s.current[0].n if s.current else 0, numeric=True),
            Column("revising", _("Under revision"), numeric=True),
        ],
        caption=_("Service standards"),
    )
    if page.wants_export:
        return page.export("service-standards")
    context = {
        "list": page,
        "verdict": verdicts.standards(listed),
        "crumbs": [Crumb(_("Standards"), reverse("standards")), Crumb(_("Service standards"))],
        "empty": Empty(_("No service standard yet"), _("A first one is loaded with “bihuan init”.")),
    }
    return render(request, "standards/service/standards.html", context)


@require_GET
@signed_in
def standard(request: HttpRequest, code: str) -> HttpResponse:
    """One standard in one version: its clauses, what it changes, and all its versions."""
    user = _reader(request)
    found = get_or_404(ServiceStandard.objects.visible_to(user), code=code)
    return _show(request, found, request.GET.get("version", ""))


def _show(
    request: HttpRequest, found: ServiceStandard, number: str, form: PublishForm | None = None
) -> HttpResponse:
    user = request.user
    versions = queries.versions(user, found)
    chosen = _chosen(versions, number)
    listed = queries.clauses(chosen)
    changed = queries.changes(chosen)
    acts = VERSIONS.acts_for(user, chosen)
    adopted = chosen.revisions.filter(state=RevisionState.ADOPTED).count()
    names = queries.names_of(listed)
    may_publish = "publish" in acts and bool(adopted)
    draft = next((one for one in versions if one.state == VersionState.DRAFT and one != chosen), None)
    context = {
        "standard": found,
        "version": chosen,
        "versions": versions,
        "draft": draft,
        "groups": [
            (
                area,
                [(row, [(i.code, names.get(i.code, i.code)) for i in row.indicators.all()]) for row in rows],
            )
            for area, rows in queries.by_area(listed)
        ],
        "changes": changed,
        "open": set(found.revisions.filter(state__in=OPEN).values_list("clause__number", flat=True)),
        "may_ask": rules.may_ask(user) and chosen.state == VersionState.EFFECTIVE,
        "publish_form": form or (PublishForm(versions=_measuring(chosen, changed)) if may_publish else None),
        "verdict": verdicts.version(chosen, len(changed), adopted, _draft_button(draft, found)),
        "crumbs": [
            Crumb(_("Standards"), reverse("standards")),
            Crumb(_("Service standards"), reverse("service_standards")),
            Crumb(f"{found.code} {found.title}", tag=chosen.number),
        ],
        "figures": [
            Figure(_("Version"), chosen.number, in_force(chosen) if chosen.published_at else ""),
            Figure(_("Clauses"), len(listed)),
            Figure(_("Indicators behind them"), len(names)),
            Figure(_("To be verified"), sum(row.source == "unverified" for row in listed)),
        ],
        "entries": for_subject(chosen)[:20],
    }
    return render(request, "standards/service/standard.html", context, status=422 if form else 200)


def _chosen(versions: list[StandardVersion], number: str) -> StandardVersion:
    if number:
        found = next((one for one in versions if one.number == number), None)
        if found is None:
            raise Http404
        return found
    in_force_now = next((one for one in versions if one.state == VersionState.EFFECTIVE), None)
    return in_force_now or versions[0]


def _draft_button(draft: StandardVersion | None, found: ServiceStandard) -> tuple[Button, ...]:
    if draft is None:
        return ()
    address = f"{reverse('service_standard', args=[found.code])}?version={draft.number}"
    return (Button(_("See the draft %(number)s") % {"number": draft.number}, address, icon="eye"),)


def _measuring(version: StandardVersion, changed: list[queries.Change]) -> list[Any]:
    """The indicators that measure the clauses a draft changes: their targets may move with it."""
    numbers = [change.number for change in changed]
    rows = version.clauses.filter(number__in=numbers).prefetch_related("indicators")
    return queries.indicators_of(rows)


@require_POST
@signed_in
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Put the draft of a standard into force from the next cycle on."""
    user = _reader(request)
    if not rules.may_decide(user):
        raise Http404
    found = get_or_404(ServiceStandard.objects.visible_to(user), code=code)
    draft = get_or_404(found.versions.filter(state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]))
    form = PublishForm(request.POST, versions=_measuring(draft, queries.changes(draft)))
    if not form.is_valid():
        return _show(request, found, draft.number, form)
    notes = {name: form.cleaned_data[name] for name in ("note_zh", "note_en")}
    attempt(
        request,
        lambda: actions.publish_version(draft, actor=user, goals=form.goals, **notes),
        _("%(number)s is published; it counts from the next cycle.") % {"number": draft.number},
    )
    return redirect(f"{reverse('service_standard', args=[code])}?version={draft.number}")


def _clause(request: HttpRequest, code: str, number: str) -> StandardClause:
    found = queries.clause(_reader(request), code, number)
    if found is None:
        raise Http404
    return found


@require_GET
@signed_in
def clause(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """One clause: the chain through it, what measures it, its wordings, and who asks to change it."""
    return _show_clause(request, _clause(request, code, number))


def _show_clause(
    request: HttpRequest, found: StandardClause, form: RevisionForm | None = None
) -> HttpResponse:
    user = request.user
    code, standard_ = found.code, found.version.standard
    asked = list(queries.revisions(user).filter(standard=standard_, clause__number=found.number))
    may = rules.may_ask(user) and found.version.state == VersionState.EFFECTIVE
    button = (Button(_("Ask for a revision"), "#ask", icon="edit", primary=True),) if may and not form else ()
    context = {
        "clause": found,
        "standard": standard_,
        "chain": links_of(user, "clause", code),
        "after": neighbours(user, "clause", code)[1],
        "indicators": queries.indicators_of([found]),
        "wordings": queries.wordings(found),
        "asked": asked,
        "form": form or (RevisionForm(clause=found) if may else None),
        "verdict": verdicts.clause(found, sum(one.state in OPEN for one in asked), button),
        "crumbs": [
            Crumb(_("Service standards"), reverse("service_standards")),
            Crumb(standard_.title, reverse("service_standard", args=[standard_.code])),
            Crumb(f"§{found.number}", tag=found.version.number),
        ],
    }
    return render(request, "standards/service/clause.html", context, status=422 if form else 200)


@require_POST
@signed_in
def ask(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """Ask for another wording of a clause."""
    found = _clause(request, code, number)
    form = RevisionForm(request.POST, clause=found)
    if not form.is_valid():
        return _show_clause(request, found, form)
    made: list[RevisionRequest] = []
    given = form.cleaned_data
    if attempt(request, lambda: made.append(actions.request_revision(found, actor=request.user, **given))):
        return redirect("revision", number=made[0].pk)
    return redirect("standard_clause", code=code, number=number)


@require_GET
@signed_in
def revisions(request: HttpRequest) -> HttpResponseBase:
    """Who asks for which clause to change, and what became of it."""
    user = _reader(request)
    rows = queries.revisions(user)
    asked = request.GET.get("state", "") in {"all", *RevisionState.values}
    page = ListPage(
        request,
        rows if asked else rows.filter(state__in=OPEN),
        columns=_columns(),
        filters=[
            Filter(
                "state",
                _("State"),
                choices=[ALL, *RevisionState.choices],
                all=_("to settle"),
                apply=lambda found, value: found if value == "all" else found.filter(state=value),
            ),
            Filter(
                "of",
                _("Standard"),
                choices=[(one.code, one.title) for one in ServiceStandard.objects.visible_to(user)],
                path="standard__code",
            ),
        ],
        sort="-asked",
        caption=_("Revisions"),
    )
    if page.wants_export:
        return page.export("revisions")
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    context = {
        "list": page,
        "verdict": verdicts.revisions(counted),
        "crumbs": [Crumb(_("Service standards"), reverse("service_standards")), Crumb(_("Revisions"))],
        "empty": Empty(
            _("No revision here"),
            _("Open a clause and propose another wording; an effect evaluation may be its evidence."),
            Button(_("Go to the service standards"), reverse("service_standards"), primary=True),
        ),
    }
    return render(request, "standards/service/revisions.html", context)


def _columns() -> list[Column]:
    return [
        Column(
            "clause",
            _("Clause"),
            value=lambda r: f"{r.standard.code} §{r.clause.number}",
            url=lambda r: reverse("revision", args=[r.pk]),
            sort="clause__order",
        ),
        Column("text", _("Proposed wording"), value="text"),
        Column("reason", _("Why")),
        Column(
            "by", _("Asked by"), value=lambda r: r.asked_by.get_short_name() if r.asked_by else _("system")
        ),
        Column("asked", _("Asked"), value="asked_at", sort="asked_at"),
        Column("state", _("State"), value="get_state_display", sort="state"),
        Column("version", _("Version"), value="version.number"),
    ]


def _revision(request: HttpRequest, number: int) -> RevisionRequest:
    return get_or_404(queries.revisions(_reader(request)), pk=number)


@require_GET
@signed_in
def revision(request: HttpRequest, number: int) -> HttpResponse:
    """One request: the chain, before and after, why, and the decision."""
    found = _revision(request, number)
    user = request.user
    acts = {act: move for act, move in REVISIONS.acts_for(user, found).items() if move.offered}
    before, after = neighbours(user, "revision", str(found.pk))
    context = {
        "revision": found,
        "acts": acts,
        "own": user.pk == found.asked_by_id,
        "chain": links_of(user, "revision", found.pk),
        "evidence": [one for one in before if one.kind != "clause"],
        "after": after,
        "why": Why(prefix="decline"),
        "verdict": verdicts.revision(found, _revision_buttons(found, acts)),
        "crumbs": [Crumb(_("Revisions"), reverse("revisions")), Crumb(f"#{found.pk}")],
        "entries": for_subject(found)[:20],
    }
    return render(request, "standards/service/revision.html", context)


def _revision_buttons(found: RevisionRequest, acts: dict[str, Any]) -> tuple[Button, ...]:
    if "take_up" in acts:
        address = reverse("take_up_revision", args=[found.pk])
        return (Button(acts["take_up"].label, address, icon="eye", post=True, primary=True),)
    if "adopt" in acts:
        return (Button(acts["adopt"].label, icon="check", dialog="adopt-revision", primary=True),)
    return ()


@require_POST
@signed_in
def take_up(request: HttpRequest, number: int) -> HttpResponse:
    """Begin to review a request."""
    found = _revision(request, number)
    attempt(request, lambda: actions.take_up_revision(found, actor=request.user))
    return redirect("revision", number=number)


@require_POST
@signed_in
def adopt(request: HttpRequest, number: int) -> HttpResponse:
    """Put the wording into the draft of the next version."""
    found = _revision(request, number)
    said = _("The wording is in the draft of the next version.")
    attempt(request, lambda: actions.adopt_revision(found, actor=request.user), said)
    return redirect("revision", number=number)


@require_POST
@signed_in
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """Leave the clause as it is, with a reason."""
    found = _revision(request, number)
    reason = request.POST.get("decline-reason", "")
    attempt(request, lambda: actions.decline_revision(found, actor=request.user, reason=reason))
    return redirect("revision", number=number)
