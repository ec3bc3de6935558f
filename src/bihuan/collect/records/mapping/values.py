"""Cells to values: text, numbers, flags, words; each with the rows that do not fit."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.archive.schema import Column
from bihuan.collect.records.mapping import tables, times

if TYPE_CHECKING:
    from bihuan.collect.records.mapping.problems import Problems
    from bihuan.collect.records.mapping.spec import ColumnRule

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
NOTHING = pa.scalar(None, pa.string())


def mask_of(condition: pa.Array) -> np.ndarray:
    """A boolean column as a mask; null is false."""
    return pc.fill_null(condition, False).to_numpy(zero_copy_only=False)


def clean(column: pa.ChunkedArray | pa.Array, empty: frozenset[str] | tuple[str, ...] = ()) -> pa.Array:
    """One text column: trimmed, null where there is nothing or a word for nothing."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    text = pc.utf8_trim_whitespace(column)
    # the mark with which our own downloads, and spreadsheets, keep a text from being a formula
    text = pc.replace_substring_regex(text, r"^'([=+\-@＝＋－＠])", r"\1")
    gone = pc.is_in(text, pa.array(["", *empty], pa.string()))
    return pc.if_else(gone, NOTHING, text)


def translate(texts: pa.Array, rule: ColumnRule, column: Column, table: str) -> tuple[pa.Array, np.ndarray]:
    """Apply a rule's ``values`` and the words of the table; the mask says which cells nobody knows."""
    known = tables.words_for(table, column.name)
    if not rule.values and not known and not rule.template:
        return texts, np.zeros(len(texts), dtype=bool)
    coded = texts.dictionary_encode()
    words = coded.dictionary.to_pylist()
    out, unknown = [], []
    for word in words:
        value, strange = _translate(word, rule, known)
        out.append(value if value is None or not rule.template else rule.template.replace("{}", value))
        unknown.append(strange)
    indices = coded.indices
    new = pa.array(out, pa.string()).take(indices)
    strange = pa.array(unknown, pa.bool_()).take(indices)
    return new, mask_of(strange)


def _translate(word: str, rule: ColumnRule, known: dict[str, str]) -> tuple[str | None, bool]:
    if word in rule.values:
        return rule.values[word], False
    if rule.values and rule.otherwise == "empty":
        return None, False
    if rule.values and rule.otherwise == "reject":
        return None, True
    if known:
        return known.get(word.lower()), word.lower() not in known
    return word, False


def numbers(texts: pa.Array, percent: str) -> tuple[pa.Array, np.ndarray]:
    """Numbers written as people write them: ``1,234``, ``85%``, ``１２``, ``−3``."""
    if not pc.all(pc.fill_null(pc.string_is_ascii(texts), True)).as_py():
        texts = pc.utf8_normalize(texts, form="NFKC")
        texts = pc.replace_substring(texts, "−", "-")
    parts = texts
    grouped = times.matches(parts, GROUPED) if pc.any(pc.match_substring(parts, ",")).as_py() else None
    if grouped is not None:
        parts = pc.if_else(pa.array(grouped), pc.replace_substring(parts, ",", ""), parts)
    share = mask_of(pc.ends_with(parts, "%"))
    if share.any():
        parts = pc.utf8_trim_whitespace(pc.replace_substring_regex(parts, r"%$", ""))
    good = times.matches(parts, NUMBER)
    value = pc.if_else(pa.array(good), parts, NOTHING).cast(pa.float64())
    if share.any() and percent == "fraction":
        value = pc.if_else(pa.array(share), pc.divide(value, 100.0), value)
    return value, ~good & mask_of(pc.is_valid(texts))


def flags(texts: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Yes and no in the words files use."""
    lower = pc.utf8_lower(texts)
    yes = pc.is_in(lower, pa.array(tables.YES))
    no = pc.is_in(lower, pa.array(tables.NO))
    value = pc.if_else(yes, True, pc.if_else(no, False, pa.scalar(None, pa.bool_())))
    return value, mask_of(pc.and_(pc.is_valid(texts), pc.is_null(value)))


def convert(
    texts: pa.Array, rule: ColumnRule, column: Column, table: str, zone: str, problems: Problems, heading: Any
) -> pa.Array:
    """Turn the cells of one column into the target's type, noting what does not fit.

    ``heading`` gives, for a row's place in the chunk, the name of the column a person would look at.
    """
    shown = texts
    if rule.empty:
        texts = clean(texts, rule.empty)
    if rule.values or rule.template or column.type == pa.string():
        texts, strange = translate(texts, rule, column, table)
        _unknown(strange, shown, rule, column, table, problems, heading)
    if rule.blank is not None:
        texts = pc.fill_null(texts, rule.blank)
    if column.type == pa.string():
        return texts
    extra: dict[str, str] = {}
    if column.type == pa.float64():
        value, wrong = numbers(texts, rule.percent)
        code = "number"
    elif column.type == pa.bool_():
        value, wrong = flags(texts)
        code = "flag"
    else:
        value = times.parse(texts, rule.time, rule.zone or zone)
        wrong = mask_of(pc.and_(pc.is_valid(texts), pc.is_null(value)))
        code, extra = "time", {"example": example(rule.time)}
    for i in np.flatnonzero(wrong):
        problems.one(int(i), heading(int(i)), code, {"value": shown[int(i)].as_py(), **extra})
    if rule.between is not None and column.type == pa.float64():
        _outside(value, rule.between, shown, problems, heading)
    return value


def example(formats: tuple[str, ...]) -> str:
    """A time written in the first of the formats."""
    import datetime as dt

    first = formats[0]
    return dt.datetime(2026, 7, 31, 14, 5).strftime(
        "%Y-%m-%d %H:%M" if first in {"auto", "iso", "excel"} else first
    )


def _unknown(
    strange: np.ndarray,
    shown: pa.Array,
    rule: ColumnRule,
    column: Column,
    table: str,
    problems: Problems,
    heading: Any,
) -> None:
    allowed = list(rule.values) if rule.values else list(tables.WORDS.get(table, {}).get(column.name, {}))
    for i in np.flatnonzero(strange):
        word = shown[int(i)].as_py()
        near = next(iter(difflib.get_close_matches(word, allowed, 1, 0.6)), "")
        some = ", ".join(allowed[:8]) + ("…" if len(allowed) > 8 else "")
        problems.one(int(i), heading(int(i)), "word", {"value": word, "allowed": some, "near": near})


def _outside(
    value: pa.Array,
    between: tuple[float | None, float | None],
    shown: pa.Array,
    problems: Problems,
    heading: Any,
) -> None:
    low, high = between
    wrong = np.zeros(len(value), dtype=bool)
    if low is not None:
        wrong |= mask_of(pc.less(value, float(low)))
    if high is not None:
        wrong |= mask_of(pc.greater(value, float(high)))
    for i in np.flatnonzero(wrong):
        params = {"value": shown[int(i)].as_py(), "low": low, "high": high}
        problems.one(int(i), heading(int(i)), "scale", params)
