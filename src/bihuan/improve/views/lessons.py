from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Pager
from bihuan.base.ui.parts import Crumb, Empty, Verdict
from bihuan.improve import actions, moves, queries
from bihuan.improve.forms.steps import LessonForm
from bihuan.improve.models import Lesson
from bihuan.improve.states import LessonState
from bihuan.improve.views import common
from bihuan.improve.views.plan import show


@require_GET
@signed_in
def lessons(request: HttpRequest) -> HttpResponse:
    """What plans taught: published lessons for everybody at the place, drafts for who may publish them."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **given: Any) -> HttpResponse:
    user = common.reader(request)
    rows = queries.lessons(user)
    n = rows.filter(state=LessonState.PUBLISHED).count()
    drafts = rows.filter(state=LessonState.DRAFT).count()
    pager = Pager.of(request, rows.count())
    context = {
        "crumbs": [Crumb(_("Lessons"))],
        "verdict": _verdict(n, drafts),
        "rows": [
            (row, "publish" in moves.acts_for(user, row))
            for row in rows[pager.offset : pager.offset + pager.size]
        ],
        "pager": pager,
        "empty": Empty(
            _("No lesson yet"),
            _("The owner of a plan writes one on the plan's page, whether it worked or not."),
        ),
        **given,
    }
    return render(request, "improve/lessons.html", context, status=status)


def _verdict(published: int, drafts: int) -> Verdict:
    if drafts:
        text = ngettext(
            "%(n)d lesson [[is a draft]] and waits to be published.",
            "%(n)d lessons [[are drafts]] and wait to be published.",
            drafts,
        )
        return Verdict(text % {"n": drafts}, "acc", "wait")
    if not published:
        return Verdict(_("There is [[no lesson]] yet."), glyph="todo")
    text = ngettext(
        "%(n)d plan [[taught something]] that others can use.",
        "%(n)d lessons [[from plans]] that others can use.",
        published,
    )
    return Verdict(text % {"n": published}, "met")


@require_POST
@signed_in
def lesson(request: HttpRequest, code: str) -> HttpResponse:
    """Write a lesson down."""
    found = get_or_404(queries.plans(common.reader(request)), code=code)
    form = LessonForm(request.POST)
    if not form.is_valid():
        return show(request, found, status=422, lesson_form=form)
    try:
        actions.write_lesson(found, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return show(request, found, status=409, refusal=str(refusal), lesson_form=form)
    return redirect("plan", code=code)


@require_POST
@signed_in
def act_on_lesson(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Publish a lesson."""
    return common.act(
        request,
        Lesson.objects.all(),
        {"pk": number},
        act,
        lambda _row: redirect("lessons"),
        lambda _row, refusal: _page(request, 409, refusal=str(refusal)),
    )
