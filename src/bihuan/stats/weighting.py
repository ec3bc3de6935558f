"""Weights that make a sample look like its frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from bihuan.stats.types import ArrayLike, Floats, Ints, codes, floats, totals


@dataclass(frozen=True)
class Raking:
    """Result of raking.

    Attributes
    ----------
    weight : ndarray
        New weight of each row.
    factor : ndarray
        New over old weight of each distinct cell of the margins.
    cell : ndarray of int
        Distinct cell of each row.
    converged : bool
        Whether all margins were met; do not use the weights where not.
    iterations : int
    error : float
        Largest ``|margin/target - 1|`` left.
    """

    weight: Floats
    factor: Floats
    cell: Ints
    converged: bool
    iterations: int
    error: float


@dataclass(frozen=True)
class Calibration:
    """Result of linear calibration.

    Attributes
    ----------
    weight, factor : ndarray
        New weight of each row, and new over old.
    negative : int
        Rows whose weight came out negative.
    """

    weight: Floats
    factor: Floats
    negative: int


@dataclass(frozen=True)
class Trimming:
    """Result of trimming.

    Attributes
    ----------
    weight : ndarray
        New weights; none above the cap, and the same sum.
    cap : float
    trimmed : int
        Rows at the cap.
    rounds : int
    """

    weight: Floats
    cap: float
    trimmed: int
    rounds: int


@dataclass(frozen=True)
class Effect:
    """What unequal weights cost.

    Attributes
    ----------
    deff : float
        Kish's n·Σw²/(Σw)².
    n_eff : float
        n/deff.
    """

    deff: float
    n_eff: float


def post_stratify(weight: ArrayLike, cell: ArrayLike, targets: ArrayLike) -> Floats:
    """Scale the weights of each cell to its frame total, ``w·N_g/Σw``.

    Parameters
    ----------
    weight : array_like
    cell : array_like of int
        Codes from 0.
    targets : array_like
        Frame total by code.

    Raises
    ------
    ValueError
        When a cell with a total has no weight, or a row lies in a cell without one.
    """
    w, code, target = floats(weight), np.asarray(cell, dtype=np.int64), floats(targets)
    held = _held(w, code, target, "cell")
    return w * (target / np.where(held > 0, held, 1.0))[code]


def _held(w: Floats, code: Ints, target: Floats, what: str) -> Floats:
    """Weight under each code; refuses what cannot be met."""
    if code.shape != w.shape or (code.size and (code.min() < 0 or code.max() >= len(target))):
        raise ValueError(f"each row needs the code of a {what} that has a target")
    held = totals(code, w, len(target))
    empty = np.flatnonzero((target > 0) & (held <= 0))
    if len(empty):
        raise ValueError(f"{what} {empty.tolist()} has a target and no weight: merge it with another")
    if np.any((target <= 0) & (held > 0)):
        raise ValueError(
            f"{what} {np.flatnonzero((target <= 0) & (held > 0)).tolist()} has rows and no target"
        )
    return held


def rake(
    weight: ArrayLike,
    margins: Sequence[ArrayLike],
    targets: Sequence[ArrayLike],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 500,
) -> Raking:
    """Scale weights until all margins meet their targets (iterative proportional fitting).

    The work is done on the distinct cells of the margins, so that rows cost nothing.

    Parameters
    ----------
    weight : array_like
    margins : sequence of array_like of int
        For each margin the category of each row, codes from 0.
    targets : sequence of array_like
        For each margin the frame total by code; all margins sum to the same.
    tolerance : float
        Largest ``|margin/target - 1|`` to stop at.
    max_iterations : int
        Passes over all margins.

    References
    ----------
    Deming & Stephan, Annals of Mathematical Statistics 11 (1940) 427-444.
    """
    w = floats(weight)
    marks = [np.ascontiguousarray(m, dtype=np.int64) for m in margins]
    goals = [floats(t) for t in targets]
    if not marks or len(marks) != len(goals):
        raise ValueError("each margin needs its targets")
    sums = np.array([g.sum() for g in goals])
    if np.any(np.abs(sums / sums[0] - 1) > 1e-9):
        raise ValueError(f"the margins sum to different totals: {sums.tolist()}")
    from bihuan.stats.kernels import weights as loops  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    key, found, place, start = _distinct(w, marks, [len(g) for g in goals])
    small = [np.asarray(m, dtype=np.int64) for m in np.unravel_index(found, [len(g) for g in goals])]
    for k, (m, g) in enumerate(zip(small, goals, strict=True)):
        _held(start, m, g, f"margin {k}, category")
    held, error, rounds = start.copy(), np.inf, 0
    while error > tolerance and rounds < max_iterations:
        rounds += 1
        for m, g in zip(small, goals, strict=True):
            total = totals(m, held, len(g))
            held *= np.where(total > 0, g / np.where(total > 0, total, 1.0), 0.0)[m]
        error = max(_error(m, held, g) for m, g in zip(small, goals, strict=True))
    factor = held / np.where(start > 0, start, 1.0)
    cell, weights = np.empty(len(w), np.int64), np.empty(len(w))
    in_threads(lambda a, b: loops.spread(key, place, w, factor, cell, weights, a, b), len(w))
    return Raking(weights, factor, cell, error <= tolerance, rounds, error)


def _distinct(w: Floats, margins: list[Ints], sizes: list[int]) -> tuple[Ints, Ints, Ints, Floats]:
    """Number of each row's cell, the numbers that occur, where each is among these, and their weight."""
    from bihuan.stats.kernels import weights as loops  # compiled code is loaded when first used

    key = np.zeros(len(w), np.int64)
    for k, (m, size) in enumerate(zip(margins, sizes, strict=True)):
        if m.shape != w.shape or not loops.add_margin(key, m, size):
            raise ValueError(f"each row needs the code of a category of margin {k} that has a target")
    possible = int(np.prod(sizes, dtype=np.float64))
    if possible > 4 * len(w) + 1000:  # too many to count each: sort those that occur
        found, key = np.unique(key, return_inverse=True)
        key = key.astype(np.int64)
        return key, found, np.arange(len(found)), totals(key, w, len(found))
    held, rows = np.zeros(possible), np.zeros(possible, np.int64)
    loops.add_up(key, w, held, rows)
    found = np.flatnonzero(rows)
    place = np.zeros(possible, np.int64)
    place[found] = np.arange(len(found))
    return key, found, place, held[found]


