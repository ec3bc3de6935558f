"""Bearer tokens for programs: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from .models import ApiToken, User

PREFIX = "bihuan_"


def fresh() -> tuple[str, str]:
    """A new token and the hash to keep of it; 256 random bits need no slow hash."""
    token = PREFIX + secrets.token_urlsafe(32)
    return token, digest(token)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def owner(token: str) -> User | None:
    """The person a token speaks for; nobody when it is unknown, run out, or the person may not sign in."""
    now = timezone.now()
    live = ApiToken.objects.select_related("user").filter(Q(expires=None) | Q(expires__gt=now))
    found = live.filter(hash=digest(token), user__is_active=True, user__must_change_password=False).first()
    if found is None:
        return None
    if found.last_used is None or now - found.last_used > timedelta(minutes=1):
        ApiToken.objects.filter(pk=found.pk).update(last_used=now)
    return found.user
