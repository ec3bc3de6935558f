"""How often somebody may try to sign in.

Every attempt is written down before the password is looked at, and counted with its own row, so that attempts
at the same moment in several processes cannot slip past. Nothing sleeps: who is over the limit is told how
long to wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from .models import SignInFailure

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 50
KEEP = timedelta(days=1)


class Attempt:
    """One attempt: it may go on, or ``wait`` says how long it must not.

    ``failures`` counts the account's attempts in the window, this one among them, as though it failed.
    """

    def __init__(self, account: str, address: str, now: datetime) -> None:
        self.account = _key(f"account:{account}")
        self.address = _key(f"address:{address}")
        self.now = now
        self.failures = 0
        rows = [SignInFailure(key=self.account, at=now), SignInFailure(key=self.address, at=now)]
        with transaction.atomic():
            SignInFailure.objects.filter(at__lt=now - KEEP).delete()
            self.rows = SignInFailure.objects.bulk_create(rows)
        waits = [self._wait(self.account, ACCOUNT_LIMIT), self._wait(self.address, ADDRESS_LIMIT)]
        self.wait = max(waits)
        if self.wait:
            self._withdraw()

    @property
    def allowed(self) -> bool:
        """Whether the password may be looked at."""
        return not self.wait

    def succeeded(self) -> None:
        """The password was right: the account starts from nothing, the address loses this attempt."""
        SignInFailure.objects.filter(key=self.account).delete()
        self._withdraw()

    def _withdraw(self) -> None:
        SignInFailure.objects.filter(pk__in=[row.pk for row in self.rows]).delete()

    def _wait(self, key: str, limit: int) -> timedelta:
        recent = SignInFailure.objects.filter(key=key, at__gt=self.now - WINDOW).order_by("-at", "-pk")
        others = [row.at for row in recent[: limit + 1] if row.pk not in {own.pk for own in self.rows}]
        if key == self.account:
            self.failures = len(others) + 1
        if len(others) < limit:
            return timedelta(0)
        return others[limit - 1] + WINDOW - self.now


def forget(account: str) -> None:
    """Let an account try anew, as after an administrator gave it a new password."""
    SignInFailure.objects.filter(key=_key(f"account:{account}")).delete()


def _key(text: str) -> str:
    return salted_hmac("bihuan.people.throttle", text, algorithm="sha256").hexdigest()
