"""PDF through typst: a template, its data and its charts become one file that is the same for the same input.

Templates lie in the ``documents`` folder of each room and import ``base.typ`` from here. Most reports need no
template of their own: ``documents/report.typ`` sets a list of blocks (verdict, figures, chart, table, ...).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from bihuan.base.documents import charts

HERE = Path(__file__).parent
SPRITE = HERE / "static" / "documents" / "status.svg"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class About:
    """What stands in the foot of every page, so that a printed sheet can be traced to its numbers."""

    title: str
    company: str = ""
    cycle: str = ""
    standard: str = ""
    snapshot: int | None = None
    made_at: datetime | None = None
    band: str = ""


class DocumentError(RuntimeError):
    """The document could not be set; the message names the template and the place."""


def render(
    template: str | Path,
    data: Mapping[str, Any],
    *,
    language: str,
    about: About,
    drawings: Mapping[str, charts.Spec] | None = None,
) -> bytes:
    """Set a document.

    ``template`` is a path, or ``room/name.typ`` for a file in the ``documents`` folder of that room.
    ``drawings`` are charts by the name under which the template asks for them. The fingerprint in the foot is
    that of data and charts; the file repeats byte for byte while they and ``about`` stay the same.
    """
    drawn = {name: charts.svg(spec) for name, spec in (drawings or {}).items()}
    with override(language):
        plain = json.dumps(data, default=_plain, ensure_ascii=False, sort_keys=True, allow_nan=False)
        mark = fingerprint(plain, *(drawn[name] for name in sorted(drawn)))
        everything = json.dumps({**json.loads(plain), **_frame(about, mark, language)}, ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="bihuan-pdf-") as folder:
        root = Path(folder)
        main = _lay_out(root, find(template), everything, drawn)
        return _compile(root, main, about.made_at or LONG_AGO)


def find(template: str | Path) -> Path:
    """The file of a template."""
    if isinstance(template, Path):
        return template
    label, _slash, name = template.partition("/")
    return Path(apps.get_app_config(label).path) / "documents" / name


def fingerprint(*parts: str) -> str:
    """The SHA-256 of texts, in hexadecimal."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def short(mark: str) -> str:
    """A fingerprint for the eye: its first and last four figures in pairs of four, ``9f3c 71ab … 04de``."""
    return f"{mark[:4]} {mark[4:8]} … {mark[-4:]}"


def _frame(about: About, mark: str, language: str) -> dict[str, Any]:
    foot = [
        about.company,
        about.cycle,
        about.standard and _("Standard %(version)s") % {"version": about.standard},
        "" if about.snapshot is None else _("Snapshot %(number)d") % {"number": about.snapshot},
        _("Fingerprint %(mark)s") % {"mark": short(mark)},
    ]
    chinese = language.startswith("zh")
    return {
        "title": about.title,
        "author": about.company or "Bihuan 闭环",
        "band": about.band,
        "foot": [part for part in foot if part],
        "fingerprint": mark,
        "lang": "zh" if chinese else "en",
        "region": "cn" if chinese else "gb",
        "words": {
            "page": _("Page {n} of {m}"),
            "heat": _(
                "▼▼ below the floor, ▼ surely below target, ▽ a little below but within error,"
                " ▲ surely above target, no sign: reached."
            ),
        },
    }


def _plain(value: Any) -> Any:
    """What JSON does not know: lazy texts, dataclasses, dates and tuples."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Promise | Path):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be handed to a document")


def _lay_out(root: Path, template: Path, data: str, drawn: Mapping[str, str]) -> Path:
    """Put everything the document reads into one folder, outside of which typst may not look."""
    if not template.is_file():
        raise DocumentError(f"{template}: there is no such template")
    shutil.copy(HERE / "documents" / "base.typ", root / "base.typ")
    main = root / "main.typ"
    shutil.copy(template, main)
    (root / "data.json").write_text(data, encoding="utf-8")
    for folder, files in (("glyphs", glyphs()), ("charts", drawn)):
        (root / folder).mkdir()
        for name, text in files.items():
            (root / folder / f"{name}.svg").write_text(text, encoding="utf-8")
    return main


@cache
def glyphs() -> dict[str, str]:
    """Each status glyph as an SVG of its own, with the colour left open as ``currentColor``."""
    found = re.findall(r'<symbol id="(\w+)" (viewBox="[^"]*")>(.*?)</symbol>', SPRITE.read_text(), re.S)
    return {name: f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{body}</svg>' for name, box, body in found}


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(charts.FONTS)]
    )


def _compile(root: Path, main: Path, made_at: datetime) -> bytes:
    import typst

    try:
        pdf, warnings = typst.compile_with_warnings(
            str(main),
            root=str(root),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            timestamp=int(made_at.timestamp()),
            pdf_standards=["a-2a"],
        )
    except typst.TypstError as exc:
        raise DocumentError("\n".join([exc.message, *exc.hints, *exc.trace])) from exc
    if warnings:  # a missing font or an unknown letter would otherwise vanish silently
        raise DocumentError("\n".join(warning.message for warning in warnings))
    return bytes(pdf)
