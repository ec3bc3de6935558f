"""Opening hours written as people write them: ``08:30-12:00 13:30-17:30``; an empty text is a closed day."""

from __future__ import annotations

import itertools
import re
import unicodedata

from django.utils.translation import gettext as _

DAY = 24 * 60
_STRETCH = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_SEPARATORS = re.compile(r"[\s,;、]+")
_DASHES = str.maketrans(dict.fromkeys("–—−~〜至到", "-"))


def parse(text: str) -> list[tuple[int, int]]:
    """The stretches as (start, end) minutes after midnight, in order.

    An end at or before its start lies on the next day (``22:00-06:00``), so ``00:00-24:00`` and
    ``00:00-00:00`` are the whole day. Raises ``ValueError`` with a sentence.
    """
    written = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    written = re.sub(r"\s*-\s*", "-", written)
    stretches = [_stretch(part, text) for part in _SEPARATORS.split(written) if part]
    stretches.sort()
    for (_start, end), (start, _end) in itertools.pairwise(stretches):
        if start < end:
            raise ValueError(
                _("In “%(text)s” two stretches overlap. Let each begin after the one before has ended.")
                % {"text": text}
            )
    if stretches and stretches[-1][1] - stretches[0][0] > DAY:
        raise ValueError(
            _("“%(text)s” is longer than 24 hours. Write the rest on the next day.") % {"text": text}
        )
    return stretches


def write(stretches: list[tuple[int, int]]) -> str:
    """The usual way to write stretches: ``08:30-12:00 13:30-17:30``."""
    return " ".join(f"{_clock(start)}-{_clock(end)}" for start, end in stretches)


def tidy(text: str) -> str:
    """``text`` in the usual way of writing."""
    return write(parse(text))


def _clock(minute: int) -> str:
    minute = minute if minute == DAY else minute % DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _stretch(part: str, text: str) -> tuple[int, int]:
    match = _STRETCH.fullmatch(part)
    if match:
        h1, m1, h2, m2 = map(int, match.groups())
        start, end = h1 * 60 + m1, h2 * 60 + m2
        if start < DAY and end <= DAY and m1 < 60 and m2 < 60:
            return start, end if end > start else end + DAY
    raise ValueError(
        _("“%(part)s” is no stretch of hours. Write 08:30-12:00 13:30-17:30, or nothing when closed.")
        % {"part": part}
    )
