from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.assess import actions, rules
from bihuan.assess.models import EvaluationRun
from bihuan.assess.views import chosen
from bihuan.base.calendars import periods
from bihuan.base.people.access import signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Crumb, Empty, Verdict
from bihuan.standards import queries as standards
from bihuan.standards.models import MonitoringCycle
from bihuan.standards.states import CycleState


class CycleForm(forms.Form):
    """Which cycle to open."""

    code = forms.CharField(
        label=gettext_lazy("Cycle"),
        max_length=6,
        help_text=gettext_lazy("2026Q3 for a quarter, 2026 for a year that pools its quarters."),
    )

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not periods.is_cycle(code):
            raise ValidationError(_("“%(code)s” is no cycle: write 2026Q3 or 2026.") % {"code": code})
        return code


@require_GET
@signed_in
def cycles(request: HttpRequest) -> HttpResponse:
    """The monitoring cycles, where each stands, and the acts that move it on."""
    return _page(request, CycleForm(initial={"code": standards.current_cycle()}))


def _page(request: HttpRequest, form: CycleForm, status: int = 200) -> HttpResponse:
    user = chosen.reader(request)
    listed = standards.cycles_visible(user)
    newest: dict[int, EvaluationRun] = {}
    for run in EvaluationRun.objects.visible_to(user).usable().filter(repeats=None).order_by("made_at", "pk"):
        newest[run.cycle_id] = run
    rows = [(cycle, newest.get(cycle.pk)) for cycle in listed]
    context = {
        "crumbs": [Crumb(_("Standards"), reverse("standards")), Crumb(_("Monitoring cycles"))],
        "verdict": _verdict(listed),
        "rows": rows,
        "may": rules.may_evaluate(user),
        "form": form,
        "states": CycleState,
        "empty": Empty(
            _("No monitoring cycle yet"), _("Open the first cycle; then records can be collected for it.")
        ),
    }
    return render(request, "assess/cycles.html", context, status=status)


def _verdict(listed: list[MonitoringCycle]) -> Verdict:
    open_ones = [cycle for cycle in listed if cycle.state in (CycleState.COLLECTING, CycleState.ANALYSING)]
    done = [cycle for cycle in listed if cycle.state == CycleState.EVALUATED]
    if not listed:
        return Verdict(_("There is [[no cycle]] to show yet."), glyph="todo")
    if done:
        text = ngettext(
            "%(name)s is evaluated and [[waits to be closed]].",
            "%(n)d cycles are evaluated and [[wait to be closed]].",
            len(done),
        )
        return Verdict(text % {"name": done[0].title, "n": len(done)}, tone="acc")
    if open_ones:
        return Verdict(
            _("%(name)s is [[open]]: records are being collected.") % {"name": open_ones[0].title},
            tone="acc",
            glyph="prov",
        )
    return Verdict(_("Every cycle is [[closed]]."), tone="met")


@require_POST
@signed_in
def open_(request: HttpRequest) -> HttpResponse:
    """Open a cycle."""
    user = chosen.manager(request)
    form = CycleForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        cycle = actions.open_cycle(code=form.cleaned_data["code"], actor=user)
    except Refused as refusal:
        form.add_error("code", str(refusal))
        return _page(request, form, 422)
    messages.success(request, _("%(cycle)s is open.") % {"cycle": cycle.title})
    return redirect("cycles")


@require_POST
@signed_in
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Close an evaluated cycle."""
    user = chosen.manager(request)
    try:
        actions.close_cycle(code=code, actor=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("%(cycle)s is closed and its results are issued.") % {"cycle": formats.cycle_name(code)},
        )
    return redirect("cycles")
