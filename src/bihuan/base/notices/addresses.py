"""The parts of an address with user name and password, and how to check one without showing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

LOCAL = {"localhost", "127.0.0.1", "::1"}
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_TOO_MUCH = re.compile(r"[^\s<>\"']*://\S+")


@dataclass(frozen=True)
class Smtp:
    """How the mail server is reached."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool


def smtp(url: str) -> Smtp:
    """Read ``smtp(s)://user:password@host:port``; ``smtp+tls://`` turns to TLS after the greeting."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("write smtps://user:password@host:port, smtp+tls:// for STARTTLS, or smtp://host:25")
    found = Smtp(
        parts.hostname,
        _port(parts) or PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtp+tls",
        parts.scheme == "smtps",
    )
    if found.password and parts.scheme == "smtp" and found.host not in LOCAL:
        raise ValueError("a password would travel in clear; write smtps:// or smtp+tls://")
    return found


def http(url: str) -> SplitResult:
    """Read an http or https address; a secret travels over https alone, except on this machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write https://host/path")
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ValueError("phone numbers would travel in clear; write https://")
    _port(parts)
    return parts


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as exc:
        raise ValueError("the port after the colon is a number from 1 to 65535") from exc


def without_addresses(text: str) -> str:
    """A server's answer on one line without any address in it, for such an address may hold a secret."""
    return " ".join(_TOO_MUCH.sub("…", text).split())[:300]
