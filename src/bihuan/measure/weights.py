"""The tree by which scores become one score, and the grades at its top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.measure.definition import fingerprint
from bihuan.stats.types import Bools, Floats

DEFAULT_FAMILIES = {"S": 0.35, "R": 0.25, "C": 0.2, "M": 0.2}
DEFAULT_GRADES = {"A": 85.0, "B": 75.0, "C": 60.0}
WORST = "D"


@dataclass(frozen=True)
class Weights:
    """A parsed tree; a leaf is the code of an indicator.

    ``paths`` gives every branch (``total`` first) its leaves with the product of the shares on the way,
    so that the leaves of a branch add up to 1.
    """

    paths: Mapping[str, Mapping[str, float]]
    grades: tuple[tuple[str, float], ...]
    red_line_grade: str
    min_present: float
    fingerprint: str

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Weights:
        """Read ``{grades, red_line_grade, min_present, nodes: [{code, weight, nodes | indicators}]}``.

        ``indicators`` lists codes (weight 1) or ``{code, weight}``. Raises ``ValueError``.
        """
        grades = {str(k): float(v) for k, v in (given.get("grades") or DEFAULT_GRADES).items()}
        ordered = tuple(sorted(grades.items(), key=lambda pair: -pair[1]))
        if not _children(given):
            raise ValueError("The weights name no indicator; list the families under nodes.")
        paths: dict[str, dict[str, float]] = {"total": {}}
        for leaf, share in _leaves({"code": "total", **given}, paths).items():
            paths["total"][leaf] = share
        cap = str(given.get("red_line_grade", "C"))
        if cap not in (*grades, WORST):
            raise ValueError(f"The red-line grade {cap!r} is none of the grades {', '.join(grades)}.")
        present = float(given.get("min_present", 0.7))
        return cls(paths, ordered, cap, present, fingerprint(given))

    @classmethod
    def equal(cls, codes_by_family: Mapping[str, list[str]]) -> Weights:
        """The default families, every indicator of a family weighing the same."""
        nodes = [
            {"code": family, "weight": weight, "indicators": list(codes_by_family[family])}
            for family, weight in DEFAULT_FAMILIES.items()
            if codes_by_family.get(family)
        ]
        return cls.parse({"nodes": nodes})

    def graded(self, score: Floats, red_line: Bools) -> np.ndarray:
        """The grade of every score, nothing where there is none; a red line caps it at ``red_line_grade``."""
        names = np.array([*(name for name, _ in self.grades), WORST, ""], object)
        least = np.array([bound for _, bound in self.grades], np.float64)[::-1]
        found = len(least) - np.searchsorted(least, score, side="right")
        found = np.where(red_line, np.maximum(found, list(names).index(self.red_line_grade)), found)
        return names[np.where(np.isfinite(score), found, len(names) - 1)]


def _leaves(node: Mapping[str, Any], paths: dict[str, dict[str, float]]) -> dict[str, float]:
    """The leaves under a node with their share of it; fills ``paths`` on the way."""
    children = [c if isinstance(c, Mapping) else {"code": c} for c in _children(node)]
    shares = [_weight(child) for child in children]
    total = sum(shares)
    if total <= 0:
        raise ValueError(f"The weights under {node['code']!r} add up to nothing; give one of them a weight.")
    found: dict[str, float] = {}
    for child, share in zip(children, shares, strict=True):
        code = str(child["code"])
        if code in found or code in paths:
            raise ValueError(f"{code!r} stands twice in the tree of weights.")
        if _children(child):
            paths[code] = {}
            below = _leaves(child, paths)
            paths[code].update(below)
        else:
            below = {code: 1.0}
        if set(below) & set(found):
            raise ValueError(f"{sorted(set(below) & set(found))[0]!r} stands twice in the tree of weights.")
        found.update({leaf: part * share / total for leaf, part in below.items()})
    return found


def _children(node: Mapping[str, Any]) -> list[Any]:
    return list(node.get("nodes") or node.get("indicators") or ())


def _weight(child: Mapping[str, Any]) -> float:
    weight = child.get("weight", 1)
    if not isinstance(weight, int | float) or isinstance(weight, bool) or weight < 0:
        raise ValueError(f"The weight of {child.get('code')!r} is a number from zero up, not {weight!r}.")
    return float(weight)
