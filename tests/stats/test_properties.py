"""What must be true of any numbers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bihuan.stats import (
    composite,
    control,
    estimate,
    quantiles,
    sampling,
    sums,
    survival,
    trend,
    weighting,
)

FIELDS = ("value", "se", "df", "n", "n_eff", "deff")


@st.composite
def _samples(draw):
    n = draw(st.integers(4, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    strata = draw(st.integers(1, 3))
    domains = draw(st.integers(1, 4))
    binary = draw(st.booleans())
    y = rng.integers(0, 2, n) * 1.0 if binary else np.round(rng.normal(70, 12, n), 1)
    return y, rng.uniform(0.5, 4, n), rng.integers(0, strata, n), rng.integers(0, domains, n)


def _sums(y, w, stratum, domain, **options):
    strata, domains = 3, 4
    cell = domain * strata + stratum
    parts = [np.ones(len(y)), w * y, w, (w * y) ** 2, w * w, w * w * y]
    totals = [np.bincount(cell, p, strata * domains) for p in parts]
    index = np.arange(strata * domains)
    return totals, index // strata, index % strata


def _ratio(totals, domain, stratum, domains=4, **options):
    return sums.ratio(*totals, domain, stratum, domains, **options)


@settings(max_examples=80, deadline=None)
@given(_samples())
def test_rolling_up_equals_pooling(sample):
    """Adding the sums of projects gives what their answers together give."""
    y, w, stratum, domain = sample
    drawn = np.bincount(stratum, minlength=3)
    totals, _, h = _sums(y, w, stratum, domain)
    rolled = _ratio(totals, np.zeros(len(h), int), h, 1, sample_size=drawn)
    pooled = _ratio(*_sums(y, w, stratum, np.zeros(len(y), int)), sample_size=drawn)
    for field in ("value", "se", "n", "n_eff", "deff"):
        np.testing.assert_allclose(
            getattr(rolled, field)[0], getattr(pooled, field)[0], rtol=1e-7, atol=1e-9, err_msg=field
        )


@settings(max_examples=80, deadline=None)
@given(_samples(), st.integers(0, 1000))
def test_order_never_matters(sample, seed):
    y, w, stratum, domain = sample
    order = np.random.default_rng(seed).permutation(len(y))
    a = _ratio(*_sums(y, w, stratum, domain))
    b = _ratio(*_sums(y[order], w[order], stratum[order], domain[order]))
    for field in FIELDS:
        np.testing.assert_allclose(getattr(a, field), getattr(b, field), rtol=1e-7, atol=1e-7)
    rows = estimate.mean(y, w, stratum, domain=domain, lonely="adjust")
    same = estimate.mean(y[order], w[order], stratum[order], domain=domain[order], lonely="adjust")
    np.testing.assert_allclose(rows.se, same.se, rtol=1e-9, atol=1e-9)


@settings(max_examples=80, deadline=None)
@given(_samples(), st.floats(1e-3, 1e3))
def test_weights_scale_out(sample, factor):
    y, w, stratum, domain = sample
    a, b = (_ratio(*_sums(y, weight, stratum, domain)) for weight in (w, w * factor))
    for field in FIELDS:
        np.testing.assert_allclose(getattr(a, field), getattr(b, field), rtol=1e-7, atol=1e-7)


@settings(max_examples=80, deadline=None)
@given(_samples())
def test_sums_and_rows_agree(sample):
    y, w, stratum, domain = sample
    _, code = np.unique(domain, return_inverse=True)
    found = _ratio(*_sums(y, w, stratum, code), sample_size=np.bincount(stratum, minlength=3))
    rows = estimate.mean(y, w, stratum, domain=code, lonely="adjust")
    k = len(rows.value)
    np.testing.assert_allclose(found.value[:k], rows.value, rtol=1e-9)
    np.testing.assert_allclose(found.se[:k], rows.se, rtol=1e-6, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(_samples())
def test_a_domain_that_is_everything(sample):
    y, w, stratum, _ = sample
    whole = estimate.mean(y, w, stratum, lonely="adjust")
    labelled = estimate.mean(y, w, stratum, domain=["x"] * len(y), lonely="adjust")
    assert (whole.value, whole.se, whole.df) == (labelled.value, labelled.se, labelled.df)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(2, 6))
def test_raking_meets_margins_and_keeps_proportions(seed, rows, columns):
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 6, (rows, columns))
    a, b = (np.repeat(m.ravel(), table.ravel()) for m in np.indices((rows, columns)))
    targets = [rng.dirichlet(np.full(k, 5.0)) * 1000 for k in (rows, columns)]
    found = weighting.rake(rng.uniform(1, 2, len(a)), [a, b], targets)
    assert found.converged
    np.testing.assert_allclose(np.bincount(a, found.weight), targets[0], rtol=1e-9)
    np.testing.assert_allclose(np.bincount(b, found.weight), targets[1], rtol=1e-9)
    assert (found.weight > 0).all()


@settings(max_examples=80, deadline=None)
@given(arrays.arrays(np.float64, st.integers(2, 40), elements=st.floats(0.1, 100)))
def test_trimming_keeps_the_sum_and_the_order(weight):
    low, middle, high = np.quantile(weight, [0.25, 0.5, 0.75])
    assume(weight.mean() < min(5 * middle, middle + 6 * (high - low) if high > low else np.inf))
    found = weighting.trim(weight)
    assert found.weight.max() <= found.cap * (1 + 1e-9)
    np.testing.assert_allclose(found.weight.sum(), weight.sum(), rtol=1e-9)
    order = np.argsort(weight, kind="stable")
    assert (np.diff(found.weight[order]) >= -1e-9 * found.cap).all()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(2, 500), min_size=1, max_size=8), st.floats(0, 1), st.integers(0, 99))
def test_allocation_sums_up_within_its_bounds(sizes, part, seed):
    low, high = 2 * len(sizes), sum(sizes)
    total = low + int(part * (high - low))
    sds = np.random.default_rng(seed).uniform(0, 5, len(sizes))
    for found in (sampling.allocate(total, sizes), sampling.allocate(total, sizes, sds, "neyman")):
        assert found.sum() == total
        assert (found >= 2).all()
        assert (found <= sizes).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_draw_does_not_depend_on_the_order_of_the_frame(seed):
    rng = np.random.default_rng(seed)
    ids, strata = np.arange(40), rng.integers(0, 3, 40)
    sizes = [min(4, c) for c in np.unique(strata, return_counts=True)[1]]
    order = rng.permutation(40)
    one = ids[sampling.draw(ids, strata, sizes, seed)]
    two = ids[order][sampling.draw(ids[order], strata[order], sizes, seed)]
    assert one.tolist() == two.tolist()


_SERIES = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(3, 20)), elements=st.integers(-50, 50).map(float)
)


@settings(max_examples=60, deadline=None)
@given(_SERIES, st.floats(0.1, 10), st.floats(-100, 100))
def test_trend_does_not_depend_on_the_unit(x, scale, shift):
    a, b, down = trend.mann_kendall(x), trend.mann_kendall(x * 2 + 7), trend.mann_kendall(-x)
    assert (a.s == b.s).all()
    np.testing.assert_allclose(b.slope, 2 * a.slope, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(down.slope, -a.slope, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(down.low, -a.high, rtol=1e-12, atol=1e-12)
    assert (down.p == a.p).all()


@settings(max_examples=60, deadline=None)
@given(_SERIES)
def test_charts_of_many_series_are_charts_of_each(x):
    together = control.i_mr(x).location
    for i, row in enumerate(x):
        alone = control.i_mr(row).location
        np.testing.assert_array_equal(together.z[i], alone.z)
        assert (control.nelson_rules(together.z)[i] == control.nelson_rules(alone.z)).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), min_size=1, max_size=50), st.integers(0, 99))
def test_times_do_not_depend_on_order(rows, seed):
    time, event = (np.array(v) for v in zip(*rows, strict=True))
    order = np.random.default_rng(seed).permutation(len(time))
    a, b = survival.km_median(time, event), survival.km_median(time[order], event[order])
    np.testing.assert_array_equal([a.median, a.low, a.high], [b.median, b.low, b.high])
    closed = survival.km_median(time, np.ones(len(time)))  # nothing open: the ordinary median
    np.testing.assert_allclose(closed.median[0], np.median(time), rtol=1e-12)
    q = quantiles.quantile(time, 0.5)
    assert not q.low[0] > q.value[0]
    assert not q.high[0] < q.value[0]


@settings(max_examples=60, deadline=None)
@given(st.floats(-200, 200), st.floats(-100, 100), st.floats(0.1, 100))
def test_scores_rise_with_what_is_good(value, floor, width):
    up = composite.score_map([value, value + 1], floor + width, floor)
    down = composite.score_map([value, value + 1], floor, floor + width, "down")
    assert 0 <= up[0] <= up[1] <= 100
    assert 100 >= down[0] >= down[1] >= 0
    np.testing.assert_allclose(composite.score_map(floor, floor + width, floor), 60)
    np.testing.assert_allclose(composite.score_map(floor + width, floor + width, floor), 100)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_probabilities_keep_their_order(p):
    q = trend.benjamini_hochberg(p)
    assert (q >= np.array(p) - 1e-12).all()
    assert (q <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(q[order]) >= 0).all()
    assert trend.simes(p) <= q.min() + 1e-12


def test_the_room_needs_only_numbers():
    """Importing all of it brings neither the web, nor a database, nor the compiler."""
    code = (
        "import pkgutil, importlib, sys, bihuan.stats as s\n"
        "for m in pkgutil.walk_packages(s.__path__, 'bihuan.stats.'):\n"
        "    '.kernels' in m.name or importlib.import_module(m.name)\n"
        "print(*sorted({'django', 'pyarrow', 'pandas', 'duckdb', 'ibis', 'numba'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


@pytest.mark.slow
def test_loops_run_where_nothing_can_be_written(tmp_path):
    """The machine code is kept elsewhere, or nowhere, when the package's own folder is read-only."""
    code = (
        "import numba.core.caching as c\n"
        "c.CacheImpl._locator_classes = []\n"
        "from bihuan.stats import control\n"
        "print(control.cusum([1.0, 2], center=0, sigma=1).up[1])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.strip() == "2.0"
