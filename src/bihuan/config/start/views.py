"""The pages of the start: setup code, company, files, passwords, first cycle, what is still missing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.assess.actions import open_cycle
from bihuan.base.people import actions as people_actions
from bihuan.base.people import queries as people
from bihuan.base.people import rules
from bihuan.base.people.access import public
from bihuan.base.people.models import User
from bihuan.base.people.views.paper import print_slips
from bihuan.base.places import sheets
from bihuan.base.places.forms import UploadForm, tried
from bihuan.base.places.queries import imports
from bihuan.base.places.views.sheet_pages import verdict_of
from bihuan.base.trail.act import Refused
from bihuan.base.ui.parts import Button, Crumb, Step, Verdict
from bihuan.config.start import code, missing
from bihuan.config.start.actions import set_up_company
from bihuan.config.start.files import KINDS, Kind
from bihuan.config.start.forms import CodeForm, CompanyForm, CycleForm
from bihuan.config.start.middleware import is_first_run
from bihuan.standards.models import MonitoringCycle

HOLDS_CODE = "holds_setup_code"
# The steps after the company, in their order, each with the item of the list of what is missing it settles.
STEPS = ("tree", "departments", "people", "households", "passwords", "cycle")


@public
@never_cache
@sensitive_post_parameters("password", "again", "code")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for the setup code, then for the company. It is there only while nothing is set up."""
    if not is_first_run():
        if rules.keeps_company(request.user):
            return redirect("start_checklist")
        raise Http404
    if code.fits(request.session.get(HOLDS_CODE, "")):
        return _company(request)
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_valid():
        request.session[HOLDS_CODE] = form.cleaned_data["code"]
        return redirect("start")
    return render(request, "start/code.html", {"form": form}, status=422 if form.errors else 200)


def _company(request: HttpRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {key: value for key, value in form.cleaned_data.items() if key != "again"}
        made = tried(form, lambda: _set_up(given))
        if made is not None:
            company, person = made
            login(request, person, backend="bihuan.base.people.backend.Backend")
            people_actions.record_sign_in(person, actor=person)
            messages.success(
                request, _("%(name)s is set up, and you are signed in.") % {"name": company.name}
            )
            return redirect("start_file", "tree")
    return render(request, "start/company.html", {"form": form}, status=422 if form.errors else 200)


def _set_up(given: dict[str, Any]) -> tuple[Any, User]:
    """Set the company up; what the rooms below find wrong is said under the fields of this form."""
    try:
        return set_up_company(actor=None, language=get_language() or "zh-hans", **given)
    except ValidationError as exc:
        if hasattr(exc, "error_dict"):
            names = {"code": "company_code", "employee_number": "admin_number", "name": "admin_name"}
            raise ValidationError({names.get(k, k): v for k, v in exc.error_dict.items()}) from exc
        raise ValidationError({"company_code": exc.messages}) from exc


@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, name: str) -> HttpResponse:
    """One kind of file: the template, the upload, and what came of the last one."""
    user = _administrator(request)
    kind = KINDS.get(name)
    if kind is None:
        raise Http404
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _sent(user, kind, form):
        return redirect("start_file", name)
    taken = imports(user, kind.record).first()
    context = {
        "kind": kind,
        "form": form,
        "taken": taken,
        "problems": taken.apart["problems"] if taken else [],
        "rows_url": reverse(kind.rows_url, args=[taken.pk]) if taken else "",
        "template_url": reverse(kind.template_url),
        "verdict": verdict_of(taken) if taken else Verdict(_ask(kind), "acc", detail=kind.about),
    }
    return _page(request, name, "start/file.html", context, status=422 if form.errors else 200)


def _ask(kind: Kind) -> str:
    return _("%(what)s: take the template, fill it in, send it back.") % {"what": kind.title}


def _sent(user: Any, kind: Kind, form: UploadForm) -> bool:
    sent = form.cleaned_data["file"]
    try:
        if sent.size > sheets.MAX_BYTES:
            raise sheets.SheetError(_("The file is larger than 20 MB. Split it and send the parts."))
        kind.take(actor=user, content=sent.read(), filename=sent.name)
    except (sheets.SheetError, Refused) as exc:
        form.add_error("file", str(exc))
        return False
    return True


