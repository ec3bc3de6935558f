"""Verdicts in both languages: who, what, how sure; never too long, never loud."""

from __future__ import annotations

import dataclasses

import pytest
from django.utils.translation import override

from bihuan.assess import words
from bihuan.assess.words import Reading, Standing

GRADES = {"A": 85.0, "B": 75.0, "C": 60.0}
SAID = {
    "counts": "miss",
    "zh": "{of}单里有{n}单没按约修完",
    "en": "{n} of {of} orders were not finished as agreed",
}
R03 = Reading(
    place="翠湖花园",
    name="按约完成率",
    table="work_orders",
    unit="%",
    direction="up",
    status="final",
    standing="below_floor",
    n=912,
    min_n=10,
    value=86.2,
    low=83.8,
    high=88.3,
    target=95,
    floor=90,
    change=-5.4,
    change_low=-8.1,
    change_high=-2.7,
    previous=91.6,
    comparable=True,
    said=SAID,
)


def reading(**changes) -> Reading:
    return dataclasses.replace(R03, **changes)


CASES = {
    "below the floor and getting worse": (
        reading(),
        "翠湖花园，100单里有14单没按约修完；[[低于底线]]，还在变差，不是偶然波动。",
        "翠湖花园: 14 of 100 orders were not finished as agreed; [[below the floor]], "
        "worse than last time, and not by chance.",
    ),
    "surely short, change within error": (
        reading(standing="below", change_low=-8.1, change_high=0.4),
        "翠湖花园，100单里有14单没按约修完；[[确实没到目标]]。",
        "翠湖花园: 14 of 100 orders were not finished as agreed; [[surely short of the target]].",
    ),
    "within error of the target": (
        reading(standing="slightly_below", value=94.1, comparable=False),
        "翠湖花园，100单里有6单没按约修完；[[离目标差一点，在误差内]]。",
        "翠湖花园: 6 of 100 orders were not finished as agreed; [[just short of the target, within error]].",
    ),
    "better, and not by chance": (
        reading(standing="above", value=98.6, change=4.0, change_low=1.0, change_high=7.0),
        "翠湖花园，100单里有1单没按约修完；[[确实好过目标]]，是真的变好了。",
        "翠湖花园: 1 of 100 orders were not finished as agreed; [[surely better than the target]], "
        "better than last time, and not by chance.",
    ),
    "rare things are counted in thousands": (
        reading(standing="above", value=99.8, comparable=False),
        "翠湖花园，1000单里有2单没按约修完；[[确实好过目标]]。",
        "翠湖花园: 2 of 1000 orders were not finished as agreed; [[surely better than the target]].",
    ),
    "nobody missed": (
        reading(standing="met", value=100.0, comparable=False),
        "翠湖花园，按约完成率100.0%；[[达到目标]]。",
        "翠湖花园: 按约完成率 is 100.0%; [[on target]].",
    ),
    "a time": (
        reading(unit="min", standing="below", value=2160, said={}, direction="down", comparable=False),
        "翠湖花园，按约完成率1天12小时；[[确实没到目标]]。",
        "翠湖花园: 按约完成率 is 1 day 12 h; [[surely short of the target]].",
    ),
    "too few": (
        reading(status="insufficient", standing="", n=6),
        "翠湖花园只有6单，不到10，[[不给分]]。",
        "翠湖花园: 6 orders, 10 needed; [[no score]].",
    ),
    "hidden": (
        reading(status="suppressed", standing="", n=0),
        "翠湖花园不到10人作答，[[已隐去]]。",
        "翠湖花园: [[hidden]], fewer than 10 people answered.",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_verdict_of_an_indicator(case, language):
    given, zh, en = CASES[case]
    with override(language):
        verdict = words.indicator(given)
    assert verdict.sentence == (zh if language == "zh-hans" else en)


def test_the_detail_holds_the_numbers_and_the_change_with_its_interval():
    with override("zh-hans"):
        assert words.indicator(reading()).detail == (
            "按约完成率86.2%（83.8–88.3），离目标95%差8.8个百分点。比上期低5.4个百分点（−8.1至−2.7），超出误差。"
        )
    with override("en"):
        assert words.indicator(reading()).detail == (
            "按约完成率 is 86.2% (83.8–88.3), short of the target of 95% by 8.8 percentage points. "
            "Down 5.4 percentage points on last cycle (−8.1 to −2.7), more than error."
        )


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({"previous": float("nan")}, "", ""),
        (
            {"comparable": False},
            "和上期的标准不一样，不比较。",
            "The standard changed since last cycle, so the two are not compared.",
        ),
        ({"change": 0.0}, "和上期一样。", "The same as last cycle."),
        (
            {"change": 0.6, "change_low": -1.0, "change_high": 2.2},
            "比上期高0.6个百分点，在误差内，不能算变化。",
            "Up 0.6 percentage points on last cycle, within error: not a real change.",
        ),
    ],
)
def test_a_change_is_called_one_only_outside_error(changes, zh, en):
    for language, expected in (("zh-hans", zh), ("en", en)):
        with override(language):
            assert words.change_sentence(reading(**changes)) == expected


