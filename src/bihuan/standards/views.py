from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from bihuan.base.people.access import signed_in
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Figure, Verdict
from bihuan.standards import display, queries, rules
from bihuan.standards.models import IndicatorVersion, WeightTree
from bihuan.standards.states import TargetSource, VersionState


def _readable(request: HttpRequest) -> Any:
    """The user, who may read standards; for anybody else the page is not there."""
    if not rules.may_read(request.user):
        raise Http404
    return request.user


def _cycle(request: HttpRequest) -> str:
    """The cycle chosen in the top bar; without any cycle, the standards in force now."""
    choice = request.choice.cycle  # type: ignore[attr-defined]
    return choice.code if choice else queries.current_cycle()


@require_GET
@signed_in
def indicators(request: HttpRequest) -> HttpResponseBase:
    """The indicators that count in the chosen cycle, by family."""
    user = _readable(request)
    cycle = _cycle(request)
    versions = queries.versions_for(cycle, user=user)
    families = queries.family_names(cycle)
    page = ListPage(
        request,
        versions,
        columns=_columns(),
        filters=_filters(versions, families),
        caption=_("Indicators"),
        size=200,
    )
    if page.wants_export:
        return page.export(f"indicators-{cycle}")
    groups: dict[str, list[IndicatorVersion]] = {}
    for version in page.rows:
        groups.setdefault(version.indicator.family, []).append(version)
    context = {
        "verdict": _list_verdict(versions, cycle),
        "list": page,
        "groups": [(families.get(code, code), rows) for code, rows in groups.items()],
        "crumbs": [Crumb(_("Standards"))],
        "empty": Empty(_("No indicators yet"), _("The catalogue is loaded with “bihuan init”.")),
    }
    return render(request, "standards/indicators.html", context)


def _columns() -> list[Column]:
    return [
        Column("code", _("Code"), value=lambda v: v.indicator.code, sort=lambda v: v.indicator.code),
        Column("name", _("Indicator"), value=lambda v: v.name, sort=lambda v: v.name),
        Column("target", _("Target"), value=display.target),
        Column("floor", _("Floor"), value=display.floor),
        Column("unit", _("Measured in"), value=lambda v: display.unit(v.definition["unit"])),
        Column("source", _("Basis"), value=lambda v: str(v.get_target_source_display())),
        Column("min_n", _("Least number"), value=lambda v: v.definition.get("min_n", 0), numeric=True),
        Column("version", _("Version"), value=lambda v: v.number, sort=lambda v: v.number, numeric=True),
        Column("since", _("In force"), value=display.since),
    ]


def _filters(versions: list[IndicatorVersion], families: dict[str, str]) -> list[Filter]:
    used = dict.fromkeys(version.indicator.family for version in versions)
    return [
        Filter("q", _("Find"), kind="search", hint=_("name or code"), apply=_search),
        Filter(
            "family",
            _("Family"),
            choices=[(code, families.get(code, code)) for code in used],
            apply=lambda rows, value: [v for v in rows if v.indicator.family == value],
        ),
        Filter(
            "source",
            _("Basis"),
            choices=TargetSource.choices,
            apply=lambda rows, value: [v for v in rows if v.target_source == value],
        ),
    ]


def _search(rows: list[IndicatorVersion], text: str) -> list[IndicatorVersion]:
    wanted = text.casefold()
    return [
        version
        for version in rows
        if any(
            wanted in name.casefold() for name in (version.indicator.code, version.name_zh, version.name_en)
        )
    ]


def _list_verdict(versions: list[IndicatorVersion], cycle: str) -> Verdict:
    doubtful = sum(version.target_source == TargetSource.UNVERIFIED for version in versions)
    name = formats.cycle_name(cycle)
    if not versions:
        return Verdict(_("No indicator counts in %(cycle)s yet.") % {"cycle": name})
    if doubtful:
        text = ngettext(
            "%(all)d indicators count in %(cycle)s; [[the text behind %(n)d]] is still to be verified.",
            "%(all)d indicators count in %(cycle)s; [[the texts behind %(n)d]] are still to be verified.",
            doubtful,
        )
        return Verdict(text % {"all": len(versions), "cycle": name, "n": doubtful}, tone="watch")
    text = ngettext(
        "%(all)d indicator counts in %(cycle)s.", "%(all)d indicators count in %(cycle)s.", len(versions)
    )
    return Verdict(text % {"all": len(versions), "cycle": name}, tone="met")


