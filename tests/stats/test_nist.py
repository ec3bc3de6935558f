"""Accuracy on the reference data sets of NIST (Statistical Reference Datasets): eight digits or more."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from bihuan.stats import comparison, estimate, regression
from tests.stats.support import same

DIGITS = 1e-8


@pytest.fixture
def nist(reference):
    return reference / "nist"


def _numbers(path: Path, after: str) -> np.ndarray:
    """Rows of numbers behind the last line that begins so."""
    lines = path.read_text(encoding="latin-1").splitlines()
    start = max(i for i, line in enumerate(lines) if line.startswith(after))
    rows = []
    for line in lines[start + 1 :]:
        try:
            rows.append([float(v) for v in line.split()])
        except ValueError:
            rows.clear()  # still a heading
    return np.array([row for row in rows if row])


def _certified(path: Path, pattern: str) -> list[float]:
    found = re.search(pattern, path.read_text(encoding="latin-1"))
    assert found, pattern
    return [float(v) for v in found.groups()]


@pytest.mark.parametrize(
    "name", ["Lew", "Lottery", "Mavro", "Michelso", "NumAcc1", "NumAcc2", "NumAcc3", "NumAcc4"]
)
def test_mean_and_standard_deviation(nist, name):
    path = nist / f"{name}.dat"
    y = _numbers(path, "Data:").ravel()
    (mean,) = _certified(path, r"(?:ybar|Sample Mean):\s+([-\d.]+)")
    (sd,) = _certified(path, r"(?:s|Deviation[^:]*):\s+([\d.]+)")
    (n,) = _certified(path, r"Number of Observations:\s+(\d+)")
    found = estimate.mean(y)
    assert found.n[0] == len(y) == n
    same(found.value, mean, DIGITS)
    same(found.se * np.sqrt(n), sd, DIGITS)


@pytest.mark.parametrize("name", ["AtmWtAgt", "SiRstvt", "SmLs03t"])
def test_one_way_analysis_of_variance(nist, name):
    path = nist / f"{name}.dat"
    table = _numbers(path, "Data:")[1:]  # the first row numbers the groups
    found = comparison.one_way(table.ravel(), np.tile(np.arange(table.shape[1]), len(table)))
    df0, ms0, f = _certified(path, r"Between \w+\s+(\d+) +\S+ (\S+) (\S+)")
    df1, ms1 = _certified(path, r"Within \w+\s+(\d+) +\S+ (\S+)")
    (r_squared,) = _certified(path, r"Certified R-Squared (\S+)")
    assert [found.df_between, found.df_within] == [df0, df1]
    same([found.ms_between, found.ms_within, found.f, found.r_squared], [ms0, ms1, f, r_squared], DIGITS)


@pytest.mark.parametrize(("name", "powers"), [("Norris", 1), ("Pontius", 2), ("Wampler1", 5), ("Longley", 0)])
def test_linear_regression(nist, name, powers):
    path = nist / f"{name}.dat"
    table = _numbers(path, "Data:")
    y = table[:, 0]
    x = table[:, 1:] if not powers else table[:, 1:] ** np.arange(1, powers + 1)
    found = regression.fit(y, np.column_stack([np.ones(len(y)), x]))
    text = path.read_text(encoding="latin-1")
    certified = np.array(re.findall(r"^\s+B\d+\s+(\S+)\s+(\S+)", text, re.MULTILINE), dtype=np.float64)
    (sigma,) = _certified(path, r"Standard Deviation\s+([\d.E+-]+)\s+R-Squared")
    (r_squared,) = _certified(path, r"R-Squared\s+(\S+)")
    same(found.coefficient, certified[:, 0], DIGITS)
    same(found.r_squared, r_squared, DIGITS)
    se = np.sqrt(np.diag(regression.classical(found)))
    if sigma:
        same(se, certified[:, 1], DIGITS)
        same(found.sigma, sigma, DIGITS)
    else:  # the points lie on the curve: what is left is rounding
        assert found.sigma < 1e-8 * np.abs(y).max()
        assert se.max() < 1e-6
