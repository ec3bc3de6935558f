"""PDF: text that can be copied, our fonts inside, pages numbered, the same bytes for the same input."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from bihuan.base.documents import pdf
from bihuan.base.documents.drawings import Point, trend

ZH = pdf.About(
    "2026年第三季度分析报告", "和泰物业", "2026年第三季度", "V3.2", 1842, datetime(2026, 10, 12, tzinfo=UTC)
)
EN = pdf.About(
    "Analysis report, 2026 Q3", "Hetai", "2026 Q3", "V3.2", 1842, datetime(2026, 10, 12, tzinfo=UTC)
)


def blocks(chinese: bool = True) -> list[dict[str, Any]]:
    def t(zh: str, en: str) -> str:
        return zh if chinese else en

    standings = ["below_floor", "below", "slightly_below", "met", "above", "insufficient", "suppressed"]
    return [
        {
            "kind": "verdict",
            "glyph": "watch",
            "tone": "watch",
            "before": t("14个项目里9个达标，", "9 of 14 projects reach the target, "),
            "mark": t("翠湖花园没达标", "Cuihu Garden does not"),
            "after": t("。", "."),
            "detail": t("失分最多的是维修响应。", "Most is lost on repair response."),
        },
        {
            "kind": "figures",
            "items": [{"label": t("综合得分", "Score"), "value": "84.2", "extra": "83.3–85.1"}],
        },
        {"kind": "heading", "text": t("走势", "Trend")},
        {"kind": "chart", "name": "score", "label": t("得分走势", "Score by quarter"), "caption": ""},
        {
            "kind": "heat",
            "first": t("项目", "Project"),
            "heads": [str(i) for i in range(7)],
            "rows": [
                {
                    "name": t("翠湖花园", "Cuihu"),
                    "cells": [{"text": f"{70 + i}", "standing": s} for i, s in enumerate(standings)],
                }
            ],
        },
        {"kind": "points", "items": [{"glyph": "red", "tone": "miss", "text": t("触红线", "Red line")}]},
        {
            "kind": "table",
            "heads": [t("工单", "Order"), t("内容", "What")],
            "rows": [
                [f"WO-{i:04}", {"text": t("没按约", "Late"), "tone": "miss", "glyph": "miss"}]
                for i in range(120)
            ],
        },
        {"kind": "notes", "items": [[t("算法", "Formula"), "a ÷ b"]]},
    ]


def drawing(chinese: bool = True):
    return trend([Point("26Q1", 81.0), Point("26Q2", 82.0)], title="综合得分" if chinese else "Overall score")


def render(chinese: bool = True, **changes: Any) -> bytes:
    about = ZH if chinese else EN
    data = {"blocks": blocks(chinese), **changes}
    language = "zh-hans" if chinese else "en"
    return pdf.render(
        "documents/report.typ", data, language=language, about=about, drawings={"score": drawing(chinese)}
    )


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_chinese_text_can_be_read_back_from_every_part():
    text = squeezed("".join(pages(render())))
    for part in (
        "14个项目里9个达标，翠湖花园没达标。",
        "失分最多的是维修响应。",
        "综合得分84.283.3–85.1",
        "触红线",
        "a÷b",
    ):
        assert part in text
    assert "26Q126Q2" in text  # the chart's text is text, not outlines


def test_english_has_english_words_in_its_frame():
    text = " ".join(pages(render(chinese=False)))
    assert "Snapshot 1842" in text
    assert "surely below target" in text
    assert "快照" not in text


def test_the_foot_of_every_page_says_where_the_numbers_are_from():
    content = render()
    found = pages(content)
    total = len(found)
    assert total >= 3
    for number, text in enumerate(found, start=1):
        plain = squeezed(text)
        assert f"第{number}页，共{total}页" in plain
        assert "和泰物业|2026年第三季度|标准V3.2|快照1842|指纹" in plain


def test_the_head_of_a_table_repeats_on_its_pages():
    found = [squeezed(text) for text in pages(render())]
    with_rows = [text for text in found if "WO-0" in text]
    assert len(with_rows) >= 3
    assert all("工单内容" in text for text in with_rows)


def test_our_fonts_are_inside_and_no_other():
    fonts = set()
    for page in PdfReader(io.BytesIO(render())).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert (
                "/FontFile2" in descendant["/FontDescriptor"] or "/FontFile3" in descendant["/FontDescriptor"]
            )
            fonts.add(str(descendant["/BaseFont"]).partition("+")[2])
    assert fonts == {"NotoSansSC-Regular", "NotoSansSC-Bold"}


def test_the_file_repeats_byte_for_byte_and_is_dated_by_its_making():
    first = render()
    assert first == render()
    meta = PdfReader(io.BytesIO(first)).metadata
    assert meta.title == "2026年第三季度分析报告"
    assert meta.creation_date == datetime(2026, 10, 12, tzinfo=UTC)


def test_the_fingerprint_follows_the_content():
    def mark(content: bytes) -> str:
        return squeezed(pages(content)[0]).partition("指纹")[2][:13]

    changed = blocks()
    changed[1]["items"][0]["value"] = "84.3"
    assert mark(render()) == mark(render())
    assert mark(render()) != mark(render(blocks=changed))


def test_the_pages_are_a4_and_the_language_is_named():
    reader = PdfReader(io.BytesIO(render()))
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


def test_text_from_people_is_text_and_never_typst(tmp_path):
    """What somebody typed is data: `#read`, `*`, `$` and quotes stand in the document as they were typed."""
    typed = '#read("data.json") *x* $y$ "z" \\ `code` <a> [b]'
    data = {"blocks": [{"kind": "text", "text": typed}]}
    content = pdf.render("documents/report.typ", data, language="en", about=EN)
    assert squeezed(typed) in squeezed(pages(content)[0])


def test_a_template_of_another_room_imports_the_base(tmp_path):
    own = tmp_path / "own.typ"
    own.write_text('#import "base.typ": *\n#show: frame\n= #data.word\n')
    content = pdf.render(own, {"word": "自己的"}, language="zh-hans", about=ZH)
    assert squeezed(pages(content)[0]).startswith("自己的")


def test_a_broken_template_says_where(tmp_path):
    broken = tmp_path / "broken.typ"
    broken.write_text('#import "base.typ": *\n#show: frame\n#data.nothing\n')
    with pytest.raises(pdf.DocumentError, match="nothing"):
        pdf.render(broken, {}, language="en", about=EN)


def test_a_missing_template_is_named():
    with pytest.raises(pdf.DocumentError, match=r"none\.typ: there is no such template"):
        pdf.render("documents/none.typ", {}, language="en", about=EN)


def test_a_template_sees_nothing_outside_its_folder(tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    spy = tmp_path / "spy.typ"
    spy.write_text(f'#import "base.typ": *\n#show: frame\n#read("{"../" * 9}{tmp_path}/secret.txt")\n')
    with pytest.raises(pdf.DocumentError):
        pdf.render(spy, {}, language="en", about=EN)


def test_every_glyph_of_the_sprite_is_there():
    assert {
        "met",
        "watch",
        "miss",
        "red",
        "late",
        "stuck",
        "wait",
        "prov",
        "todo",
        "none",
        "hidden",
        "na",
        "flat",
    } <= set(pdf.glyphs())
