"""What a text file is: its encoding and its delimiter, found from the bytes."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

SAMPLE = 256 * 1024
BLOCK = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = (",", "\t", ";", "|")


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked when it is a gzip (told by its first two bytes, not by its name)."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def blocks(path: Path) -> Iterator[bytes]:
    """The file in pieces of one megabyte."""
    with open_bytes(path) as file:
        while piece := file.read(BLOCK):
            yield piece


def decodes(path: Path, encoding: str) -> bool:
    """Whether every byte of the file is valid in ``encoding``."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        for piece in blocks(path):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _without_bom_utf16(sample: bytes) -> str | None:
    """UTF-16 written without its mark: every second byte of plain Latin text is zero."""
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    return "utf-16-le" if odd > even else "utf-16-be"


def candidates(sample: bytes) -> list[str]:
    """Encodings worth trying, the likeliest first."""
    for bom, name in BOMS:
        if sample.startswith(bom):
            return [name, "gb18030"]
    if wide := _without_bom_utf16(sample):
        return [wide]
    found = ["utf-8", "gb18030"]
    best = from_bytes(sample[: 64 * 1024]).best()
    if best is not None and best.encoding not in {"ascii", "utf_8"}:
        name = best.encoding
        # GB2312 and GBK are parts of GB18030; Big5 comes before it only where it looks likelier.
        if name in {"big5", "big5hkscs", "cp950"}:
            found.insert(1, name)
        elif not name.startswith("gb"):
            found.append(name)
    return found


def encoding_of(path: Path) -> str | None:
    """The first candidate in which the whole file decodes strictly; ``None`` when there is none."""
    with open_bytes(path) as file:
        sample = file.read(SAMPLE)
    if not sample:
        return "utf-8"
    return next((name for name in candidates(sample) if decodes(path, name)), None)


def head_text(path: Path, encoding: str, size: int = SAMPLE) -> str:
    """The first ``size`` bytes as text, a cut last character left off."""
    with open_bytes(path) as file:
        raw = file.read(size)
    return codecs.getincrementaldecoder(encoding)(errors="strict").decode(raw).lstrip("\ufeff")


def records(text: str, delimiter: str, limit: int) -> list[list[str]]:
    """The first ``limit`` records of ``text``, quoted line breaks kept inside their cell."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == limit:
                break
    except csv.Error:
        pass
    return rows


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the first records into the same number of cells, and into the most."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in records(text, delimiter, 30) if any(row)]
        if not widths:
            return (0.0, 0)
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)

    return max(DELIMITERS, key=fit) if any(fit(d)[1] > 1 for d in DELIMITERS) else ","


class Transcoded(io.RawIOBase):
    """A readable stream of UTF-8 made from a file in another encoding, a block at a time."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = open_bytes(path)
        self._plain = encoding in {"utf-8", "utf-8-sig", "ascii"}
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
        self._left = b""
        self._first = True
        self._done = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self) -> bytes:
        raw = self._file.read(BLOCK)
        self._done = not raw
        piece = raw if self._plain else self._decoder.decode(raw, final=not raw).encode()
        if self._first and piece:
            piece, self._first = piece.removeprefix(codecs.BOM_UTF8), False
        return piece

    def read(self, size: int = -1) -> bytes:
        parts = [self._left]
        have = len(self._left)
        while not self._done and (size < 0 or have < size):
            parts.append(self._next())
            have += len(parts[-1])
        data = b"".join(parts)
        if size < 0:
            self._left = b""
            return data
        self._left = data[size:]
        return data[:size]

    def readinto(self, buffer) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
