"""Chinese is complete: every string of every room has its translation, and none is a guess."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polib
import pytest

from tests.conftest import require
from tests.support import messages

ROOMS = [room for room in messages.rooms() if (room / "locale").is_dir()]
NAMES = [str(room.relative_to(messages.PACKAGE)) for room in ROOMS]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
MORE_IN_CHINESE = {"%(names)s and %(more)d more": "Chinese tells how many there are in all"}
FORBIDDEN = re.compile(r"显著|成功|(?:^|[，。；])请(?!求)|！|!|进行[评检分整审]")


def catalogue(room: Path) -> polib.POFile:
    return polib.pofile(str(room / "locale/zh_Hans/LC_MESSAGES/django.po"))


@pytest.mark.parametrize("room", ROOMS, ids=NAMES)
def test_every_message_is_translated_and_none_is_a_guess(room):
    messages_ = catalogue(room)
    assert not messages_.metadata_is_fuzzy
    assert [m.msgid for m in messages_ if not m.translated() and not m.obsolete] == []
    assert [m.msgid for m in messages_ if m.fuzzy] == []


@pytest.mark.parametrize("room", ROOMS, ids=NAMES)
def test_placeholders_are_named_and_kept(room):
    wrong = []
    for message in catalogue(room):
        texts = message.msgstr_plural.values() if message.msgid_plural else [message.msgstr]
        wanted = set(PLACEHOLDER.findall(message.msgid_plural or message.msgid))
        wrong += [message.msgid for text in texts if set(PLACEHOLDER.findall(text)) - wanted]
    assert [msgid for msgid in wrong if msgid not in MORE_IN_CHINESE] == []


@pytest.mark.parametrize("room", ROOMS, ids=NAMES)
def test_words_that_no_page_uses(room):
    texts = [
        text
        for message in catalogue(room)
        for text in (message.msgstr_plural.values() if message.msgid_plural else [message.msgstr])
    ]
    assert [text for text in texts if FORBIDDEN.search(text)] == []


@pytest.mark.slow
def test_no_string_of_the_source_is_missing_from_its_catalogue(tmp_path):
    require(shutil.which("xgettext") is not None, "GNU gettext")
    copy = tmp_path / "bihuan"
    shutil.copytree(
        messages.PACKAGE, copy, ignore=shutil.ignore_patterns("vendor", "fonts", "__pycache__", "*.mo")
    )
    missing = {}
    for name in NAMES:
        target = copy / name
        messages.collect(target, [copy / other for other in NAMES])
        found = [m.msgid for m in catalogue(target) if not m.translated() or m.fuzzy]
        if found:
            missing[name] = found
    assert missing == {}
