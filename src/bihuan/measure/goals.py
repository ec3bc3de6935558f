"""Targets and floors: a number, a number by service grade, or a share of the place's own past."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Goal:
    """What a value is held against.

    Either ``by_grade`` is filled (``""`` is the number for every grade that is not named), or
    ``of_baseline`` is: the goal is then that many times the place's own past, and there is none until
    ``periods`` earlier periods exist.
    """

    by_grade: Mapping[str, float]
    of_baseline: float | None = None
    periods: int = 0

    @classmethod
    def parse(cls, given: Any) -> Goal:
        """Read a goal; ``ValueError`` says what is wrong with it."""
        if given is None:
            return cls({})
        if _is_number(given):
            return cls({"": float(given)})
        if not isinstance(given, Mapping) or not given:
            raise ValueError("write a number, a number for each service grade, or nothing")
        if "of_baseline" in given:
            return cls._relative(given)
        wrong = [grade for grade, number in given.items() if not _is_number(number)]
        if wrong:
            raise ValueError(f"{given[wrong[0]]!r} under {wrong[0]!r} is not a number")
        return cls({str(grade): float(number) for grade, number in given.items()})

    @classmethod
    def _relative(cls, given: Mapping[str, Any]) -> Goal:
        unknown = set(given) - {"of_baseline", "periods"}
        if unknown:
            raise ValueError(f"{sorted(unknown)[0]!r} does not belong beside of_baseline; periods does")
        factor, periods = given["of_baseline"], given.get("periods", 4)
        if not _is_number(factor) or factor < 0:
            raise ValueError("of_baseline is a number such as 0.9")
        if not isinstance(periods, int) or isinstance(periods, bool) or periods < 1:
            raise ValueError("periods is a whole number of at least 1")
        return cls({}, float(factor), periods)

    @property
    def is_set(self) -> bool:
        """Whether there is anything to be held against."""
        return bool(self.by_grade) or self.of_baseline is not None

    def for_grade(self, grade: str) -> float:
        """The goal of a project of this grade; NaN where there is none."""
        return self.by_grade.get(grade, self.by_grade.get("", math.nan))


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
