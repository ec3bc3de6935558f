"""Which channels this installation has, read from its settings. Nothing here shows an address or password."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings

from bihuan.base.notices.states import Channel


def setting(name: str) -> Any:
    """A setting of this room; empty where it is not set."""
    return getattr(settings, name, "") or ""


def has_email() -> bool:
    """Whether e-mail can be sent."""
    return bool(setting("BIHUAN_SMTP_URL"))


def has_sms() -> bool:
    """Whether SMS can be sent."""
    return bool(setting("BIHUAN_SMS_URL"))


def robots() -> dict[str, str]:
    """The addresses of group robots by fingerprint: the address itself is a secret and is stored nowhere."""
    return {fingerprint(url): url for url in setting("BIHUAN_APPRISE_URLS") or []}


def fingerprint(url: str) -> str:
    """What an address is called in the database and on pages."""
    return hashlib.sha256(url.encode()).hexdigest()[:8]


def robot_label(name: str) -> str:
    """A robot in words for the administrator: its service and fingerprint."""
    service = robots().get(name, "").partition("://")[0]
    return f"{service} {name}" if service else name


def available() -> set[str]:
    """The channels that are set up."""
    there = {Channel.EMAIL: has_email(), Channel.SMS: has_sms(), Channel.GROUP: bool(robots())}
    return {channel.value for channel, is_there in there.items() if is_there}


def base_url() -> str:
    """The address people open Bihuan at, without a slash at its end; empty where it is not set."""
    return str(setting("BIHUAN_URL")).rstrip("/")
