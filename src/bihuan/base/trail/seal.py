"""How an entry is sealed: a keyed hash over its canonical text and the hash of the entry before it.

The key lies in ``keys/trail.key`` of the home folder, outside the database: whoever can only write the
database cannot compute a chain that verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils.translation import gettext as _

from bihuan.base.trail import keyfile

if TYPE_CHECKING:
    from bihuan.base.trail.models import Entry


class TrailError(Exception):
    """The trail cannot be written or read as it stands; the message says what to do."""


def key_path() -> Path:
    """Where the trail's key lies."""
    return Path(settings.BIHUAN_HOME) / "keys" / "trail.key"


def key(*, make: bool = False) -> bytes:
    """The trail's key. With ``make`` it is made when missing; otherwise a missing key is a ``TrailError``."""
    path = key_path()
    if make and not path.exists():
        keyfile.make_once(path, secrets.token_hex(32))
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (FileNotFoundError, ValueError) as exc:
        raise TrailError(
            _(
                "The trail's key %(path)s is missing or unreadable. Put it back from the backup: without it "
                "the entries that stand cannot be checked and new ones would not fit."
            )
            % {"path": path}
        ) from exc


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> bytes:
    return bytes.fromhex(path.read_text().strip())


def seal(entry: Entry, chain: str, secret: bytes) -> str:
    """The hash that ``entry`` must carry."""
    fields = {
        "chain": chain,
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": None if entry.actor_id is None else str(entry.actor_id),
        "actor_label": entry.actor_label,
        "verb": entry.verb,
        "subject": [entry.subject_kind, entry.subject_id, entry.subject_label],
        "place": entry.place,
        "detail": canonical(entry.detail),
        "previous": entry.previous,
    }
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        if isinstance(o, Model):
            return str(o.pk)
        if isinstance(o, set | frozenset):
            return sorted(o, key=str)
        return super().default(o)


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it: dates, decimals, records and lazy texts become text."""
    return canonical(json.loads(json.dumps(value, cls=_Encoder)))


def canonical(value: Any) -> Any:
    """The same for everything a database may hand back for one JSON value.

    PostgreSQL keeps numbers by value, so that ``1e3`` comes back as ``1000``; and it stores neither the NUL
    character nor half of a surrogate pair.
    """
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return str(value)
        return int(value) if value.is_integer() else value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): canonical(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def clean(text: str) -> str:
    """``text`` without what PostgreSQL cannot store."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()
