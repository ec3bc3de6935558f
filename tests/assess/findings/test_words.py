"""What signals, findings and revisions say: short, in both languages, never overstated, never blaming."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path

import polib
import pytest
from django.utils import timezone
from django.utils.translation import override

from bihuan.assess.findings import verdicts, words
from bihuan.assess.findings.queries import FindingCounts
from bihuan.assess.findings.states import FINDING_MOVES, LOOKS, SIGNAL_MOVES, FindingState, SignalState
from bihuan.assess.words.sentences import LONGEST, LONGEST_ENGLISH, width
from bihuan.standards.service import verdicts as service
from bihuan.standards.service.states import LOOKS as SERVICE_LOOKS
from bihuan.standards.service.states import REVISION_MOVES, RevisionState
from tests.assess.findings.factories import FindingFactory, SignalFactory
from tests.standards.service.factories import RevisionRequestFactory, StandardVersionFactory

pytestmark = pytest.mark.django_db
LANGUAGES = {"zh-hans": LONGEST, "en": LONGEST_ENGLISH}
SOURCE = Path(__file__).parents[3] / "src" / "bihuan"
NEVER = ("显著", "！", "!", "请", "成功", "责怪")


def sound(sentence: str, language: str) -> None:
    assert width(sentence) <= LANGUAGES[language], sentence
    assert not [word for word in NEVER if word in sentence], sentence
    assert sentence.count("[[") == sentence.count("]]") <= 1, sentence
    if language == "en":
        assert not [mark for mark in "，。；：" if mark in sentence], sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_signal_in_one_sentence(language):
    missed = SignalFactory(place__name_zh="翠湖花园", place__name_en="Jade Lake")
    fell = SignalFactory(kind="fall", place=missed.place, version=missed.version, run=missed.run)
    with override(language):
        for signal in (missed, fell):
            sound(words.sentence(signal), language)
            assert "[[" not in words.sentence(signal)
        said = words.sentence(fell)
    assert (
        said
        == {
            "zh-hans": "翠湖花园：一般报修按约完成率比上期差了15.0个百分点，不是偶然波动。",
            "en": "Jade Lake: Repairs completed as agreed is worse by 15.0 percentage points than last "
            "cycle, and not by chance.",
        }[language]
    )


TEST = {
    "tested": 675,
    "at": "2026-08",
    "value": 70.0,
    "center": 92.0,
    "lower": 84.0,
    "upper": 98.0,
    "points": 24,
    "phase_start": "2024-07",
}
SERIES = {
    "level": (
        "翠湖花园：一般报修按约完成率2026年8月超出正常范围，不是偶然波动。",
        "2026年8月为70.0%；按此前24期，84.0%到98.0%之间才算正常。"
        "在全部675个序列中，误报占比控制在5%。先看这一期的记录。",
    ),
    "shift": (
        "翠湖花园：一般报修按约完成率持续差于以往，不是偶然波动。",
        "最近几期都落在92.0%较差的一侧，合起来不是偶然。"
        "在全部675个序列中，误报占比控制在5%。先查从什么时候开始、那时变了什么。",
    ),
    "fall": (
        "翠湖花园：一般报修按约完成率比上期差了15.0个百分点，不是偶然波动。",
        "比上期低15.0个百分点（−20.0至−9.0），超出误差。"
        "在全部675个序列中，误报占比控制在5%。先看上期以来有什么新变化。",
    ),
    "trend": (
        "翠湖花园：一般报修按约完成率逐期变差，不是偶然波动。",
        "从2024年7月起，同季相比，后面的数一期比一期差。"
        "在全部675个序列中，误报占比控制在5%。先查什么在老化或积压。",
    ),
}


@pytest.mark.parametrize("kind", SERIES)
def test_a_series_says_what_was_seen_how_sure_that_is_and_where_to_look(kind):
    signal = SignalFactory(
        kind=kind, place__name_zh="翠湖花园", place__name_en="Jade Lake", test={**TEST, "kind": kind}
    )
    with override("zh-hans"):
        sound(words.sentence(signal), "zh-hans")
        assert (words.sentence(signal), words.detail(signal)) == SERIES[kind]
    with override("en"):
        sound(words.sentence(signal), "en")
        assert "Over all 675 series tested, false alarms are held to 5% of the signals." in words.detail(
            signal
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_a_finding_stands(language):
    finding = FindingFactory(
        place__name_zh="翠湖花园",
        place__name_en="Jade Lake",
        version=SignalFactory(place__name_zh="云锦苑").version,
        due=timezone.localdate() - timedelta(days=3),
        reason="同一件事已有问题",
    )
    seen = set()
    with override(language):
        for state in FindingState.values:
            finding.state = state
            verdict = verdicts.finding(finding)
            sound(str(verdict.sentence), language)
            assert "[[" in str(verdict.sentence)
            seen.add(str(verdict.sentence))
    assert len(seen) == len(FindingState.values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_say_how_things_stand(language):
    signal = SignalFactory(place__name_zh="翠湖花园", place__name_en="Jade Lake")
    with override(language):
        for new, seen, cycle, evaluated in product((0, 1, 23), (0, 2), ("", "2026Q3"), (True, False)):
            counted = {SignalState.NEW: new, SignalState.SEEN: seen}
            sound(str(verdicts.signals(counted, signal, cycle, evaluated).sentence), language)
        for open_, late, analysed, planned, verified in product((0, 1, 9), (0, 1), (0, 2), (0, 1), (0, 3)):
            counts = FindingCounts(
                open=open_,
                overdue=min(late, open_),
                analysed=analysed,
                planned=planned,
                verified=verified,
                oldest=timezone.localdate() - timedelta(days=19) if open_ else None,
            )
            sound(str(verdicts.findings(counts).sentence), language)
        counts = FindingCounts(open=9, overdue=3, oldest=timezone.localdate() - timedelta(days=19))
        said = str(verdicts.findings(counts).sentence)
    assert (
        said
        == {
            "zh-hans": "9个问题还没找到原因，[[3个已逾期]]，最久的等了19天。",
            "en": "9 findings have no cause yet, [[3 overdue]], the oldest waiting 19 days.",
        }[language]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_revisions_say_where_they_stand(language):
    version = StandardVersionFactory(number="V1.1")
    request = RevisionRequestFactory(version=version)
    with override(language):
        for state in RevisionState.values:
            request.state = state
            sound(str(service.revision(request).sentence), language)
        for state in ("draft", "effective", "superseded", "withdrawn"):
            for cycle in ("", "2026Q4"):
                version.state, version.from_cycle = state, cycle
                sound(str(service.version(version, 2, 1).sentence), language)
        for counted in ({}, {"submitted": 2, "in_review": 1}, {"adopted": 1}, {"published": 4}):
            sound(str(service.revisions(counted).sentence), language)
        for count in (0, 1, 3):
            sound(str(service.clause(request.clause, count).sentence), language)


def test_every_state_has_a_look_and_every_move_its_words():
    assert set(LOOKS) >= {*SignalState.values, *FindingState.values}
    assert set(SERVICE_LOOKS) >= set(RevisionState.values)
    for moves in (SIGNAL_MOVES, FINDING_MOVES, REVISION_MOVES):
        for move in moves.values():
            assert move.label
            assert move.said
            assert move.by


@pytest.mark.parametrize("room", ["assess", "standards", "base/chain"])
def test_nothing_is_left_untranslated(room):
    catalogue = polib.pofile(str(SOURCE / room / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    ours = [
        one
        for one in catalogue
        if any("findings" in at or "service" in at or "base" in room for at, _l in one.occurrences)
    ]
    assert [one.msgid for one in ours if not one.translated()] == []
    for one in ours:
        texts = [one.msgstr, *one.msgstr_plural.values()]
        plain = [text.replace("申请", "") for text in texts]  # an application is not a plea
        assert not [text for text in plain if any(word in text for word in ("显著", "！", "请", "成功"))], (
            one.msgid
        )
