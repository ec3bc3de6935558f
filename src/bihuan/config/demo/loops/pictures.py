"""Proof for the demo: photos and attendance sheets, drawn on the spot and marked as simulated."""

from __future__ import annotations

import io
from pathlib import Path

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from bihuan.base import documents

FONT = Path(documents.__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
WALL, FLOOR, SHELF, INK, PAPER = "#dfe4e8", "#b9c0c6", "#8a949c", "#39434b", "#ffffff"
GOODS = ("#4a7fa5", "#c9965b", "#6f9a77", "#b3574d", "#7d7a9c")


def photo(name: str, caption: str) -> ContentFile:
    """A picture of a filled store room with what it shows written under it."""
    picture = Image.new("RGB", (960, 720), WALL)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 560, 960, 720), fill=FLOOR)
    for row in range(3):
        top = 120 + row * 150
        for column in range(9):
            left = 110 + column * 84
            height = 60 + (row * 7 + column * 5) % 40
            pen.rectangle((left, top + 110 - height, left + 62, top + 110), fill=GOODS[(row + column) % 5])
        pen.rectangle((80, top + 110, 880, top + 122), fill=SHELF)
    pen.rectangle((0, 640, 960, 720), fill=INK)
    pen.text((30, 652), caption, font=ImageFont.truetype(str(FONT), 34), fill=PAPER)
    pen.text((760, 20), "模拟照片", font=ImageFont.truetype(str(FONT), 36), fill=INK)
    return _file(picture, name, "JPEG")


def sheet(name: str, title: str, lines: list[str]) -> ContentFile:
    """A one-page PDF with a title and lines, such as an attendance sheet."""
    page = Image.new("RGB", (1240, 1754), PAPER)
    pen = ImageDraw.Draw(page)
    pen.text((120, 120), title, font=ImageFont.truetype(str(FONT), 54), fill=INK)
    body = ImageFont.truetype(str(FONT), 34)
    for number, line in enumerate(lines):
        top = 260 + number * 78
        pen.text((120, top), line, font=body, fill=INK)
        pen.line((120, top + 60, 1120, top + 60), fill=FLOOR, width=2)
    pen.text((120, 1640), "模拟数据", font=body, fill=SHELF)
    return _file(page, name, "PDF")


def _file(picture: Image.Image, name: str, kind: str) -> ContentFile:
    target = io.BytesIO()
    picture.save(target, kind, **({"quality": 82} if kind == "JPEG" else {"resolution": 150.0}))
    return ContentFile(target.getvalue(), name=name)