def _error(code: Ints, held: Floats, target: Floats) -> float:
    there = target > 0
    return float(np.abs(totals(code, held, len(target))[there] / target[there] - 1).max())


def calibrate(weight: ArrayLike, x: ArrayLike, targets: ArrayLike) -> Calibration:
    """Linear (GREG) calibration: the smallest change of the weights that meets Σwx = targets.

    ``w·(1 + x'λ)`` with ``λ = (Σwxx')⁻¹(T - Σwx)``.

    Parameters
    ----------
    weight : array_like
    x : array_like, shape (rows, k)
    targets : array_like, shape (k,)

    References
    ----------
    Deville & Särndal, JASA 87 (1992) 376-382.
    """
    w = floats(weight)
    table = np.asarray(x, dtype=np.float64).reshape(len(w), -1)
    goal = floats(targets)
    if table.shape[1] != len(goal):
        raise ValueError(f"{table.shape[1]} columns need as many targets, not {len(goal)}")
    moments = (table * w[:, None]).T @ table
    shift = np.linalg.lstsq(moments, goal - w @ table, rcond=None)[0]
    factor = 1 + table @ shift
    met = (w * factor) @ table
    if np.any(np.abs(met - goal) > 1e-6 * np.maximum(np.abs(goal), 1.0)):
        raise ValueError("no weights meet all these targets: they contradict each other or the sample")
    return Calibration(w * factor, factor, int(np.sum(w * factor < 0)))


def trim(weight: ArrayLike, cap: float | None = None) -> Trimming:
    """Cut weights to the cap, and give what was cut to the others in proportion, until all fit.

    Parameters
    ----------
    weight : array_like
    cap : float, optional
        Without it the smaller of median + 6·IQR and 5·median; 5·median where the quartiles are equal.

    Raises
    ------
    ValueError
        When the rows cannot hold the sum of the weights under the cap.
    """
    w = floats(weight)
    if cap is None:
        low, middle, high = np.quantile(w, [0.25, 0.5, 0.75])
        cap = float(min(middle + 6 * (high - low), 5 * middle)) if high > low else float(5 * middle)
    total = float(w.sum())
    if total > cap * np.sum(w > 0) * (1 + 1e-12):
        raise ValueError(f"{len(w)} weights of at most {cap} cannot sum to {total}")
    full = np.zeros(len(w), np.bool_)
    out, rounds = w.copy(), 0
    while np.any(out > cap * (1 + 1e-12)):
        rounds += 1
        full |= out > cap
        rest = total - cap * float(full.sum())
        open_sum = float(w[~full].sum())
        out = np.where(full, cap, w * (rest / open_sum if open_sum > 0 else 0.0))
    return Trimming(np.minimum(out, max(cap, 0.0)) if rounds else out, cap, int(full.sum()), rounds)


