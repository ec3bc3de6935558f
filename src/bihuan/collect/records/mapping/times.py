"""Text to instants: whole columns at once, impossible days refused."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

INSTANT = pa.timestamp("us", tz="UTC")
NAIVE = pa.timestamp("us")
ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
OFFSET = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$"
SERIAL = r"^\d{5}(\.\d+)?$"
AUTO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H", "%Y-%m-%d", "%Y%m%d", "%Y%m%d%H%M%S")
# Only from these months can a day that does not exist run over, and only into these days.
AFTER_SHORT_MONTHS = (3, 5, 7, 10, 12)


def matches(texts: pa.Array, pattern: str) -> np.ndarray:
    """Which texts match; null does not."""
    return pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_numpy(zero_copy_only=False)


def plain(texts: pa.Array) -> pa.Array:
    """Full-width characters and Chinese signs of dates brought to the plain form ``2026-7-3 14:05``."""
    if not pc.all(pc.fill_null(pc.string_is_ascii(texts), True)).as_py():
        texts = pc.utf8_normalize(texts, form="NFKC")
        texts = pc.replace_substring_regex(texts, r"[年月]", "-")
        texts = pc.replace_substring_regex(texts, r"[日号]\s*", " ")
        texts = pc.replace_substring_regex(texts, r"[时點点]", ":")
        texts = pc.replace_substring_regex(texts, r"分(\d{1,2})秒", r":\1")
        texts = pc.replace_substring_regex(texts, r"分$", "")
        texts = pc.utf8_trim_whitespace(texts)
    texts = pc.replace_substring_regex(texts, r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", r"\1-\2-\3")
    texts = pc.replace_substring_regex(texts, r"^(\d{4}-\d{1,2}-\d{1,2})T", r"\1 ")
    return pc.replace_substring_regex(texts, r"(:\d{2})\.\d+$", r"\1")


@lru_cache(maxsize=65_536)
def _exists(text: str, pattern: str) -> bool:
    try:
        dt.datetime.strptime(text.strip(), pattern)
    except ValueError:
        return False
    return True


def strptime(texts: pa.Array, pattern: str) -> pa.Array:
    """Naive instants; null where the text does not fit or the day does not exist (30 February)."""
    found = pc.strptime(texts, format=pattern, unit="us", error_is_null=True)
    suspects = pc.and_(
        pc.less_equal(pc.day(found), 3), pc.is_in(pc.month(found), pa.array(AFTER_SHORT_MONTHS, pa.int64()))
    )
    where = np.flatnonzero(pc.fill_null(suspects, False).to_numpy(zero_copy_only=False))
    wrong = [i for i in where if not _exists(texts[i].as_py(), pattern)]
    if wrong:
        mask = np.zeros(len(texts), dtype=bool)
        mask[wrong] = True
        found = pc.if_else(pa.array(mask), pa.scalar(None, NAIVE), found)
    return found


def to_utc(naive: pa.Array, zone: str) -> pa.Array:
    """Local times of ``zone`` as UTC; an hour that comes twice is the first, one left out is the next."""
    if zone in {"UTC", "Etc/UTC"}:
        return naive.cast(INSTANT)
    local = pc.assume_timezone(naive, timezone=zone, ambiguous="earliest", nonexistent="latest")
    return local.cast(INSTANT)


def parse(texts: pa.Array, formats: tuple[str, ...], zone: str) -> pa.Array:
    """Texts to instants in UTC; null where there is nothing or where no format fits.

    The formats are tried in order; after them ISO 8601 with an offset is always understood, because that is
    how times come out of Excel and Parquet. ``auto`` stands for the usual numeric and Chinese forms,
    ``excel`` for days since 1899-12-30.
    """
    out = pa.nulls(len(texts), INSTANT)
    for pattern in (*formats, "iso"):
        open_ = pc.and_(pc.is_null(out), pc.is_valid(texts))
        if not pc.any(open_).as_py():
            break
        left = pc.if_else(open_, texts, pa.scalar(None, pa.string()))
        out = pc.coalesce(out, _one(left, pattern, zone))
    return out


def _one(texts: pa.Array, pattern: str, zone: str) -> pa.Array:
    if pattern == "auto":
        return _auto(texts, zone)
    if pattern == "iso":
        return _iso(texts, zone)
    if pattern == "excel":
        return to_utc(_serial(texts), zone)
    return to_utc(strptime(texts, pattern), zone)


def _auto(texts: pa.Array, zone: str) -> pa.Array:
    texts = plain(texts)
    out = pa.nulls(len(texts), NAIVE)
    for pattern in AUTO:
        left = pc.if_else(pc.is_null(out), texts, pa.scalar(None, pa.string()))
        if left.null_count == len(left):
            break
        out = pc.coalesce(out, strptime(left, pattern))
    return pc.coalesce(to_utc(out, zone), to_utc(_serial(texts), zone))


def _iso(texts: pa.Array, zone: str) -> pa.Array:
    iso = pc.replace_substring_regex(texts, r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})$", r"\1 \2:00")
    naive = pa.nulls(len(iso), NAIVE)
    here = matches(iso, ISO)
    if here.any():
        cut = pc.replace_substring_regex(iso, r"\.\d+$", "").filter(pa.array(here))
        cut = pc.replace_substring(cut, "T", " ")
        found = pc.coalesce(strptime(cut, "%Y-%m-%d %H:%M:%S"), strptime(cut, "%Y-%m-%d"))
        naive = _scatter(found, here)
    out = to_utc(naive, zone)
    offset = matches(iso, OFFSET)
    if offset.any():
        found = [_with_offset(t) for t in iso.filter(pa.array(offset)).to_pylist()]
        out = pc.coalesce(out, _scatter(pa.array(found, INSTANT), offset))
    return out


@lru_cache(maxsize=65_536)
def _with_offset(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _serial(texts: pa.Array) -> pa.Array:
    """Excel's day numbers between 1927 and 2173, the only thing five digits can mean in a column of times."""
    here = matches(texts, SERIAL)
    days = pc.if_else(pa.array(here), texts, pa.scalar(None, pa.string())).cast(pa.float64())
    seconds = pc.cast(pc.round(pc.multiply(pc.subtract(days, 25_569.0), 86_400.0)), pa.int64())
    return pc.multiply(seconds, 1_000_000).cast(NAIVE)


def _scatter(values: pa.Array, where: np.ndarray) -> pa.Array:
    """Spread ``values`` over the true places of ``where``; null elsewhere."""
    index = np.cumsum(where) - 1
    return values.take(pa.array(index, mask=~where))
