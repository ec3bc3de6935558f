"""Clipped lines of a normal error, against quadrature and a big simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import factorial, sqrt

import numpy as np
import pytest
from numpy.polynomial import hermite_e
from numpy.polynomial.legendre import leggauss

from bihuan.stats import clipped
from bihuan.stats.types import Floats

# line, below, over
LINES = {
    "plain": (80.0, 2.5, 2.5),
    "two slopes": (70.0, 9.0, 14.0),
    "at the target": (100.0, 6.0, 4.0),
    "beyond the target": (112.0, 8.0, 8.0),
    "far beyond": (150.0, 11.0, 3.0),
    "at nothing": (0.0, 3.0, 5.0),
    "under nothing": (-9.0, 5.0, 12.0),
    "less is better": (61.0, -20.0, -35.0),
    "less is better, beyond": (104.0, -20.0, -35.0),
    "from end to end": (40.0, 90.0, 160.0),
    "nearly a step": (75.0, 4000.0, 3000.0),
    "one-sided under": (55.0, 12.0, 0.0),
    "one-sided over": (55.0, 0.0, 30.0),
    "both ways down": (90.0, 15.0, -15.0),
    "sure": (88.0, 0.0, 0.0),
}
CORRELATIONS = (-1.0, -0.9, -0.5, 0.0, 0.3, 0.7, 0.95, 0.99, 1.0)
NODES, HEAVINESS = leggauss(200)
Line = tuple[float, float, float]


def value(line: Line, z: Floats) -> Floats:
    middle, below, over = line
    return np.clip(middle + z * np.where(z < 0, below, over), 0.0, 100.0)


def kinks(line: Line) -> list[float]:
    middle, below, over = line
    found = [0.0]
    for slope, side in ((below, -1), (over, 1)):
        found += [
            (end - middle) / slope for end in (0.0, 100.0) if slope and (end - middle) / slope * side > 0
        ]
    return [z for z in found if abs(z) < 12]


def turns(line: Line) -> float:
    """All that the slope changes by at the kinks, which bounds what a series leaves."""
    _, below, over = line
    return abs(over - below) + abs(below) + abs(over)


def expected(function: Callable[[Floats], Floats], cuts: Sequence[float]) -> float:
    """Mean of a function of a standard normal that is smooth between the cuts."""
    edges = sorted({-12.0, 12.0, *cuts})
    total = 0.0
    for a, b in pairwise(edges):
        z = (a + b) / 2 + (b - a) / 2 * NODES
        total += (b - a) / 2 * float(HEAVINESS @ (function(z) * np.exp(-z * z / 2))) / sqrt(2 * np.pi)
    return total


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
def test_variance_against_quadrature(line: Line) -> None:
    middle = expected(lambda z: value(line, z), kinks(line))
    want = expected(lambda z: (value(line, z) - middle) ** 2, kinks(line))
    assert float(clipped.variance(*line)) == pytest.approx(want, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
def test_coefficients_against_quadrature(line: Line) -> None:
    found = clipped.hermite(*line, terms=30)
    for k in range(1, 31):
        unit = np.eye(k + 1)[k]
        want = expected(lambda z, u=unit: value(line, z) * hermite_e.hermeval(z, u), kinks(line))
        assert found[k - 1] == pytest.approx(want / sqrt(factorial(k)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
def test_coefficients_add_up_to_the_variance(line: Line) -> None:
    missing = float(clipped.variance(*line)) - np.sum(clipped.hermite(*line, terms=clipped.MOST) ** 2)
    assert -1e-9 <= missing <= min(9e-5 * turns(line) ** 2 + 1e-9, 0.12 * 100**2 / sqrt(clipped.MOST))


def joint(one: Line, other: Line, r: float) -> float:
    """Covariance by quadrature over X, and over Y given X."""
    means = [expected(lambda z, f=f: value(f, z), kinks(f)) for f in (one, other)]
    rest = sqrt(max(1 - r * r, 0.0))

    def inner(z: Floats) -> Floats:
        if rest == 0:
            return value(one, z) * value(other, r * z)
        below = [
            expected(
                lambda e, x=x: value(other, r * x + rest * e),
                [(c - r * x) / rest for c in kinks(other) if abs(c - r * x) < 12 * rest],
            )
            for x in z
        ]
        return value(one, z) * np.array(below)  # fmt: skip

    cuts = [*kinks(one), *(c * np.sign(r) for c in kinks(other) if rest == 0)]
    return expected(inner, cuts) - means[0] * means[1]


PAIRS = [
    ("plain", "two slopes"),
    ("at the target", "at the target"),
    ("at the target", "less is better"),
    ("beyond the target", "one-sided under"),
    ("from end to end", "both ways down"),
    ("sure", "plain"),
]


@pytest.mark.parametrize("r", [-1.0, -0.9, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("pair", PAIRS, ids=[" & ".join(p) for p in PAIRS])
def test_covariance_against_quadrature(pair: tuple[str, str], r: float) -> None:
    one, other = (LINES[name] for name in pair)
    scale = turns(one) * turns(other)
    assert found(one, other, r) == pytest.approx(joint(one, other, r), abs=9e-5 * scale + 1e-9)


def found(one: Line, other: Line, r: float) -> float:
    lines = np.array([one, other])
    coefficients = clipped.hermite(*lines.T, terms=clipped.MOST)
    return float(clipped.covariance(coefficients, np.array([0]), np.array([1]), [r])[0])


@pytest.mark.parametrize("r", CORRELATIONS)
def test_against_a_big_simulation(r: float) -> None:
    draws = 200_000
    rng = np.random.default_rng(2)
    x, e = rng.standard_normal((2, draws))
    y = r * x + sqrt(max(1 - r * r, 0.0)) * e
    for name, other in PAIRS:
        f, g = value(LINES[name], x), value(LINES[other], y)
        product = (f - f.mean()) * (g - g.mean())
        doubt = product.std() / sqrt(draws)
        assert abs(found(LINES[name], LINES[other], r) - product.mean()) <= 5 * doubt + 1e-9
        square = (f - f.mean()) ** 2
        simulated, error = square.mean(), square.std() / sqrt(draws)
        assert abs(float(clipped.variance(*LINES[name])) - simulated) <= 5 * error + 1e-9


def test_pairs_come_back_in_their_order() -> None:
    lines = np.array([LINES[name] for name in ("plain", "at the target", "less is better", "both ways down")])
    coefficients = clipped.hermite(*lines.T[:, :, None], terms=clipped.MOST)
    one, other = np.array([0, 0, 2, 1, 3]), np.array([1, 2, 1, 3, 0])
    rho = np.array([0.2, -0.95, 0.0, 0.6, 1.0])
    together = clipped.covariance(coefficients, one, other, rho)
    assert together.shape == (5, 1)
    for k in range(5):
        alone = clipped.covariance(coefficients, one[k : k + 1], other[k : k + 1], rho[k : k + 1])
        assert together[k, 0] == alone[0, 0]
        assert together[k, 0] == pytest.approx(found(tuple(lines[one[k]]), tuple(lines[other[k]]), rho[k]))
    assert together[2, 0] == 0


def test_how_long_a_series_is() -> None:
    assert clipped.needed([0.0, 0.001, 1.0, -1.0]).tolist() == [0, 1, clipped.MOST, clipped.MOST]
    rho = np.linspace(0, 1, 50)
    assert (np.diff(clipped.needed(rho)) >= 0).all()
    assert (clipped.needed(rho) == clipped.needed(-rho)).all()
    assert clipped.covariance(np.zeros((0, 2, 3)), np.array([0]), np.array([1]), [0.0]).tolist() == [
        [0, 0, 0]
    ]


def test_a_linear_score_is_as_unsure_as_its_value() -> None:
    assert float(clipped.variance(50, 2, 2)) == pytest.approx(4, rel=1e-12)
    np.testing.assert_allclose(clipped.hermite(50, 2, 2, 3), [2, 0, 0], atol=1e-12)


def test_a_step_is_a_coin() -> None:
    assert float(clipped.variance(50, np.inf, np.inf)) == pytest.approx(2500, rel=1e-3)
    assert float(clipped.variance(100, 1e300, 1e300)) == pytest.approx(2500, rel=1e-3)
