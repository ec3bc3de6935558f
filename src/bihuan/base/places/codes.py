"""Codes of places, departments and contractors: what addresses and files can carry."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_LENGTH = 40
BAD = re.compile(r"[\s/\\?#%;,\"'<>]|[\x00-\x1f]")
TAKEN = {"new", "tree", "import", ".", ".."}


def check(code: str, field: str = "code") -> None:
    """Raise ``ValidationError`` under ``field`` where a code cannot stand in an address."""
    if not code or len(code) > MAX_LENGTH or BAD.search(code) or code in TAKEN:
        raise ValidationError({field: hint(code)})


def hint(code: str) -> str:
    """Say what a code is made of."""
    return _(
        "“%(code)s” cannot be a code. Use letters, digits, Chinese characters, hyphens and dots; "
        "no spaces or slashes; at most 40."
    ) % {"code": code}
