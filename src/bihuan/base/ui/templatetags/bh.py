"""``{% load bh %}``: what every page of Bihuan draws with."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from bihuan.base.ui import bell, formats, marks, nav
from bihuan.base.ui.status import GLYPHS, HEAT, STATUSES, overdue_by

register = template.Library()


@register.simple_tag
def glyph(name: str, size: int = 16) -> SafeString:
    """A status glyph from our sprite; the word stands beside it."""
    if name not in (*GLYPHS, "brand", "broken"):
        raise template.TemplateSyntaxError(f"no status glyph {name!r}; there are {', '.join(GLYPHS)}")
    return format_html(
        '<svg class="bh-gl" width="{}" height="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        size,
        size,
        static("documents/status.svg"),
        name,
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Tabler outline icon; the name must stand in ``frontend/icons.txt``."""
    return format_html(
        '<svg class="bh-ic" width="20" height="20" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def status(name: str, word: Any = "", days: int | None = None, pill: bool = False) -> SafeString:
    """Glyph and word of a status: ``{% status "overdue" days=2 %}``; ``pill`` puts it on its tint."""
    shown = STATUSES[name]
    text = overdue_by(days) if days is not None and name == "overdue" else word or shown.word
    return format_html(
        '<span class="{} bh-{}">{}{}</span>',
        "bh-pill" if pill else "bh-st",
        shown.tone,
        glyph(shown.glyph, 14),
        text,
    )


@register.simple_tag
def chart(spec: Any, label: str = "") -> SafeString:
    """Draw a chart: our drawings, an Altair chart or a Vega-Lite spec, with its one-sentence label.

    A drawing comes in several widths; the style sheet shows the one that fits the card.
    """
    from bihuan.base.documents import charts

    drawn = charts.page_svgs(spec, label=str(label))
    sizes = "".join(f'<div class="bh-size-{i}">{svg}</div>' for i, svg in enumerate(drawn, 4 - len(drawn)))
    return mark_safe(f'<div class="bh-chart bh-sizes-{len(drawn)}">{sizes}</div>')


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: Any) -> str:
    """This page's address with parts of its query changed; an empty value drops its key; pages start anew."""
    request: HttpRequest = context["request"]
    return with_query(request, **changes)


def with_query(request: HttpRequest, **changes: Any) -> str:
    """See :func:`url_with`."""
    query: QueryDict = request.GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        elif isinstance(value, list | tuple):
            query.setlist(key, [str(v) for v in value])
        else:
            query[key] = str(value)
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path


@register.simple_tag
def both(subject: Any, field: str) -> SafeString:
    """A field kept in two languages (``name_zh``, ``name_en``); text in the other one says so in ``lang``."""
    text, lang = formats.both(subject, field)
    if text and not lang.startswith((get_language() or "zh")[:2]):
        return format_html('<span lang="{}">{}</span>', lang, text)
    return conditional_escape(text)


@register.filter
def marked(sentence: Any, tone: str = "acc") -> SafeString:
    """Draw the phrase between ``[[`` and ``]]`` on its tone's tint; the rest stays as it is."""
    before, opened, rest = str(sentence).partition("[[")
    phrase, closed, after = rest.partition("]]")
    if not (opened and closed):
        return conditional_escape(str(sentence).replace("[[", "").replace("]]", ""))
    return format_html('{}<mark class="bh-mark bh-{}">{}</mark>{}', before, tone, phrase, after)


@register.filter
def heat_class(standing: str) -> str:
    """The class of a heat-map cell for a measurement's standing or status."""
    return {"insufficient": "bh-hatch", "suppressed": "bh-hid"}.get(standing) or HEAT.get(standing, ("",))[0]


@register.filter
def heat_sign(standing: str) -> SafeString:
    """The sign before the number of a heat-map cell, with its word for a screen reader."""
    sign = HEAT.get(standing, ("", ""))[1]
    if not sign:
        return mark_safe("")
    word = STATUSES[standing].word
    return format_html(
        '<span class="bh-tri" aria-hidden="true">{}</span><span class="visually-hidden">{} </span>',
        sign,
        word,
    )


@register.filter
def status_word(name: str) -> Any:
    """The word of a status alone, where a cell's own look already says the rest."""
    return STATUSES[name].word


@register.simple_tag(takes_context=True)
def shell(context: template.Context) -> dict[str, Any]:
    """What the frame of a page shows: side bar, bands, company, search, addresses that may be missing."""
    request: HttpRequest | None = context.get("request")
    if request is None or not hasattr(request, "user"):
        return {"request": None}
    return {
        "request": request,
        "menu": nav.menu(request),
        "bands": marks.bands(request),
        "bell": bell.of(request),
        "company": marks.company(request),
        "search_url": _address(marks.search_url_name()),
        "signout_url": _address("signout"),
        "account_url": _address("account"),
        "home_url": _address("home") or "/",
        "role": getattr(request.user, "first_role", ""),
        "languages": settings.LANGUAGES,
    }


def _address(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


register.filter("number", formats.number)
register.filter("signed", formats.signed)
register.filter("percent", formats.percent)
register.filter("duration", formats.duration)
register.filter("clock", formats.clock)
register.filter("moment", formats.moment)
register.filter("stamp", formats.stamp)
register.filter("cycle_name", formats.cycle_name)
register.filter("cycle_short", formats.cycle_short)
register.simple_tag(formats.interval, name="interval")


@register.filter
def day(value: Any, how: str = "") -> str:
    """A day; ``|day:"weekday"`` adds the weekday."""
    return formats.day(value, weekday=how == "weekday")


@register.filter
def initial(name: Any) -> str:
    """The first character of a name, for the round badge."""
    return str(name).strip()[:1].upper()
