"""One-time passwords on paper, for people without e-mail: choose them, or take those a file brought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.base.documents import excel
from bihuan.base.places.models import SheetImport
from bihuan.base.places.queries import imports
from bihuan.base.trail.act import together
from bihuan.base.ui import marks
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict

from .. import actions, queries, rules, slips
from ..access import get_or_404
from ..models import Department, User
from .persons import administrator

SHOWN = 500


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose people and print their slips; at first those who have no password yet are ticked."""
    user = administrator(request)
    chosen = request.POST.getlist("person")
    if request.method == "POST" and chosen:
        people = _chosen(user, chosen)
        return print_slips(request, lambda: actions.issue_passwords(people, actor=user))
    everybody = request.GET.get("who") == "all"
    found = queries.people(user).filter(is_active=True)
    waiting = queries.without_password(found).count()
    if not everybody:
        found = queries.without_password(found)
    if department := request.GET.get("department", ""):
        found = found.filter(department__code=department)
    rows = [
        (person, not person.has_usable_password())
        for person in queries.with_roles(found).order_by("employee_number")[:SHOWN]
        if rules.keeps_person(user, person)
    ]
    context = {
        "rows": rows,
        "everybody": everybody,
        "department": department,
        "departments": Department.objects.filter(is_active=True),
        "nobody_chosen": request.method == "POST",
        "crumbs": [Crumb(_("People"), reverse("people")), Crumb(_("Passwords on paper"))],
        "verdict": _verdict(waiting),
        "empty": Empty(
            _("Everybody here has a password"),
            _("Whoever has forgotten theirs stands in the list of everybody."),
            Button(_("Show everybody"), f"{request.path}?who=all"),
        ),
    }
    return render(request, "people/paper.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@require_POST
def of_sheet(request: HttpRequest, number: int) -> HttpResponse:
    """The slips of those whom a file brought and who have no password yet."""
    user = administrator(request)
    taken = get_or_404(imports(user, SheetImport.Kind.PEOPLE), pk=number)
    printed = print_slips(request, lambda: actions.issue_first_passwords(taken, actor=user))
    return printed or redirect("people_outcome", taken.pk)


def print_slips(request: HttpRequest, issue: Callable[[], list[tuple[User, str]]]) -> HttpResponse:
    """Make passwords and their paper in one act, so that none counts that stands on no paper."""
    with together():
        made = issue()
        if not made:
            raise Http404
        content = slips.render(
            made,
            address=request.build_absolute_uri(reverse("signin")),
            language=get_language() or "zh-hans",
            made_at=timezone.now(),
            band=" ".join(marks.bands(request)),
        )
    headers = {
        "Content-Disposition": excel.attachment("one-time-passwords.pdf"),
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _chosen(user: Any, numbers: list[str]) -> list[User]:
    """The people chosen; one who is not the administrator's own makes the page not be there."""
    if not all(number.isdecimal() and len(number) < 18 for number in numbers):
        raise Http404
    wanted = {int(number) for number in numbers}
    found = list(queries.people(user).filter(is_active=True, pk__in=sorted(wanted)[:SHOWN]))
    if len(found) != len(wanted) or not all(rules.keeps_person(user, person) for person in found):
        raise Http404
    return found


def _verdict(waiting: int) -> Verdict:
    if not waiting:
        return Verdict(_("Everybody has a password."), "met")
    sentence = ngettext(
        "[[%(n)d person]] cannot sign in yet.", "[[%(n)d people]] cannot sign in yet.", waiting
    ) % {"n": waiting}
    detail = _("Tick them, print the slips, and hand each one over in person.")
    return Verdict(sentence, "watch", detail=detail)
