"""What the scores of one place or of many mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bihuan.assess.words.sentences import names, paragraph, room, width
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict


@dataclass(frozen=True)
class Standing:
    """One place's score as the words need it."""

    name: str
    grade: str
    score: float = math.nan
    low: float = math.nan
    high: float = math.nan
    red_line: bool = False

    @property
    def scored(self) -> bool:
        """Whether there is a score."""
        return not math.isnan(self.score)


def scorecard(
    places: Sequence[Standing], grades: dict[str, float], weak: tuple[str, int] | None = None
) -> Verdict:
    """What the scores of many projects mean; ``weak`` is the indicator most of them are surely short of."""
    order = list(grades)
    best, fine = order[0], order[1:2]
    scored = [p for p in places if p.scored]
    if not scored:
        return Verdict(
            ngettext(
                "%(n)d project, and [[not enough data]] for a score.",
                "%(n)d projects, and [[not enough data]] for any score.",
                len(places),
            )
            % {"n": len(places)},
            tone="none",
            glyph="none",
        )
    met = [p for p in scored if p.grade == best and not p.red_line]
    missed = [p for p in scored if p.red_line or p.grade not in (best, *fine)]
    near = [p for p in scored if p not in met and p not in missed]
    red = [p for p in scored if p.red_line]
    detail = _scorecard_detail(places, scored, red, weak)
    counts = {"met": len(met), "n": len(scored)}
    if missed:
        sentence = _missed_sentence(missed, counts, grades[best])
        return Verdict(sentence, tone="miss", glyph="red" if red == missed else "miss", detail=detail)
    if near:
        base = ngettext(
            "%(met)d of %(n)d project is on target; [[%(names)s]] fell a little short.",
            "%(met)d of %(n)d projects are on target; [[%(names)s]] fell a little short.",
            len(scored),
        )
        sentence = _fill(base, near, counts)
        return Verdict(sentence, tone="watch", detail=detail)
    sentence = (
        ngettext("The project is [[on target]].", "All %(n)d projects are [[on target]].", len(scored))
        % counts
    )
    return Verdict(sentence, tone="met", detail=detail)


def _fill(base: str, places: Sequence[Standing], counts: dict[str, int]) -> str:
    left = room() - width(base % {**counts, "names": ""})
    return base % {**counts, "names": names([p.name for p in places], left)}


def _missed_sentence(missed: Sequence[Standing], counts: dict[str, int], target: float) -> str:
    """Sure when the whole interval of each lies below the target, or a red line was crossed."""
    sure = all(p.red_line or p.high < target for p in missed)
    if sure:
        base = ngettext(
            "%(met)d of %(n)d project is on target; [[%(names)s]] surely missed it.",
            "%(met)d of %(n)d projects are on target; [[%(names)s]] surely missed it.",
            counts["n"],
        )
    else:
        base = ngettext(
            "%(met)d of %(n)d project is on target; [[%(names)s]] missed it, in part within error.",
            "%(met)d of %(n)d projects are on target; [[%(names)s]] missed it, in part within error.",
            counts["n"],
        )
    return _fill(base, missed, counts)


def _scorecard_detail(
    places: Sequence[Standing],
    scored: Sequence[Standing],
    red: Sequence[Standing],
    weak: tuple[str, int] | None,
) -> str:
    sentences = []
    if red:
        sentences.append(
            _("Red line crossed: %(names)s; their grade is capped.")
            % {"names": pgettext("between names", ", ").join(p.name for p in red)}
        )
    if weak and weak[1]:
        sentences.append(
            ngettext(
                "Most is lost on %(name)s: %(n)d project is surely short of the target.",
                "Most is lost on %(name)s: %(n)d projects are surely short of the target.",
                weak[1],
            )
            % {"name": weak[0], "n": weak[1]}
        )
    silent = len(places) - len(scored)
    if silent:
        sentences.append(
            ngettext(
                "%(n)d project has too little data for a score.",
                "%(n)d projects have too little data for a score.",
                silent,
            )
            % {"n": silent}
        )
    return paragraph(sentences)


def place(
    standing: Standing,
    grades: dict[str, float],
    weak: Sequence[str],
    strong: Sequence[str],
    *,
    red_below: bool = False,
) -> Verdict:
    """What one place's score means; ``weak`` and ``strong`` name indicators surely off target."""
    if not standing.scored:
        return Verdict(
            _("%(place)s: [[not enough data]] for a score.") % {"place": standing.name},
            tone="none",
            glyph="none",
            detail=_("Under 70% of the weight is there; the indicators that are there stand below."),
        )
    target = next(iter(grades.values()))
    score = {"place": standing.name, "score": formats.number(standing.score, 1), "grade": standing.grade}
    tone, glyph, phrase = _place_phrase(standing, list(grades), target)
    base = _("%(place)s scores %(score)s, grade %(grade)s: [[%(sure)s]].")
    sentence = base % {**score, "sure": phrase}
    if width(sentence) > room():
        sentence = _("Score %(score)s, grade %(grade)s: [[%(sure)s]].") % {**score, "sure": phrase}
    between = pgettext("between names", ", ")
    detail = [
        _("The score lies between %(low)s and %(high)s.")
        % {"low": formats.number(standing.low, 1), "high": formats.number(standing.high, 1)}
        if not math.isnan(standing.low)
        else "",
        _("A red line was crossed at a place below.") if red_below else "",
        _("Surely short of the target: %(names)s.") % {"names": between.join(weak[:4])} if weak else "",
        _("Surely better than the target: %(names)s.") % {"names": between.join(strong[:4])}
        if strong
        else "",
    ]
    return Verdict(sentence, tone=tone, glyph=glyph, detail=paragraph(detail))


def _place_phrase(standing: Standing, order: list[str], target: float) -> tuple[str, str, str]:
    if standing.red_line:
        return "miss", "red", _("a red line was crossed")
    if standing.score >= target:
        sure = not math.isnan(standing.low) and standing.low >= target
        return "met", "met", _("surely on target") if sure else _("on target, within error")
    near = standing.grade in order[:2]
    tone = "watch" if near else "miss"
    sure = not math.isnan(standing.high) and standing.high < target
    return (
        tone,
        tone,
        _("surely short of the target") if sure else _("just short of the target, within error"),
    )
