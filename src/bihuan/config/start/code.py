"""The setup code: who holds it may set the first company up, so that no stranger who comes first can.

``bihuan serve`` makes it while nothing is set up and prints it; it lies in the home folder, where only
whoever runs the server reads it. As soon as a company is there the code is gone, and with it the page that
asks for it.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from bihuan.base.people.passwords import one_time_password


def path() -> Path:
    """Where the code is kept."""
    return Path(settings.BIHUAN_HOME) / "keys" / "setup-code.txt"


def keep() -> str:
    """The code of this home; made at the first call, the same until it is forgotten."""
    file = path()
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = file.with_suffix(f".{secrets.token_hex(4)}")
        partial.touch(mode=0o600)
        partial.write_text(one_time_password())
        with suppress(FileExistsError):  # whoever comes second reads what the first one wrote
            file.hardlink_to(partial)
        partial.unlink()
    return file.read_text().strip()


def waits() -> bool:
    """Whether a code lies there to be used."""
    return path().exists()


def fits(text: str) -> bool:
    """Whether this is the code; spaces, hyphens and capitals do not count."""
    try:
        kept = path().read_text()
    except FileNotFoundError:
        return False
    return secrets.compare_digest(_plain(text), _plain(kept)) and bool(_plain(kept))


def forget() -> None:
    """End it: a company is there."""
    path().unlink(missing_ok=True)


def _plain(text: str) -> bytes:
    return "".join(c for c in text.lower() if c.isalnum()).encode()
