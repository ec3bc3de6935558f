"""Texts in both languages, made from what callers have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils import translation

from bihuan.base.privacy.masks import mask_phone

LANGUAGES = {"zh": "zh-hans", "en": "en"}
MOST = 300
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])")


def both(text: Any) -> dict[str, str]:
    """``{"zh", "en"}`` as it is; a lazy string in each language; plain text the same in both."""
    if isinstance(text, Mapping):
        return {code: str(text.get(code) or "") for code in LANGUAGES}
    found = {}
    for code, language in LANGUAGES.items():
        with translation.override(language):
            found[code] = str(text)
    return found


def in_language(pair: Mapping[str, str], language: str) -> str:
    """The text a reader of ``language`` gets; the other one where theirs is empty."""
    first, second = ("en", "zh") if language.startswith("en") else ("zh", "en")
    return pair.get(first) or pair.get(second) or ""


def without_phones(text: str) -> str:
    """The text with the middle of every mobile number hidden: titles travel where numbers may not be.

    >>> without_phones("回访 13812345678")
    '回访 138****5678'
    """
    return _MOBILE.sub(lambda match: mask_phone(match[0]), text)


def cut(text: str, most: int = MOST) -> str:
    """The text on one line, at most so long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
