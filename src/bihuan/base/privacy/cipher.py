"""Values under AES-256-GCM, and the keyed hashes that let an exact value be found without reading it.

A stored value is ``k1$`` and the base64 of nonce, ciphertext and tag. The key's id and the field it belongs
to are authenticated with it, so that a value moved to another field, or under another key, does not decrypt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from bihuan.base.privacy import keys
from bihuan.base.privacy.keys import Key, PrivacyError

NONCE = 12


def encrypt(text: str, context: str) -> str:
    """``text`` under the current key, bound to ``context`` (model and field)."""
    key = keys.ring().key
    nonce = secrets.token_bytes(NONCE)
    sealed = _aes(key.encrypt).encrypt(nonce, text.encode(), _aad(key.id, context))
    return f"{key.id}${base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, context: str) -> str:
    """What ``encrypt`` was given. ``PrivacyError`` when it was changed, moved, or its key is gone."""
    key_id, sign, body = stored.partition("$")
    if not sign:
        raise _unreadable(context)
    key = keys.ring().get(key_id)
    try:
        raw = base64.b64decode(body, altchars=b"-_", validate=True)
        return _aes(key.encrypt).decrypt(raw[:NONCE], raw[NONCE:], _aad(key_id, context)).decode()
    except (InvalidTag, binascii.Error, ValueError) as exc:
        raise _unreadable(context) from exc


def blind(text: str, context: str, key: Key | None = None) -> str:
    """The keyed hash of ``text`` under ``key`` (the current one when not given), with the key's id."""
    key = key or keys.ring().key
    digest = hmac.new(key.index, f"{context}\0{text}".encode(), hashlib.sha256).hexdigest()
    return f"{key.id}${digest}"


def blinds(text: str, context: str) -> list[str]:
    """The hashes that ``text`` may be stored under: one, or one per key while keys are being rotated."""
    ring = keys.ring()
    live = ring.newest_first if ring.rotating else (ring.key,)
    return [blind(text, context, key) for key in live]


def _aad(key_id: str, context: str) -> bytes:
    return f"{key_id}|{context}".encode()


@lru_cache(maxsize=16)
def _aes(secret: bytes) -> AESGCM:
    return AESGCM(secret)


def _unreadable(context: str) -> PrivacyError:
    return PrivacyError(
        _(
            "A value of %(field)s does not decrypt: it was changed outside the program, moved from another "
            "field, or the key file belongs to another database."
        )
        % {"field": context}
    )