def design_effect(weight: ArrayLike) -> Effect:
    """Kish's approximate design effect of weighting.

    References
    ----------
    Kish, Survey Sampling (1965), 11.7.
    """
    w = floats(weight)
    deff = float(len(w) * (w**2).sum() / w.sum() ** 2)
    return Effect(deff, len(w) / deff)


@dataclass(frozen=True)
class Margin:
    """A sample's margin beside that of its frame; every array has one entry for each category.

    Attributes
    ----------
    n : ndarray
        Rows.
    share, weighted, frame : ndarray
        Share of the rows, of the weight, and of the frame.
    difference : ndarray
        ``weighted - frame``.
    thin : ndarray of bool
        Fewer than 30 rows: merge the category before weighting by it.
    dissimilarity : float
        Half the sum of absolute differences: the share that would have to move.
    """

    n: Floats
    share: Floats
    weighted: Floats
    frame: Floats
    difference: Floats
    thin: np.typing.NDArray[np.bool_]
    dissimilarity: float


def compare_margin(category: ArrayLike, frame: ArrayLike, weight: ArrayLike | None = None) -> Margin:
    """Hold a margin of the sample against its frame.

    Parameters
    ----------
    category : array_like of int
        Code of each row from 0.
    frame : array_like
        Frame total by code.
    weight : array_like, optional
    """
    code, total = np.asarray(category, dtype=np.int64), floats(frame)
    w = np.ones(len(code)) if weight is None else floats(weight)
    n, held = totals(code, None, len(total)), totals(code, w, len(total))
    share, weighted, goal = n / n.sum(), held / held.sum(), total / total.sum()
    gap = weighted - goal
    return Margin(n, share, weighted, goal, gap, n < 30, float(np.abs(gap).sum() / 2))


def r_indicator(
    responded: ArrayLike, characteristics: Sequence[ArrayLike], weight: ArrayLike | None = None
) -> float:
    """How alike those who answered are to those who were asked, 1 - 2·S(ρ): 1 is best.

    S is the standard deviation of the response propensities, by logistic regression on what is known of
    all who were asked.

    Parameters
    ----------
    responded : array_like of bool
        For each member of the sample.
    characteristics : sequence of array_like
        Labels of each member.
    weight : array_like, optional
        Design weights.

    References
    ----------
    Schouten, Cobben & Bethlehem, Survey Methodology 35 (2009) 101-113.
    """
    y = np.asarray(responded).astype(np.float64)
    w = np.ones(len(y)) if weight is None else floats(weight)
    columns = [np.ones((len(y), 1))]
    for labels in characteristics:
        code, count = codes(labels, len(y))
        columns.append((code[:, None] == np.arange(1, count)).astype(np.float64))
    x = np.column_stack(columns)
    propensity = special.expit(x @ _logistic(x, y, w))
    average = float((w * propensity).sum() / w.sum())
    return 1 - 2 * float(np.sqrt((w * (propensity - average) ** 2).sum() / w.sum()))


def _logistic(x: Floats, y: Floats, w: Floats) -> Floats:
    """Coefficients by Newton's method, halving steps that do not help.

    Where all or none of a category answered the likelihood has no highest point; it stops rising to the
    last digits while everything is still finite.
    """

    def likelihood(beta: Floats) -> float:
        return float((w * special.log_expit(np.where(y > 0, 1.0, -1.0) * (x @ beta))).sum())

    beta = np.zeros(x.shape[1])
    height = likelihood(beta)
    for _ in range(100):
        p = special.expit(x @ beta)
        curvature = (x * (w * p * (1 - p))[:, None]).T @ x
        step = np.linalg.lstsq(curvature, x.T @ (w * (y - p)), rcond=None)[0]
        while likelihood(beta + step) < height and np.abs(step).max() > 1e-12:
            step = step / 2
        risen = likelihood(beta + step)
        beta, gain, height = beta + step, risen - height, risen
        if gain <= 1e-14 * w.sum():
            break
    return beta
