from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.assess import units
from bihuan.base.chain import queries as chain
from bihuan.base.chain.strips import links_of
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict
from bihuan.improve import charts, moves, queries, rules, words
from bihuan.improve.choices import EFFECT_LOOKS, PROOF, Effect
from bihuan.improve.forms.steps import RevisionForm
from bihuan.improve.models import EffectEvaluation
from bihuan.improve.views import common
from bihuan.standards.service import actions as service
from bihuan.standards.service import rules as service_rules


@require_GET
@signed_in
def effects(request: HttpRequest) -> HttpResponseBase:
    """Every effect evaluation of the person's plans."""
    user = common.reader(request)
    rows = queries.effects(user)
    page = ListPage(
        request,
        rows,
        columns=[
            Column(
                "code",
                _("Evaluation"),
                value=str,
                sort="plan__code",
                url=lambda row: reverse("effect", args=[row.pk]),
            ),
            Column("plan", _("Plan"), value="plan.title", sort="plan__title"),
            Column("place", _("Where"), value="plan.place.name", sort="plan__place__code"),
            Column("verdict", _("Verdict"), value="get_verdict_display", sort="verdict"),
            Column("made", _("Evaluated"), value="made_at", sort="made_at"),
        ],
        filters=[Filter("verdict", _("Verdict"), choices=Effect.choices)],
        sort="-made",
        caption=_("Effect evaluations"),
    )
    if page.wants_export:
        return page.export("effects")
    context = {
        "crumbs": [Crumb(_("Effects"))],
        "verdict": _list_verdict(rows),
        "list": page,
        "empty": Empty(
            _("No effect evaluated yet"),
            _("Once every action of a plan is verified, its effect is evaluated from the data."),
            Button(_("See the plans"), reverse("plans")),
        ),
    }
    return render(request, "improve/effects.html", context)


def _list_verdict(rows: Any) -> Verdict:
    verdicts = list(rows.values_list("verdict", flat=True))
    worked = sum(one in (Effect.EFFECTIVE, Effect.PARTIAL) for one in verdicts)
    if not verdicts:
        return Verdict(_("[[No effect]] has been evaluated yet."), glyph="todo")
    text = ngettext(
        "%(worked)d of %(n)d evaluation [[shows that the plan worked]].",
        "%(worked)d of %(n)d evaluations [[show that the plan worked]].",
        len(verdicts),
    )
    return Verdict(text % {"worked": worked, "n": len(verdicts)}, "met" if worked else "watch")


@require_GET
@signed_in
def effect(request: HttpRequest, number: int) -> HttpResponse:
    """One evaluation: the verdict, before and after, what it was compared with, and the record."""
    return show(request, get_or_404(queries.effects(common.reader(request)), pk=number))


def show(request: HttpRequest, found: EffectEvaluation, *, status: int = 200, **given: Any) -> HttpResponse:
    """The page of an evaluation, with what a refused form held."""
    user: Any = request.user
    names = words.indicators(found.plan.trigger_cycle)
    glyph, tone = EFFECT_LOOKS[Effect(found.verdict)]
    records = found.record["impacts"]
    places = {place.code: place.name for place in Place.objects.filter(code__in=_places(records))}
    newest = found.plan.effects.order_by("-number").first()
    acts = moves.acts_for(user, found.plan) if newest == found else {}
    buttons = [
        Button(
            move.label,
            icon=move.icon,
            dialog=f"do-{act}",
            primary=act == "close" and found.verdict in ("effective", "partial"),
        )
        for act, move in acts.items()
        if act in ("evaluate", "close")
    ]
    context = {
        "effect": found,
        "plan": found.plan,
        "crumbs": [
            Crumb(_("Effects"), reverse("effects")),
            Crumb(found.plan.code, reverse("plan", args=[found.plan.code])),
            Crumb(_("Evaluation %(n)d") % {"n": found.number}),
        ],
        "chain": links_of(user, "effect", found.pk),
        "verdict": Verdict(
            words.effect_headline(found.verdict) % {"title": found.plan.title},
            tone,
            glyph,
            _detail(records, names),
            tuple(buttons),
        ),
        "impacts": [_impact(record, names, places) for record in records],
        "rules": words.rules(),
        "dialogs": {act: move for act, move in acts.items() if act in ("evaluate", "close")},
        "reports": found.reports.all(),
        "may_report": rules.may_report(user, found.plan) and newest == found,
        "revision_form": given.pop("form", None) or _revision_form(user, found),
        "after": chain.neighbours(user, "effect", str(found.pk))[1],
        "entries": common.entries(found.plan),
        **given,
    }
    return render(request, "improve/effect.html", context, status=status)


