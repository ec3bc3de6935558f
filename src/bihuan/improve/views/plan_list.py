from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from bihuan.base.people.access import signed_in
from bihuan.base.people.models import Department
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict
from bihuan.improve import queries, rules, shown
from bihuan.improve.models import ImprovementPlan
from bihuan.improve.states import OPEN, PlanState
from bihuan.improve.views.common import reader


@require_GET
@signed_in
def plans(request: HttpRequest) -> HttpResponseBase:
    """The plans of the chosen place, those that are late first in words."""
    user = reader(request)
    rows = _under_choice(request, queries.plans(user))
    page = ListPage(
        request,
        rows,
        columns=_columns(),
        filters=_filters(),
        sort="-created",
        caption=_("Improvement plans"),
    )
    if page.wants_export:
        return page.export("plans")
    context = {
        "crumbs": [Crumb(_("Improvement plans"))],
        "verdict": _verdict(rows, rules.may_plan_somewhere(user)),
        "list": page,
        "rows": [(plan, shown.plan_late(plan)) for plan in page.rows],
        "empty": Empty(
            _("No plan yet"),
            _("A plan begins with a finding whose cause is known."),
            Button(_("See the findings"), reverse("findings")),
        ),
    }
    return render(request, "improve/plans.html", context)


def _under_choice(request: HttpRequest, rows: QuerySet[ImprovementPlan]) -> QuerySet[ImprovementPlan]:
    """Under the place chosen in the top bar; what one has a part in elsewhere stays in the list."""
    choice = request.choice.place  # type: ignore[attr-defined]
    user: Any = request.user
    if choice is None:
        return rows
    own = ImprovementPlan.objects.visible_to(user).filter(owner=user)
    if "place" in request.GET:
        return rows.filter(place__path__startswith=choice.subject.path)
    return rows.filter(place__path__startswith=choice.subject.path) | rows.filter(pk__in=own.values("pk"))


def _columns() -> list[Column]:
    return [
        Column("code", _("Number"), sort="code", url=lambda plan: reverse("plan", args=[plan.code])),
        Column("title", _("Plan"), sort="title"),
        Column("place", _("Where"), value="place.name", sort="place__code"),
        Column("state", _("State"), value="get_state_display", sort="state"),
        Column("owner", _("Responsible"), value=lambda plan: plan.owner.get_short_name()),
        Column("actions", _("Actions verified"), value=_progress, numeric=True),
        Column("due", _("Done by"), sort="due", show=formats.day),
        Column(
            "department",
            _("Department"),
            value=lambda plan: plan.department.name if plan.department else "",
            sort="department__code",
        ),
        Column("created", _("Drawn up"), value="created_at", sort="created_at"),
    ]


def _progress(plan: Any) -> str:
    return f"{plan.verified_count}/{plan.action_count}"


def _filters() -> list[Filter]:
    return [
        Filter("q", _("Find"), kind="search", hint=_("title or number"), fields=("title", "code")),
        Filter("state", _("State"), choices=PlanState.choices),
        Filter(
            "stage",
            _("Stage"),
            choices=[("5", _("Improve")), ("6", _("Verify"))],
            apply=lambda rows, value: rows.filter(state__in=_of_stage(value)),
        ),
        Filter(
            "department",
            _("Department"),
            choices=[(one.code, one.name) for one in Department.objects.filter(is_active=True)],
            path="department__code",
        ),
        Filter(
            "late",
            _("Overdue"),
            choices=[("1", _("only overdue"))],
            apply=lambda rows, value: queries.overdue(rows),
        ),
    ]


def _of_stage(stage: str) -> tuple[str, ...]:
    if stage == "6":
        return (PlanState.EVALUATING,)
    return tuple(state for state in OPEN if state != PlanState.EVALUATING)


def _verdict(rows: QuerySet[ImprovementPlan], may_plan: bool) -> Verdict:
    buttons = (Button(_("Draw up a plan"), reverse("new_plan"), icon="plus"),) if may_plan else ()
    n = rows.filter(state__in=OPEN).count()
    late = queries.overdue(rows).count()
    if late:
        text = ngettext(
            "%(n)d open plan, [[%(late)d overdue]].", "%(n)d open plans, [[%(late)d overdue]].", n
        )
        return Verdict(text % {"n": n, "late": late}, "miss", "late", buttons=buttons)
    if n:
        text = ngettext("%(n)d open plan, [[none overdue]].", "%(n)d open plans, [[none overdue]].", n)
        return Verdict(text % {"n": n}, "met", "prov", buttons=buttons)
    return Verdict(_("There is [[no open plan]]."), "none", "todo", buttons=buttons)