@require_GET
@signed_in
def indicator(request: HttpRequest, code: str) -> HttpResponseBase:
    """One indicator: what it is, how it is computed, on what it rests, and all its versions."""
    versions = queries.versions_of(code, user=_readable(request))
    if not versions:
        raise Http404
    cycle = _cycle(request)
    current = next((v for v in queries.versions_for(cycle) if v.indicator.code == code), versions[0])
    given = current.definition
    context = {
        "version": current,
        "versions": versions,
        "verdict": _indicator_verdict(current),
        "crumbs": [Crumb(_("Standards"), reverse("standards")), Crumb(f"{code} {current.name}")],
        "figures": [
            Figure(_("Target"), display.target(current)),
            Figure(_("Floor"), display.floor(current)),
            Figure(_("Least number"), formats.number(given.get("min_n", 0))),
            Figure(_("Rhythm"), display.PERIODS.get(given.get("period", "quarter"), "")),
            Figure(_("Version"), f"v{current.number}", display.since(current)),
        ],
        "made_of": display.TABLES.get(given["table"], given["table"]),
        "kind": display.KINDS.get(given["kind"], given["kind"]),
        "unit": display.unit(given["unit"]),
        "breakdowns": display.breakdowns(current),
        "technical": queries.technical(current),
        "family": queries.family_names(cycle).get(current.indicator.family, current.indicator.family),
        "share": _share(cycle, code),
        "states": VersionState,
    }
    return render(request, "standards/indicator.html", context)


def _indicator_verdict(version: IndicatorVersion) -> Verdict:
    numbers = {"name": version.name, "target": display.target(version), "floor": display.floor(version)}
    result = Button(_("See its results"), f"/indicators/{version.indicator.code}/", icon="chart-line")
    if version.definition.get("target") is None:
        return Verdict(
            _("%(name)s is watched; no target is set.") % numbers, detail=version.words, buttons=(result,)
        )
    sentence = _("%(name)s: the target is [[%(target)s]], the floor %(floor)s.") % numbers
    return Verdict(sentence, tone="acc", glyph="met", detail=version.words, buttons=(result,))


def _share(cycle: str, code: str) -> str:
    tree = queries.tree_for(cycle)
    share = queries.shares(tree).get(code) if tree else None
    return _("counts for nothing in the score") if share is None else formats.percent(share)


@require_GET
@signed_in
def weights(request: HttpRequest) -> HttpResponseBase:
    """How scores are put together in the chosen cycle, and the earlier weights."""
    user = _readable(request)
    cycle = _cycle(request)
    tree = queries.tree_for(cycle)
    trees = list(WeightTree.objects.visible_to(user))
    context: dict[str, Any] = {
        "crumbs": [Crumb(_("Standards"), reverse("standards")), Crumb(_("Weights"))],
        "tree": tree,
        "trees": trees,
        "empty": Empty(_("No weights yet"), _("The catalogue is loaded with “bihuan init”.")),
    }
    if tree is not None:
        context |= _tree_context(tree, cycle)
    else:
        context["verdict"] = Verdict(
            _("No weights count in %(cycle)s yet.") % {"cycle": formats.cycle_name(cycle)}
        )
    return render(request, "standards/weights.html", context)


def _tree_context(tree: WeightTree, cycle: str) -> dict[str, Any]:
    shares = queries.shares(tree)
    names = {version.indicator.code: version.name for version in queries.versions_for(cycle)}
    nodes = list(tree.nodes.all())
    families = [node for node in nodes if not node.is_indicator and node.parent_id]
    groups = [
        (
            family,
            shares[family.code],
            [_leaf(node, names, shares) for node in nodes if node.parent_id == family.pk],
        )
        for family in families
    ]
    heaviest = max(families, key=lambda node: shares[node.code], default=None)
    sentence = _("%(family)s weighs most: [[%(share)s]] of the score.") % {
        "family": heaviest.name if heaviest else "",
        "share": formats.percent(shares[heaviest.code] if heaviest else 0, 0),
    }
    return {
        "verdict": Verdict(
            sentence,
            tone="acc",
            glyph="met",
            detail=_(
                "A score is 100 at the target, 60 at the floor; what has no data is left out of the weights."
            ),
        ),
        "groups": groups,
        "grades": _grades(tree),
    }


def _leaf(node: Any, names: dict[str, str], shares: dict[str, float]) -> tuple[str, str, float]:
    return node.code, names.get(node.code, node.name or node.code), shares[node.code]


def _grades(tree: WeightTree) -> list[tuple[str, str]]:
    found = [
        (grade, _("%(score)s and more") % {"score": formats.number(score)})
        for grade, score in tree.grades.items()
    ]
    lowest = min(tree.grades.values(), default=0)
    return [*found, ("D", _("under %(score)s") % {"score": formats.number(lowest)})]


@require_GET
@signed_in
def regulations(request: HttpRequest) -> HttpResponseBase:
    """What the indicators rest on, clause by clause, with whether it was read in the original."""
    user = _readable(request)
    rows = queries.regulations(user)
    clauses = [clause for regulation in rows for clause in regulation.clauses.all()]
    open_ones = sum(clause.verification != "verified" for clause in clauses)
    sentence = ngettext(
        "%(all)d clauses; [[%(n)d]] is still to be read in the original.",
        "%(all)d clauses; [[%(n)d]] are still to be read in the original.",
        open_ones,
    ) % {"all": len(clauses), "n": open_ones}
    context = {
        "crumbs": [Crumb(_("Standards"), reverse("standards")), Crumb(_("Regulations"))],
        "verdict": Verdict(sentence, tone="watch" if open_ones else "met"),
        "regulations": rows,
    }
    return render(request, "standards/regulations.html", context)
