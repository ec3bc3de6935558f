"""Charts: real text in both languages, nothing the content policy refuses, kept once and served again."""

from __future__ import annotations

import io
import re
from pathlib import Path

import altair as alt
import numpy as np
import pytest
from PIL import Image

from bihuan.base.documents import charts
from bihuan.base.documents.drawings import Break, Group, Point, Signal, intervals, text_width, trend

QUARTERS = ["24Q4", "25Q1", "25Q2", "25Q3", "25Q4", "26Q1", "26Q2", "26Q3"]
SCORES = [80.9, 81.3, 81.0, 82.2, 82.6, 83.4, 82.8, 84.2]


def points():
    return [
        Point(name, value, value - 1.1, value + 1.1) for name, value in zip(QUARTERS, SCORES, strict=True)
    ]


def score(language="zh"):
    zh = language == "zh"
    return trend(
        points(),
        title="综合得分" if zh else "Overall score",
        target=85,
        target_label="目标85" if zh else "Target 85",
        breaks=[Break(6, "标准V3.2" if zh else "Standard V3.2")],
    )


def ink(png: bytes) -> int:
    """How many pixels are not white."""
    return int((np.asarray(Image.open(io.BytesIO(png)).convert("L")) < 250).sum())


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


def marks(svg: str, colour: str) -> int:
    return len(re.findall(f'<path[^>]*fill="{colour}"', svg))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_of_the_chart_is_in_the_svg(language):
    zh = language == "zh"
    shown = texts(charts.svg(score(language)))
    named = {"综合得分", "目标85", "标准V3.2"} if zh else {"Overall score", "Target 85", "Standard V3.2"}
    assert {*named, "84.2", *QUARTERS} <= set(shown)


def test_the_png_really_has_chinese_ink():
    """A missing font would leave the text out without a word."""
    spec = {
        "width": 200,
        "height": 40,
        "data": {"values": [{"t": "服务质量闭环"}]},
        "mark": {"type": "text", "fontSize": 20},
    }
    with_text = {**spec, "encoding": {"text": {"field": "t"}}}
    blank = {**spec, "encoding": {"text": {"value": ""}}}
    chinese = ink(charts.png(with_text))
    boxes = ink(charts.png({**with_text, "data": {"values": [{"t": "\U0010ffff" * 6}]}}))
    assert chinese - ink(charts.png(blank)) > 1500
    assert chinese != boxes


def test_the_png_keeps_the_colour_of_see_through_areas():
    image = Image.open(io.BytesIO(charts.png(score()))).convert("RGB")
    red, green, blue = (np.asarray(image)[..., i].astype(int) for i in range(3))
    bluish = (blue - red > 8) & (blue - red < 40) & (green > 200)
    assert int(bluish.sum()) > 5000


def test_an_svg_for_the_page_scales_and_says_what_it_is():
    svg = charts.page_svg(score(), label='得分 <84.2> & "更多"')
    head = svg[: svg.index("</title>")]
    assert 'viewBox="0 0 640 230"' in head
    assert 'role="img"' in head
    assert 'width="800"' in head  # it may grow by a quarter, and shrink to its card
    assert "height=" not in head
    assert 'aria-label="得分 &lt;84.2&gt; &amp; &quot;更多&quot;"' in head
    assert head.endswith("<title>得分 &lt;84.2&gt; &amp; &quot;更多&quot;")


def test_nothing_in_the_svg_is_refused_by_the_content_policy():
    svg = charts.page_svg(score(), label="x")
    assert "style=" not in svg
    assert "<style" not in svg
    assert "<script" not in svg
    assert charts.FONTS.name not in svg
    assert 'font-family="inherit"' in svg
    assert "Noto" not in svg


def test_styles_become_attributes():
    text = '<svg xmlns="http://www.w3.org/2000/svg"><rect style="opacity: .5; fill:red" class="a"/></svg>'
    assert (
        charts._without_style(text)
        == '<svg xmlns="http://www.w3.org/2000/svg"><rect opacity=".5" fill="red" /></svg>'
    )


