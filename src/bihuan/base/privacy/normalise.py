"""One form for phone numbers and names, so that the same one written in two ways is found as one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _

REGION = "CN"
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SHORT_MOBILE = re.compile(r"1[3-9]\d{0,8}")  # a landline may be as short, a mobile may not
_GAP_IN_HAN = re.compile(rf"(?<=[{_HAN}·])\s+(?=[{_HAN}·])")
_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "∙": "·", "⋅": "·", "．": "·"})


@lru_cache(maxsize=4096)
def phone(text: str) -> str:
    """The number as E.164, such as ``+8613812345678``; without a country code it is a Chinese one.

    Raises ``ValueError`` with a sentence when it cannot be a phone number.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException as exc:
        raise ValueError(_no_phone(text)) from exc
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError(_no_phone(text))
    if number.country_code == 86 and _SHORT_MOBILE.fullmatch(str(number.national_number)):
        raise ValueError(_no_phone(text))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def name(text: str) -> str:
    """The name without differences of width, case, spaces or kind of middle dot."""
    folded = unicodedata.normalize("NFKC", text.translate(_DOTS)).casefold().translate(_DOTS)
    return _GAP_IN_HAN.sub("", " ".join(folded.split()))


def exact(text: str) -> str:
    """The text without differences of width, case and outer spaces: employee numbers, e-mail addresses."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def is_han(text: str) -> bool:
    """Whether there is a Chinese character in ``text``."""
    return re.search(f"[{_HAN}]", text) is not None


def _no_phone(text: str) -> str:
    return _(
        "“%(text)s” is not a phone number. Write 11 digits for a mobile, area code and number for a "
        "landline, or + and the country code."
    ) % {"text": text}
