"""What came in with a request, as a file on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def on_disk(upload: Any) -> Iterator[Path]:
    """The path of an uploaded file; a small one, held in memory until now, is written first."""
    known = getattr(upload, "temporary_file_path", None)
    if known is not None:
        yield Path(known())
        return
    with tempfile.NamedTemporaryFile(prefix="bihuan-import-") as file:
        for piece in upload.chunks():
            file.write(piece)
        file.flush()
        yield Path(file.name)