def _revision_form(user: Any, found: EffectEvaluation, data: Any = None) -> RevisionForm | None:
    """The form by which a proved effect leads to a new wording of the standard."""
    if found.verdict not in PROOF or not service_rules.may_ask(user):
        return None
    clauses = queries.clauses_measured(found)
    return RevisionForm(data, clauses=clauses) if data is not None or clauses.exists() else None


@require_POST
@signed_in
def request_revision(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for the revision of a clause of a service standard on the evidence of this effect."""
    found = get_or_404(queries.effects(common.reader(request)), pk=number)
    form = _revision_form(request.user, found, request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        return show(request, found, status=422, form=form)
    try:
        service.request_revision(actor=request.user, evidence=("effect", found.pk), **form.cleaned_data)
    except Refused as refusal:
        return show(request, found, status=409, refusal=str(refusal), form=form)
    return redirect("effect", number=number)


def _places(records: list[dict[str, Any]]) -> set[str]:
    return {record["place"] for record in records} | {
        code for record in records for code in record["comparison"]
    }


def _detail(records: list[dict[str, Any]], names: dict[str, Any]) -> str:
    """The sentence of the impact that decided: the worst."""
    order = Effect.values
    worst = min(records, key=lambda record: order.index(record["verdict"]))
    version = names.get(worst["indicator"])
    return _("%(name)s: %(sentence)s") % {
        "name": version.name if version else worst["indicator"],
        "sentence": words.change_sentence(worst, words.unit_of(version)),
    }


def _impact(record: dict[str, Any], names: dict[str, Any], places: dict[str, str]) -> dict[str, Any]:
    version = names.get(record["indicator"])
    unit = words.unit_of(version)
    drawn = record["before"]["cycles"] or record["after"]["cycles"]
    return {
        "record": record,
        "name": words.indicator_name(record["indicator"], version),
        "place": places.get(record["place"], record["place"]),
        "sentence": words.change_sentence(record, unit),
        "chart": charts.before_after(record, unit) if drawn else None,
        "lines": [
            (_("Before"), _side(record["before"], unit)),
            (_("After"), _side(record["after"], unit)),
            (_("Promised"), _("better by %(size)s") % {"size": units.difference(record["promised"], unit)}),
            (
                _("Change, better being more"),
                _change(record, unit),
            ),
            (_("How"), words.method_sentence(record) or "—"),
            (
                _("Compared with"),
                words.listed(places.get(code, code) for code in record["comparison"]) or _("no other place"),
            ),
            (_("Not counted"), words.listed(words.left_out(record)) or _("nothing")),
        ],
        "runs": sorted({one["run"] for side in ("before", "after") for one in record[side]["cycles"]}),
    }


def _change(record: dict[str, Any], unit: str) -> str:
    if record["change"] is None:
        return "—"
    span = units.interval(record["low"], record["high"], unit) or "—"
    return _("%(change)s (%(span)s)") % {"change": formats.signed(record["change"]), "span": span}


def _side(side: dict[str, Any], unit: str) -> str:
    if side["value"] is None:
        return "—"
    return _("%(value)s, %(n)s records (%(cycles)s)") % {
        "value": units.value(side["value"], unit),
        "n": formats.number(side["n"], 0),
        "cycles": words.cycles_of(side["cycles"]),
    }
