"""What is wrong and how to mend it, as sentences in the reader's language, made from code and params."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

ROW: dict[str, tuple[Any, Any]] = {
    "cells": (
        gettext_lazy("%(got)s cells, and the heading has %(want)s"),
        gettext_lazy("put text that holds a comma or a line break in double quotes"),
    ),
    "missing": (
        pgettext_lazy("cell", "empty"),
        gettext_lazy("fill it in; without it the row belongs nowhere"),
    ),
    "number": (
        gettext_lazy("“%(value)s” is not a number"),
        gettext_lazy("write digits only, such as 1234.5; leave it empty when there is none"),
    ),
    "flag": (
        gettext_lazy("“%(value)s” is neither yes nor no"),
        gettext_lazy("write yes or no, or leave it empty"),
    ),
    "time": (
        gettext_lazy("“%(value)s” is not a time, or a day that does not exist"),
        gettext_lazy("write it like %(example)s"),
    ),
    "word": (
        gettext_lazy("“%(value)s” is not one of the words known here"),
        gettext_lazy("write one of: %(allowed)s"),
    ),
    "word_near": (
        gettext_lazy("“%(value)s” is not one of the words known here"),
        gettext_lazy("did you mean “%(near)s”?"),
    ),
    "scale": (
        gettext_lazy("%(value)s is outside %(low)s–%(high)s"),
        gettext_lazy("write %(low)s to %(high)s; leave it empty when there was no mark"),
    ),
    "scale_low": (
        gettext_lazy("%(value)s is below %(low)s"),
        gettext_lazy("write %(low)s or more, or leave it empty"),
    ),
    "scale_high": (
        gettext_lazy("%(value)s is above %(high)s"),
        gettext_lazy("write %(high)s or less, or leave it empty"),
    ),
    "before": (
        gettext_lazy("%(value)s is earlier than “%(other)s” (%(since)s)"),
        gettext_lazy("compare the two times and correct the one that was written wrong"),
    ),
    "negative": (gettext_lazy("%(value)s minutes: less than none"), gettext_lazy("correct the two times")),
    "too_early": (
        gettext_lazy("%(value)s lies before %(limit)s"),
        gettext_lazy("look at the year: was a digit left out?"),
    ),
    "too_late": (
        gettext_lazy("%(value)s lies in the future"),
        gettext_lazy("look at the year and the month; only what has happened can go in"),
    ),
    "calendar": (
        gettext_lazy("there is no working calendar “%(value)s”"),
        gettext_lazy("write the code of a calendar, or 24h for the clock"),
    ),
    "cycle": (
        gettext_lazy("“%(value)s” names no quarter and no year"),
        gettext_lazy("write it like 2026Q3 or 2026, or add it to the mapping"),
    ),
    "twice": (
        gettext_lazy("“%(value)s” stands in row %(first)s already"),
        gettext_lazy("keep one of the two rows; if they are two things, give each its own number"),
    ),
    "place": (
        gettext_lazy("no “%(value)s” among your places"),
        gettext_lazy(
            "write the name or code as it stands in the place tree, or have the place entered first"
        ),
    ),
    "place_near": (gettext_lazy("no “%(value)s” among your places"), gettext_lazy("change it to “%(near)s”")),
}

FILE: dict[str, Any] = {
    "file_missing": gettext_lazy("There is no file “%(name)s”. Check the path and send it again."),
    "file_empty": gettext_lazy("“%(name)s” holds nothing. Check that it was saved, then send it again."),
    "file_encoding": gettext_lazy(
        "The text cannot be read as %(encoding)s. Save the file as “CSV UTF-8” or as Excel and send it again."
    ),
    "file_sheet": gettext_lazy(
        "The workbook has no sheet “%(sheet)s”. It has: %(sheets)s. Choose one of them."
    ),
    "file_header": gettext_lazy("Row %(row)s holds no headings. Tell which row does."),
    "file_broken": gettext_lazy(
        "The file cannot be read to its end (%(detail)s). Export it anew and send it once more."
    ),
    "file_columns": gettext_lazy("The file lacks columns the mapping needs: %(columns)s."),
    "file_rows": gettext_lazy("The file has headings and no rows below them. Send one with rows."),
    "file_calendar": gettext_lazy(
        "There is no working calendar “%(value)s”. Make it under calendars, or correct the mapping."
    ),
    "archive": gettext_lazy("The archive did not take the rows: %(detail)s"),
}

MAPPING: dict[str, Any] = {
    "mapping_yaml": gettext_lazy(
        "Line %(line)s is not YAML (%(detail)s). Look at its indents, quotes and colons."
    ),
    "mapping_key": gettext_lazy("“%(key)s” is not known here. Known are: %(allowed)s."),
    "mapping_key_near": gettext_lazy("“%(key)s” is not known here. Did you mean “%(near)s”?"),
    "mapping_missing": gettext_lazy("“%(key)s” is missing. Add it."),
    "mapping_choice": gettext_lazy("“%(value)s” is not one of: %(allowed)s. Write one of them."),
    "mapping_pattern": gettext_lazy("“%(value)s” does not fit. It must match %(pattern)s."),
    "mapping_type": gettext_lazy("The value is of the wrong kind. Write: %(wanted)s."),
    "mapping_length": gettext_lazy("There is nothing here, or too much. Compare it with the examples."),
    "mapping_own": gettext_lazy("“%(target)s” is filled by the import itself. Leave it out."),
    "mapping_target": gettext_lazy("The table %(table)s has no column “%(target)s”. Leave it out."),
    "mapping_target_near": gettext_lazy(
        "The table %(table)s has no column “%(target)s”. Did you mean “%(near)s”?"
    ),
    "mapping_required": gettext_lazy("Every row of %(table)s needs “%(target)s”. Say which column holds it."),
    "mapping_zone": gettext_lazy("There is no time zone “%(zone)s”. Write one such as Asia/Shanghai."),
    "mapping_regex": gettext_lazy("“%(value)s” is not a regular expression: %(detail)s."),
    "mapping_reference": gettext_lazy(
        "“%(value)s” is filled by no column of this mapping. Name one that is."
    ),
}


@dataclass(frozen=True)
class Said:
    """One reason in words."""

    row: int
    column: str
    what: str
    how: str


def _variant(code: str, params: Mapping[str, Any]) -> str:
    """The sentence that fits what is known."""
    if code.startswith("place_"):
        return "place_near" if params.get("near") else "place"
    if code in {"word", "mapping_key", "mapping_target"}:
        return f"{code}_near" if params.get("near") else code
    if code == "scale":
        if params.get("low") is None:
            return "scale_high"
        return "scale_low" if params.get("high") is None else "scale"
    return code


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    """Whole numbers without ``.0``; long cells cut."""
    out = {}
    for key, value in params.items():
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and len(value) > 60:
            value = f"{value[:57]}…"
        out[key] = value
    return out


def say(row: int, column: str, code: str, params: Mapping[str, Any]) -> Said:
    """One reason in the language of the page."""
    if code == "rule":
        chinese = not (get_language() or "zh").startswith("en")
        sentence = params["zh" if chinese else "en"]
        return Said(row, column, _shown(params)["value"], sentence)
    what, how = ROW[_variant(code, params)]
    shown = _shown(params)
    return Said(row, column, str(what) % shown, str(how) % shown)


def say_file(code: str, params: Mapping[str, Any]) -> str:
    """Why a whole file was sent back."""
    if code == "mapping":
        return " ".join(say_mapping(path, inner, detail) for path, inner, detail in params["problems"])
    if code == "file_columns":
        parts = [
            _("“%(column)s” (the nearest one there is “%(near)s”)") % {"column": c, "near": near}
            if near
            else _("“%(column)s”") % {"column": c}
            for c, near in params["columns"]
        ]
        return str(FILE[code]) % {"columns": _(", ").join(parts)}
    return str(FILE[code]) % _shown(params)


def say_mapping(path: str, code: str, params: Mapping[str, Any]) -> str:
    """One problem of a mapping file, with its path."""
    sentence = str(MAPPING[_variant(code, params)]) % _shown(params)
    return _("%(path)s: %(sentence)s") % {"path": path, "sentence": sentence} if path else sentence


def label(code: str) -> str:
    """A short name of a reason, for counts."""
    return str(LABELS.get("place" if code.startswith("place_") else code, code))


LABELS: dict[str, Any] = {
    "cells": gettext_lazy("wrong number of cells"),
    "missing": gettext_lazy("required cell empty"),
    "number": gettext_lazy("not a number"),
    "flag": gettext_lazy("neither yes nor no"),
    "time": gettext_lazy("not a time"),
    "word": gettext_lazy("unknown word"),
    "scale": gettext_lazy("outside the scale"),
    "before": gettext_lazy("ends before it begins"),
    "negative": gettext_lazy("negative minutes"),
    "too_early": gettext_lazy("impossibly early"),
    "too_late": gettext_lazy("in the future"),
    "calendar": gettext_lazy("unknown calendar"),
    "cycle": gettext_lazy("unknown cycle"),
    "twice": gettext_lazy("key stands twice"),
    "place": gettext_lazy("unknown place"),
    "rule": gettext_lazy("turned away by the mapping"),
}
