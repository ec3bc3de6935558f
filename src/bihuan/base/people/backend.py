"""Signing in by employee number, phone or e-mail with a password."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q

from .models import User


def find(identifier: str) -> User | None:
    """The person an employee number, a phone number or an e-mail address belongs to, in that order."""
    text = unicodedata.normalize("NFKC", identifier).strip()
    if not text or "\0" in text:
        return None
    numbers = {text, text.upper(), text.lower()}
    email = text.lower() if "@" in text else None
    condition = Q(employee_number__in=numbers) | Q(phone_index=text)
    if email:
        condition |= Q(email=email)
    found = list(User.objects.filter(condition)[:5])
    found.sort(key=lambda user: (user.employee_number != text, user.employee_number not in numbers))
    return found[0] if found else None


def account_key(identifier: str, user: User | None) -> str:
    """What attempts are counted under: one person's three identifiers count together."""
    if user is not None:
        return f"user:{user.pk}"
    return "unknown:" + unicodedata.normalize("NFKC", identifier).strip().casefold()


class Backend(BaseBackend):
    """Looks at the password in the same time whether or not there is such a person."""

    def authenticate(
        self, request: Any, identifier: str = "", password: str = "", **kwargs: Any
    ) -> User | None:
        """The person, when they are in use and the password is theirs."""
        if not identifier or not password:
            return None
        user = find(identifier)
        if user is None or not user.has_usable_password():
            User().set_password(password)  # takes as long as looking at a real one
            return None
        if user.check_password(password) and user.is_active:
            return user
        return None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session; nobody once they are out of use, which ends the session."""
        return User.objects.filter(pk=user_id, is_active=True).first()