def test_the_line_stops_at_a_break_and_at_a_gap():
    def lines(**more):
        drawn = charts.svg(trend(points(), **more))
        return len(re.findall(r'<path[^>]*stroke="#2b4a9b"[^>]*stroke-width="1.6"', drawn))

    assert lines() == 1
    assert lines(breaks=[Break(6)]) == 2
    gap = points()
    gap[3] = Point("25Q3", None)
    assert len(re.findall(r'stroke-width="1.6"', charts.svg(trend(gap)))) == 2


def test_a_point_alone_between_breaks_keeps_its_interval():
    drawn = charts.svg(trend(points(), breaks=[Break(6), Break(7)]))
    assert len(re.findall(r'stroke-width="5"', drawn)) == 2


def test_signals_have_their_own_shapes_and_numbers():
    signals = [Signal([1, 2, 3], "run", "连续三季低于中心线"), Signal([7], "outside", "超出上限")]
    drawn = charts.svg(trend(points(), signals=signals))
    assert marks(drawn, "#8f5600") == 3
    assert marks(drawn, "#b0271c") == 1
    assert {"① 连续三季低于中心线", "② 超出上限"} <= set(texts(drawn))


def test_a_narrow_chart_keeps_the_number_of_a_sentence_it_has_no_room_for():
    signals = [Signal([5], "run", "a sentence that is far too long for a narrow chart on a phone")]
    narrow = charts.page_svgs(trend(points(), signals=signals, width=640), label="x")[0]
    assert "①" in texts(narrow)


def test_a_drawing_comes_in_the_widths_a_page_may_have():
    boxes = [re.search(r'viewBox="0 0 (\d+)', svg)[1] for svg in charts.page_svgs(score(), label="x")]
    assert boxes == ["340", "520", "640"]


def test_labels_at_the_end_do_not_lie_on_each_other():
    close = trend([Point("a", 84.0), Point("b", 84.9)], target=85, target_label="目标85", domain=(80, 90))
    places = {
        text: float(y)
        for y, text in re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*>([^<]+)</text>', charts.svg(close))
    }
    assert places["84.9"] - places["目标85"] >= 15


def test_groups_are_told_apart_by_shape_and_the_target_is_named():
    groups = [
        Group("水电", 78.5, 74, 82.3, "below"),
        Group("门窗", 93, 88.2, 96.3),
        Group("其他", 97.3, 95.9, 98.4, "above"),
    ]
    drawn = charts.svg(intervals(groups, target=95, target_label="目标95"))
    assert {"水电", "门窗", "其他", "目标95"} <= set(texts(drawn))
    assert [marks(drawn, colour) for colour in ("#b0271c", "#5d6675", "#0a6f65")] == [1, 1, 1]


def test_no_points_at_all_still_draw():
    assert texts(charts.svg(trend([], title="得分")))[-1] == "得分"


def test_an_altair_chart_takes_our_theme():
    chart = alt.Chart(alt.Data(values=[{"x": 1, "y": 2}])).mark_point().encode(x="x:Q", y="y:Q")
    assert '"labelColor": "#646e7f"' in charts.as_json(chart)
    assert 'fill="#646e7f"' in charts.svg(chart)


def test_what_was_drawn_is_read_from_the_file_the_next_time(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path
    charts._kept.cache_clear()
    first = charts.svg(score())
    (kept,) = Path(tmp_path, "cache", "charts").rglob("*.svg")
    kept.write_text(first.replace("综合得分", "改过的字"))
    charts._kept.cache_clear()
    assert "改过的字" in texts(charts.svg(score()))
    charts._kept.cache_clear()


def test_a_full_folder_of_the_cache_lets_its_oldest_go(tmp_path):
    import os

    folder = tmp_path / "ab"
    for i in range(charts.PER_FOLDER + 5):
        charts._keep(folder / f"{i:03}.svg", b"x")
        os.utime(folder / f"{i:03}.svg", (i, i))
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == charts.PER_FOLDER
    assert names[-1] == f"{charts.PER_FOLDER + 4:03}.svg"
    assert names[0] == "005.svg"


@pytest.mark.parametrize(("text", "width"), [("", 0), ("目标", 24), ("ab", 13.92)])
def test_a_wide_letter_takes_a_square(text, width):
    assert text_width(text) == pytest.approx(width)
