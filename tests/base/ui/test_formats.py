"""Numbers, times and names as people read them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import translation

from bihuan.base.ui import formats

ZH, EN = "zh-hans", "en"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1204, None, "1,204"),
        (84.25, None, "84.2"),
        (-5.4, None, "−5.4"),
        (-0.04, 1, "0.0"),
        (2_118_406.0, None, "2,118,406"),
        (0.5, 0, "0"),
        (None, None, "—"),
        (float("nan"), 1, "—"),
    ],
)
def test_numbers(value, digits, text):
    assert formats.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.4, "+1.4"), (-5.4, "−5.4"), (0.04, "0.0"), (-0.04, "0.0"), (None, "—")]
)
def test_differences_have_their_sign(value, text):
    assert formats.signed(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.862, "86.2%"), (1, "100.0%"), (None, "—")])
def test_shares(share, text):
    assert formats.percent(share) == text


@pytest.mark.parametrize(
    ("language", "low", "high", "text"),
    [
        (ZH, 83.8, 88.3, "83.8–88.3"),
        (EN, 83.8, 88.3, "83.8–88.3"),
        (ZH, -8.1, -2.7, "−8.1至−2.7"),
        (EN, -8.1, 2.7, "−8.1 to 2.7"),
        (ZH, None, 1.0, ""),
    ],
)
def test_intervals(language, low, high, text):
    with translation.override(language):
        assert formats.interval(low, high) == text


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "0分钟", "0 min"),
        (35, "35分钟", "35 min"),
        (125, "2小时5分钟", "2 h 5 min"),
        (120, "2小时", "2 h"),
        (1440, "1天", "1 day"),
        (19_145, "13天7小时", "13 days 7 h"),
        (-90, "−1小时30分钟", "−1 h 30 min"),
        (None, "—", "—"),
    ],
)
def test_durations(minutes, zh, en):
    with translation.override(ZH):
        assert formats.duration(minutes) == zh
    with translation.override(EN):
        assert formats.duration(minutes) == en


@time_machine.travel(datetime(2026, 11, 22, tzinfo=UTC), tick=False)
def test_days_and_moments_in_the_company_zone():
    late = datetime(2026, 10, 14, 16, 30, tzinfo=UTC)  # already the 15th in Shanghai
    with translation.override(ZH):
        assert formats.day(late) == "10月15日"
        assert formats.day(late, weekday=True) == "10月15日 周四"
        assert formats.day(date(2025, 12, 31)) == "2025年12月31日"
        assert formats.moment(late) == "10月15日 00:30"
    with translation.override(EN):
        assert formats.day(late, weekday=True) == "Thu 15 Oct"
        assert formats.day(date(2025, 12, 31)) == "31 Dec 2025"
        assert formats.moment(late) == "15 Oct 00:30"
    assert formats.stamp(late) == "2026-10-15 00:30"
    assert formats.clock(late) == "00:30"
    assert [f(None) for f in (formats.day, formats.clock, formats.moment, formats.stamp)] == ["—"] * 4


@pytest.mark.parametrize(
    ("code", "zh", "en", "short_zh", "short_en"),
    [
        ("2026Q3", "2026年第三季度", "2026 Q3", "26Q3", "26Q3"),
        ("2026-07", "2026年7月", "Jul 2026", "7月", "Jul"),
        ("2015", "2015年", "2015", "2015", "2015"),
    ],
)
def test_cycles(code, zh, en, short_zh, short_en):
    with translation.override(ZH):
        assert (formats.cycle_name(code), formats.cycle_short(code)) == (zh, short_zh)
    with translation.override(EN):
        assert (formats.cycle_name(code), formats.cycle_short(code)) == (en, short_en)


@pytest.mark.parametrize(
    ("subject", "zh", "en"),
    [
        (SimpleNamespace(name_zh="翠湖", name_en="Cuihu"), ("翠湖", "zh-Hans"), ("Cuihu", "en")),
        ({"name_zh": "翠湖", "name_en": ""}, ("翠湖", "zh-Hans"), ("翠湖", "zh-Hans")),
        ({"name": {"en": "Cuihu"}}, ("Cuihu", "en"), ("Cuihu", "en")),
        ({}, ("", "zh-Hans"), ("", "en")),
    ],
)
def test_text_kept_in_two_languages(subject, zh, en):
    with translation.override(ZH):
        assert formats.both(subject, "name") == zh
    with translation.override(EN):
        assert formats.both(subject, "name") == en
