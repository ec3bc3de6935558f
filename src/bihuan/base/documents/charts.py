"""Charts: one Altair chart or Vega-Lite spec becomes SVG for the page, SVG and PNG for documents.

The converter runs in this process and fetches nothing. What it made is kept by the hash of its input, in
memory and under ``cache/charts`` in the home folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
from django.conf import settings
from django.utils.html import escape

from bihuan.base.documents.theme import FONT, THEME

FONTS = Path(__file__).parent / "fonts"
PER_FOLDER = 60  # the file cache has 256 folders; the oldest files of a full one go
_FORMAT = 2  # raise it when the cleaning below changes, so that nothing old is served

STRETCH = 1.25  # how far a page may enlarge a chart, so that its text stays text
SIZES = (340, 520)  # the widths, besides its own, in which a page carries a chart: a phone, a narrow card


@dataclass(frozen=True)
class Drawing:
    """A chart that lays itself out anew for each width, so that its text stays readable on a phone."""

    width: int
    draw: Callable[[int], dict[str, Any]]

    def to_dict(self, **_options: Any) -> dict[str, Any]:
        """The spec at the chart's own width."""
        return self.draw(self.width)


Spec = alt.TopLevelMixin | dict[str, Any] | Drawing


@cache
def converter() -> Any:
    """The converter, with our fonts known to it: a missing font makes text vanish silently."""
    import vl_convert

    if not (FONTS / "NotoSansSC-Regular.ttf").exists():
        raise RuntimeError(f"the chart font is missing in {FONTS}; install the package again")
    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


def as_json(spec: Spec) -> str:
    """The spec with our theme, in one canonical text."""
    plain = spec if isinstance(spec, dict) else spec.to_dict(validate=False)
    own = {key: value for key, value in plain.items() if key != "config"}
    given = plain.get("config", {})  # Altair adds the size of its own default view
    config = {**THEME, **{key: value for key, value in given.items() if key != "view"}}
    return json.dumps({**own, "config": config}, sort_keys=True, ensure_ascii=False, default=str)


def svg(spec: Spec) -> str:
    """SVG for documents: the text names the font that documents carry."""
    return _kept(as_json(spec), "svg").decode()


def png(spec: Spec, *, scale: float = 2.0) -> bytes:
    """PNG on white for what cannot take SVG, at ``scale`` times the drawn size."""
    plain = json.loads(as_json(spec))
    plain["config"]["background"] = "#ffffff"  # see-through areas lose their colour on a see-through ground
    return _kept(as_json(plain), f"png{scale:g}")


def page_svgs(spec: Spec, *, label: str) -> list[str]:
    """The chart for a page in each width it may get, the narrowest first."""
    if not isinstance(spec, Drawing):
        return [page_svg(spec, label=label)]
    widths = [*(size for size in SIZES if size < spec.width - 60), spec.width]
    return [page_svg(spec.draw(width), label=label) for width in widths]


def page_svg(spec: Spec, *, label: str) -> str:
    """SVG to stand in a page: it scales, takes the page's font, carries its label, has no inline style."""
    return _for_page(as_json(spec), label)


@lru_cache(maxsize=256)
def _for_page(spec: str, label: str) -> str:
    drawn = _kept(spec, "svg").decode().replace(f'font-family="{FONT}"', 'font-family="inherit"')
    drawn = drawn.replace(f"font-family='{FONT}'", 'font-family="inherit"')
    head, body = re.match(r"\s*<svg([^>]*)>(.*)", drawn, re.S).groups()  # type: ignore[union-attr]
    box = re.search(r'viewBox="[^"]*"', head)
    if box is None:
        raise ValueError("the converter gave an SVG without a viewBox")
    name = escape(label)
    widest = round(STRETCH * float(box[0].split()[2]))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box[0]} width="{widest}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{body}"
    )


@lru_cache(maxsize=256)
def _kept(spec: str, kind: str) -> bytes:
    """What was made of the spec before, or make it now."""
    text = f"{_FORMAT}\0{converter().__version__}\0{kind}\0{spec}"
    name = hashlib.sha256(text.encode()).hexdigest()
    path = Path(settings.BIHUAN_HOME) / "cache" / "charts" / name[:2] / f"{name[2:]}.{kind[:3]}"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        made = _make(spec, kind)
        _keep(path, made)
        return made


def _make(spec: str, kind: str) -> bytes:
    version = alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]
    if kind == "svg":
        return _without_style(
            converter().vegalite_to_svg(spec, vl_version=version, allowed_base_urls=[])
        ).encode()
    scale = float(kind.removeprefix("png"))
    return converter().vegalite_to_png(spec, vl_version=version, scale=scale, allowed_base_urls=[])


def _keep(path: Path, made: bytes) -> None:
    """Write the file whole or not at all, and let the oldest ones of a full folder go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as target:
        target.write(made)
    Path(partial).replace(path)
    files = sorted(path.parent.glob("[!.]*"), key=lambda file: file.stat().st_mtime)
    for old in files[:-PER_FOLDER]:
        old.unlink(missing_ok=True)


def _without_style(text: str) -> str:
    """Turn ``style="a: b"`` into attributes, as the pages' content policy asks, and drop what is idle."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(text)
    for element in root.iter():
        style = element.attrib.pop("style", "")
        for part in filter(None, (piece.strip() for piece in style.split(";"))):
            key, _colon, value = part.partition(":")
            element.set(key.strip(), value.strip())
        for idle in ("class", "aria-roledescription", "role", "aria-label", "aria-hidden"):
            element.attrib.pop(idle, None)
    return ElementTree.tostring(root, encoding="unicode")
