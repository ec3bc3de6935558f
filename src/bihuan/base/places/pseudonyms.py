"""What stands for a unit in the archive, where no address may stand."""

from __future__ import annotations

from bihuan.base.privacy import cipher, keys

LENGTH = 24


def unit_key(code: str) -> str:
    """The pseudonym of the unit with this code: the same for ever, and of no use without the key file.

    The first key of the installation makes it, so that it does not change when keys are rotated.
    """
    first = keys.ring().keys[0]
    return cipher.blind(code, "places.unit_key", first).partition("$")[2][:LENGTH]
