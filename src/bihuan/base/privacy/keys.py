"""The keys of personal data: ``keys/privacy.json`` in the home folder, never in the database.

::

    {"current": "k2", "rotating": false,
     "keys": {"k1": {"made": "2026-07-01T...", "encrypt": "<base64>", "index": "<base64>"}, "k2": {...}}}

New values are written under ``current``; older keys stay in the file so that what a backup holds can be read.
Every value names its key, so a value always finds the one it was written with. Processes see a changed file
at their next use.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.trail import keyfile


class PrivacyError(Exception):
    """Personal data cannot be read or written as it stands; the message says what to do."""


@dataclass(frozen=True)
class Key:
    """One key: ``encrypt`` for values (256 bit), ``index`` for blind indexes."""

    id: str
    made: str
    encrypt: bytes
    index: bytes


@dataclass(frozen=True)
class Ring:
    """All keys. ``rotating``: values under older keys are still being written anew."""

    current: str
    keys: tuple[Key, ...]
    rotating: bool = False

    @property
    def key(self) -> Key:
        """The key that new values are written with."""
        return self.get(self.current)

    @property
    def newest_first(self) -> tuple[Key, ...]:
        """The current key, then the others from young to old."""
        return (self.key, *(k for k in reversed(self.keys) if k.id != self.current))

    def get(self, key_id: str) -> Key:
        """The key called ``key_id``; ``PrivacyError`` when the file does not have it."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise PrivacyError(
            _(
                "The key %(key)s is not in %(path)s. Put the key file back from the backup that belongs to "
                "this database."
            )
            % {"key": key_id, "path": path()}
        )


def path() -> Path:
    """Where the key file lies."""
    return Path(settings.BIHUAN_HOME) / "keys" / "privacy.json"


def ring() -> Ring:
    """The keys as the file has them now; the first use makes the file."""
    file = path()
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError:
        keyfile.make_once(file, _dump(Ring("k1", (new_key("k1"),))))
        changed = file.stat().st_mtime_ns
    return _read(file, changed)


def save(value: Ring) -> None:
    """Put ``value`` in place of the file."""
    keyfile.replace(path(), _dump(value))
    _read.cache_clear()


def new_key(key_id: str) -> Key:
    """A fresh random key."""
    made = timezone.now().isoformat(timespec="seconds")
    return Key(key_id, made, secrets.token_bytes(32), secrets.token_bytes(32))


def with_new_key(value: Ring) -> Ring:
    """``value`` with one more key, which becomes the current one."""
    number = 1 + max(int(k.id.removeprefix("k")) for k in value.keys)
    fresh = new_key(f"k{number}")
    return Ring(fresh.id, (*value.keys, fresh), rotating=True)


def settled(value: Ring) -> Ring:
    """``value`` after everything stands under the current key."""
    return replace(value, rotating=False)


@lru_cache(maxsize=8)
def _read(file: Path, changed: int) -> Ring:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        keys = tuple(
            Key(name, k["made"], base64.b64decode(k["encrypt"]), base64.b64decode(k["index"]))
            for name, k in data["keys"].items()
        )
        value = Ring(data["current"], keys, bool(data.get("rotating")))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise PrivacyError(
            _("The key file %(path)s cannot be read. Put it back from the backup.") % {"path": file}
        ) from exc
    value.get(value.current)
    return value


def _dump(value: Ring) -> str:
    keys = {
        k.id: {
            "made": k.made,
            "encrypt": base64.b64encode(k.encrypt).decode(),
            "index": base64.b64encode(k.index).decode(),
        }
        for k in value.keys
    }
    return json.dumps({"current": value.current, "rotating": value.rotating, "keys": keys}, indent=1)