def test_less_of_a_bad_thing_is_better():
    assert words.moved(reading(direction="down", change=-2, change_low=-3, change_high=-1)) == "better"
    assert words.moved(reading(direction="down", change=2, change_low=1, change_high=3)) == "worse"
    assert words.moved(reading(change=2, change_low=-1, change_high=5)) == "same"
    assert words.moved(reading(comparable=False)) == ""


def place(name: str, score: float, *, red: bool = False, spread: float = 2.0) -> Standing:
    grade = next((g for g, least in GRADES.items() if score >= least), "D")
    return Standing(name, grade, score, score - spread, score + spread, red)


SCORECARDS = {
    "some surely missed": (
        [place("翠湖花园", 70), place("东篱小区", 72), place("云锦苑", 90)],
        "3个项目里1个达标；[[翠湖花园、东篱小区]]确实没达标。",
        "1 of 3 projects are on target; [[翠湖花园, 东篱小区]] surely missed it.",
        "miss",
    ),
    "missed, but not surely": (
        [place("翠湖花园", 74, spread=12), place("云锦苑", 90)],
        "2个项目里1个达标；[[翠湖花园]]没达标，有的在误差内。",
        "1 of 2 projects are on target; [[翠湖花园]] missed it, in part within error.",
        "miss",
    ),
    "near": (
        [place("金穗苑", 80), place("云锦苑", 90)],
        "2个项目里1个达标；[[金穗苑]]还差一点。",
        "1 of 2 projects are on target; [[金穗苑]] fell a little short.",
        "watch",
    ),
    "all well": (
        [place("南岸新城", 90), place("云锦苑", 91)],
        "2个项目[[全部达标]]。",
        "All 2 projects are [[on target]].",
        "met",
    ),
    "nothing to go by": (
        [Standing("小院", "")],
        "1个项目[[数据都不足]]，给不了分。",
        "1 project, and [[not enough data]] for a score.",
        "none",
    ),
}


@pytest.mark.parametrize("case", SCORECARDS)
def test_the_verdict_of_a_scorecard(case):
    places, zh, en, tone = SCORECARDS[case]
    for language, expected in (("zh-hans", zh), ("en", en)):
        with override(language):
            verdict = words.scorecard(places, GRADES)
        assert (verdict.sentence, verdict.tone) == (expected, tone)


def test_many_names_are_cut_to_what_fits():
    places = [place(f"第{n:02}号花园小区", 70) for n in range(40)]
    with override("zh-hans"):
        sentence = words.scorecard(places, GRADES).sentence
    assert sentence == "40个项目里0个达标；[[第00号花园小区、第01号花园小区等40个]]确实没达标。"
    assert words.width(sentence) <= words.LONGEST


