"""Passwords: what a new one must be, and one-time passwords that an administrator hands over."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MIN_LENGTH = 10
MAX_LENGTH = 200
# Without letters and digits that are read wrongly; 12 of them hold 58 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 3, 4
# A random password cannot be guessed from a list, so it needs fewer rounds; the first sign-in hashes it anew.
ONE_TIME_ITERATIONS = 20_000


def one_time_password() -> str:
    """A password to be read out or printed: ``k7mw-9xqd-h3ft``."""
    return "-".join("".join(secrets.choice(ALPHABET) for _i in range(GROUP)) for _g in range(GROUPS))


def encode_one_time(password: str) -> str:
    """How a one-time password is stored."""
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(password, hasher.salt(), ONE_TIME_ITERATIONS)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def check_new(password: str, user: Any) -> None:
    """Raise ``ValidationError`` with every reason why this cannot be the person's new password."""
    reasons = []
    if len(password) < MIN_LENGTH:
        reasons.append(_("Use at least %(count)d characters.") % {"count": MIN_LENGTH})
    if len(password) > MAX_LENGTH:
        reasons.append(_("Use at most %(count)d characters.") % {"count": MAX_LENGTH})
    if password.isdecimal():
        reasons.append(_("Add letters: digits alone are guessed quickly."))
    if password.casefold().strip() in _common():
        reasons.append(_("Many people use this password. Choose another."))
    own = (user.employee_number, user.phone.removeprefix("+86"), (user.email or "").partition("@")[0])
    if any(len(part) >= 4 and part.casefold() in password.casefold() for part in own):
        reasons.append(_("Leave out your employee number, phone and e-mail."))
    if user.password and user.check_password(password):
        reasons.append(_("This is the password you have now. Choose another."))
    if reasons:
        raise ValidationError(reasons)