@never_cache
@require_http_methods(["GET", "POST"])
def passwords(request: HttpRequest) -> HttpResponse:
    """Print one-time passwords for everybody who has none."""
    user = _administrator(request)
    waiting = people.without_password(people.people(user))
    count = waiting.count()
    if request.method == "POST" and count:
        return print_slips(request, lambda: people_actions.issue_passwords(list(waiting), actor=user))
    if count:
        sentence = ngettext(
            "[[%(n)d person]] cannot sign in yet.", "[[%(n)d people]] cannot sign in yet.", count
        ) % {"n": count}
        verdict = Verdict(sentence, "watch", detail=_("Print the slips and hand each one over in person."))
    else:
        verdict = Verdict(_("Everybody has a password."), "met")
    context = {"verdict": verdict, "count": count, "everybody": User.objects.filter(is_active=True).count()}
    return _page(request, "passwords", "start/passwords.html", context)


@require_http_methods(["GET", "POST"])
def cycle(request: HttpRequest) -> HttpResponse:
    """Open the first quarter."""
    user = _administrator(request)
    form = CycleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_cycle(code=form.cleaned_data["code"], actor=user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(cycle)s is open for records.") % {"cycle": opened.title})
            return redirect("start_checklist")
    there = MonitoringCycle.objects.order_by("-start").first()
    verdict = (
        Verdict(_("%(cycle)s is there already.") % {"cycle": there.title}, "met")
        if there
        else Verdict(
            _("Choose the quarter that is monitored first."),
            "acc",
            detail=_("Its records are collected from now on and evaluated when it has ended."),
        )
    )
    context = {"form": form, "verdict": verdict}
    return _page(request, "cycle", "start/cycle.html", context, status=422 if form.errors else 200)


@require_GET
def checklist(request: HttpRequest) -> HttpResponse:
    """What is still missing, each with the page that mends it."""
    _administrator(request)
    items = missing.items()
    lacking = [item for item in items if not item.there]
    if lacking:
        sentence = ngettext(
            "[[%(n)d thing]] is still missing.", "[[%(n)d things]] are still missing.", len(lacking)
        ) % {"n": len(lacking)}
        first = lacking[0]
        button = Button(first.verb, first.url, primary=True)
        verdict = Verdict(sentence, "watch", detail=first.missing, buttons=(button,))
    else:
        verdict = Verdict(_("Nothing is missing: the loop can turn."), "met")
    context = {"items": items, "verdict": verdict, "crumbs": [Crumb(_("What is still missing"))]}
    return render(request, "start/checklist.html", context)


def _page(
    request: HttpRequest, name: str, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    known = {item.name: item for item in missing.items()}
    place = STEPS.index(name)
    following = STEPS[place + 1] if place + 1 < len(STEPS) else ""
    steps = [
        (Step(known[step].title, _state(known[step], step == name)), _url(step), step == name)
        for step in STEPS
    ]
    context |= {
        "steps": steps,
        "number": place + 2,
        "count": len(STEPS) + 1,
        "next_url": _url(following) if following else reverse("start_checklist"),
        "next_title": known[following].title if following else _("What is still missing"),
        "settled": known[name].there and not context.get("problems"),
        "crumbs": [Crumb(_("Start"), reverse("start_checklist")), Crumb(known[name].title)],
    }
    return render(request, template, context, status=status)


def _state(item: missing.Item, current: bool) -> str:
    if item.there:
        return "done"
    return "running" if current else "waiting"


def _url(step: str) -> str:
    return reverse(f"start_{step}") if step in ("passwords", "cycle") else reverse("start_file", args=[step])


def _administrator(request: HttpRequest) -> Any:
    """The administrator of the company who asks; for anybody else the page is not there."""
    if not rules.keeps_company(request.user):
        raise Http404
    return request.user
