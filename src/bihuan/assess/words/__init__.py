"""Verdicts: one sentence that says who, what and how sure, then sentences with the numbers.

A sentence has at most 40 Chinese characters. Rates become people, a change is called one only when its
interval leaves zero out, and nobody is blamed.
"""

from bihuan.assess.words.indicators import Reading, change_sentence, indicator, moved, people, signed_interval
from bihuan.assess.words.places import Standing, place, scorecard
from bihuan.assess.words.runs import run
from bihuan.assess.words.sentences import LONGEST, names, paragraph, width

__all__ = [
    "LONGEST",
    "Reading",
    "Standing",
    "change_sentence",
    "indicator",
    "moved",
    "names",
    "paragraph",
    "people",
    "place",
    "run",
    "scorecard",
    "signed_interval",
    "width",
]
