"""Every word of the archive's pages is there in Chinese, and every kind of thing has a word."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import polib

from bihuan.archive import verify
from bihuan.archive.schema import FACTS
from bihuan.collect import upkeep
from bihuan.collect.upkeep import display
from bihuan.collect.upkeep.states import CheckState, ReminderState

CATALOGUE = Path(upkeep.__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_every_string_is_translated():
    catalogue = polib.pofile(str(CATALOGUE))
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []


def test_every_table_problem_and_state_has_a_word():
    assert set(display.TABLES) == set(FACTS)
    kinds = re.findall(r'[Pp]roblem\(\s*"([a-z_]+)"', inspect.getsource(verify))
    assert set(display.PROBLEMS) == set(kinds)
    assert set(display.CHECK_STATUS) == set(CheckState)
    assert set(display.REMINDER_STATUS) == set(ReminderState)