def test_a_red_line_and_the_weakest_indicator_stand_in_the_detail():
    places = [place("东篱小区", 78, red=True), place("云锦苑", 90), Standing("小院", "")]
    with override("zh-hans"):
        verdict = words.scorecard(places, GRADES, ("按约完成率", 4))
    assert verdict.glyph == "red"
    assert verdict.detail == (
        "东篱小区触了红线，等级封顶。失分最多的是按约完成率：4个项目确实低于目标。1个项目数据不足，没有得分。"
    )


@pytest.mark.parametrize(
    ("standing", "zh", "en"),
    [
        (
            place("翠湖花园", 90),
            "翠湖花园得90.0分，A级，[[确实达标]]。",
            "翠湖花园 scores 90.0, grade A: [[surely on target]].",
        ),
        (
            place("翠湖花园", 86),
            "翠湖花园得86.0分，A级，[[达标，但在误差内]]。",
            "翠湖花园 scores 86.0, grade A: [[on target, within error]].",
        ),
        (
            place("翠湖花园", 70),
            "翠湖花园得70.0分，C级，[[确实没到目标]]。",
            "翠湖花园 scores 70.0, grade C: [[surely short of the target]].",
        ),
        (
            place("翠湖花园", 90, red=True),
            "翠湖花园得90.0分，A级，[[触了红线]]。",
            "翠湖花园 scores 90.0, grade A: [[a red line was crossed]].",
        ),
        (
            Standing("小院", ""),
            "小院[[数据不足]]，给不了分。",
            "小院: [[not enough data]] for a score.",
        ),
    ],
)
def test_the_verdict_of_a_place(standing, zh, en):
    for language, expected in (("zh-hans", zh), ("en", en)):
        with override(language):
            assert words.place(standing, GRADES, [], []).sentence == expected


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (("done", "2026Q3", False), "2026年第三季度[[评估完了]]。", "2026 Q3 is [[evaluated]]."),
        (
            ("done", "2026Q3", True),
            "这次评估[[修订]]了2026年第三季度已发布的结果。",
            "This run [[revises]] the issued results of 2026 Q3.",
        ),
        (
            ("done", "2026Q3", False, True),
            "2026年第三季度重算过，[[每一位都相同]]。",
            "2026 Q3 was repeated: [[the same to the last digit]].",
        ),
        (
            ("failed", "2026", False),
            "2026年的评估[[出错了]]，已有结果没变。",
            "The evaluation of 2026 [[failed]]; no result changed.",
        ),
    ],
)
def test_the_verdict_of_a_run(given, zh, en):
    for language, expected in (("zh-hans", zh), ("en", en)):
        with override(language):
            assert words.run(*given).sentence == expected


def every_sentence() -> list[str]:
    found = [words.indicator(given) for given, _zh, _en in CASES.values()]
    found += [words.scorecard(places, GRADES, ("按约完成率", 3)) for places, *_rest in SCORECARDS.values()]
    weak, strong = ["按约完成率"], ["到场及时率"]
    found += [words.place(place("翠湖花园", score), GRADES, weak, strong) for score in (50, 80, 95)]
    return [text for verdict in found for text in (str(verdict.sentence), str(verdict.detail))]


def test_no_sentence_shouts_or_claims_significance_and_every_verdict_is_short():
    with override("zh-hans"):
        sentences = every_sentence()
        longest = max(words.width(words.indicator(given).sentence) for given, _zh, _en in CASES.values())
    with override("en"):
        sentences += every_sentence()
    for text in sentences:
        for banned in ("显著", "！", "!", "significant", "请", "成功", "  "):
            assert banned not in text
    assert longest <= words.LONGEST


def test_a_long_place_name_gives_way_before_the_verdict_does():
    long_name = "某某集团股份有限公司第一分公司滨江壹号院二期"
    with override("zh-hans"):
        sentence = words.indicator(reading(place=long_name)).sentence
    assert sentence == "100单里有14单没按约修完；[[低于底线]]。"
