"""How long a sentence may be, and how sentences and names stand one after the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from django.utils.translation import ngettext, pgettext

from bihuan.base.ui import formats

LONGEST = 40
LONGEST_ENGLISH = 64  # of the same measure: 128 letters, two lines of the page


def width(sentence: str) -> int:
    """Length in Chinese characters: two letters or digits take the room of one; emphasis takes none."""
    plain = sentence.replace("[[", "").replace("]]", "")
    half = sum(unicodedata.east_asian_width(mark) not in "WFA" for mark in plain)
    return len(plain) - half + (half + 1) // 2


def room() -> int:
    """How long a verdict may be in the current language."""
    return LONGEST if formats.chinese() else LONGEST_ENGLISH


def paragraph(sentences: Iterable[str]) -> str:
    """Whole sentences one after the other."""
    return ("" if formats.chinese() else " ").join(s for s in sentences if s)


def shortest_first(candidates: Sequence[str]) -> str:
    """The fullest sentence that fits; candidates go from the fullest to the barest."""
    fitting = (sentence for sentence in candidates if sentence and width(sentence) <= room())
    return next(fitting, candidates[-1])


def names(listed: Sequence[str], most: int) -> str:
    """As many names as fit into ``most`` Chinese characters; then how many there are in all."""
    for kept in range(len(listed), 0, -1):
        joined = pgettext("between names", ", ").join(listed[:kept])
        if kept < len(listed):
            joined = ngettext(
                "%(names)s and %(more)d more", "%(names)s and %(more)d more", len(listed) - kept
            ) % {
                "names": joined,
                "more": len(listed) - kept,
                "all": len(listed),
            }
        if width(joined) <= most:
            return joined
    return ngettext("%(n)d project", "%(n)d projects", len(listed)) % {"n": len(listed)}
