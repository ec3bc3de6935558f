"""Trend, drivers, effects, outcomes, sample sizes and weights against R and closed formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bihuan.stats import composite, drivers, effect, estimate, outcomes, regression, sampling, trend
from tests.stats.support import columns, expected, same


@pytest.fixture
def wanted(reference):
    return expected(reference)


def test_mann_kendall_of_the_nile(reference, wanted):
    found, want = trend.mann_kendall(columns(reference / "nile.csv")["flow"]), wanted["misc_R"]["nile_mk"]
    same(
        [found.z, found.p, found.s, found.variance, found.tau, found.slope, found.low, found.high],
        [[want[k]] for k in ("z", "p", "S", "varS", "tau", "sen")] + [[v] for v in want["ci95"]],
    )


def test_the_nile_fell_after_1898(reference):
    d = columns(reference / "nile.csv")
    found = trend.step_change(d["flow"])
    assert d["year"][found.at[0]] == 1898
    assert found.shift[0] < -200
    assert found.p[0] < 1e-6


def test_benjamini_hochberg(wanted):
    want = wanted["misc_R"]["bh_1995"]
    found = trend.benjamini_hochberg(want["p"])
    same(found, want["BH"])
    assert int((found <= 0.05).sum()) == want["rejected_at_005"]


def test_drivers_of_attitude(reference, wanted):
    d, want = columns(reference / "attitude.csv"), wanted["misc_R"]["attitude_relimp"]
    x = np.column_stack([d[v] for v in want["vars"]])
    johnson, shapley = drivers.relative_weights(x, d["rating"]), drivers.lmg(x, d["rating"])
    same(johnson.value, want["johnson_rw"])
    same(shapley.value, want["lmg_shapley"])
    same([johnson.r_squared, shapley.r_squared, want["sum_rw"]], [want["R2"]] * 3)
    fitted = regression.fit(d["rating"], np.column_stack([np.ones(len(x)), x]))
    same(fitted.coefficient, list(want["ols"].values()))
    assert not johnson.enough


def test_drivers_of_fuel_use(reference, wanted):
    d, want = columns(reference / "mtcars_subset.csv"), wanted["formulas"]["johnson_rw_mtcars"]
    found = drivers.relative_weights(np.column_stack([d[k] for k in ("cyl", "disp", "hp", "gear")]), d["mpg"])
    same(found.value, want["computed"])
    same(found.r_squared, want["R2"])
    assert np.round(found.value, 7).tolist() == want["published_rwa_readme"]
    assert round(found.r_squared, 7) == want["published_R2"]


@pytest.fixture
def stores(reference):
    d = columns(reference / "card_krueger_long.csv")
    keep = ~np.isnan(d["fte"])
    return {k: v[keep] for k, v in d.items()}


def test_minimum_wage(stores, wanted):
    want = wanted["did"]["card_krueger_all"]
    x = np.column_stack([np.ones(want["n"]), stores["nj"], stores["d"], stores["nj"] * stores["d"]])
    f = regression.fit(stores["fte"], x)
    same(f.coefficient[3], want["did"])
    same(np.sqrt(regression.classical(f)[3, 3]), want["se_ols"])
    for kind in ("hc0", "hc1", "hc2", "hc3"):
        same(np.sqrt(regression.robust(f, kind)[3, 3]), want[f"se_{kind.upper()}"])
    for kind, name in (("cr0", "CR0_store"), ("cr1", "CR1_stata_store"), ("cr2", "CR2_store")):
        same(np.sqrt(regression.clustered(f, stores["id"], kind)[3, 3]), want[f"se_{name}"])
    df = regression.satterthwaite(f, stores["id"], [0, 0, 0, 1])
    same(df, want["CR2_satt_df"])
    se = float(np.sqrt(regression.clustered(f, stores["id"], "cr2")[3, 3]))
    same(effect.rows.student_limits(want["did"], se, df, 0.95)[2], want["CR2_p"])


def test_four_cells(stores, wanted):
    square = 0.0
    for name, (mean, error, n) in wanted["did"]["card_krueger_all"]["cells"].items():
        state, time = name.split("_")
        rows = (stores["nj"] == (state == "NJ")) & (stores["d"] == (time == "after"))
        found = estimate.mean(stores["fte"][rows])
        same([found.value[0], found.se[0], found.n[0]], [mean, error, n])
        square += found.se[0] ** 2
    same(np.sqrt(square), wanted["did"]["card_krueger_all"]["se_four_independent_means"])


def test_difference_in_differences(stores, wanted):
    want = wanted["did"]["card_krueger_all"]
    found = effect.difference_in_differences(stores["fte"], stores["nj"], stores["d"], stores["id"])
    same([found.value, found.se], [want["did"], want["se_CR1_stata_store"]])
    assert (found.method, found.df) == ("cr1", want["n_clusters"] - 1)


@pytest.mark.parametrize(
    ("extra", "value", "se"),
    [
        ((), -11863.90, 7456.65),
        (("age", "agesq"), -21920.27, 6359.75),
        (("age", "agesq", "intst", "land", "area", "rooms", "baths"), -14177.93, 4987.27),
    ],
)
def test_incinerator(reference, extra, value, se):
    """Kiel and McClain; Wooldridge, Introductory Econometrics, example 13.3."""
    d = columns(reference / "kielmc.csv")
    x = [np.ones(len(d["year"])), d["nearinc"], d["y81"], d["y81nrinc"], *(d[k] for k in extra)]
    f = regression.fit(d["rprice"], np.column_stack(x))
    assert round(f.coefficient[3], 2) == value
    assert round(float(np.sqrt(regression.classical(f)[3, 3])), 2) == se


def test_outcome_rates(wanted):
    want = wanted["aapor"]["readme_example"]
    found = outcomes.rates(**{k.lower(): v for k, v in want["counts"].items()}, e=want["e"]).as_dict()
    assert sorted(found) == sorted(want["rates"])
    for name, rate in want["rates"].items():
        same(found[name], rate)


def test_sample_sizes(wanted):
    for case, want in wanted["formulas"]["sample_size_p50_95"].items():
        population, margin = (part.split("=")[1] for part in case.split(","))
        found = sampling.sample_size(p=0.5, margin=float(margin), population=int(population))
        same([found.n0, found.n], [want["n0"], want["n_cochran"]])
        assert found.answers == want["ceil"]


def test_a_landlord_that_published_its_sample_size():
    """Golding Homes: 7,271 homes, ±4 %, 554 answers; another rounding of the same formula."""
    found = sampling.sample_size(p=0.5, margin=float(sampling.required_margin(7271)), population=7271)
    assert abs(found.answers - 554) <= 1


def test_allocation(wanted):
    want = wanted["formulas"]["allocation_api"]
    proportional = sampling.allocate(200, want["Nh"])
    neyman = sampling.allocate(200, want["Nh"], want["Sh"], "neyman")
    for found, exact in ((proportional, want["prop"]), (neyman, want["neyman"])):
        assert found.sum() == 200
        assert np.all(np.abs(found - exact) < 1)
    assert proportional.tolist() == [143, 24, 33]
    assert neyman.tolist() == [146, 22, 32]


def test_net_promoter_score(wanted):
    want = wanted["formulas"]["nps"]["200/150/150"]
    value, se = estimate.nps_from_counts(200, 150, 150)
    same([value, se], [want["nps"], want["se_n"]])
    assert want["n"] == 500
    survey = estimate.nps(np.repeat([9, 7, 0], [200, 150, 150]))
    same([survey.value[0], survey.se[0]], [want["nps"], want["se_n1"]])
    same(value + np.array([-1, 1]) * 1.959963984540054 * se, want["ci95"])
    other = wanted["formulas"]["nps"]["p=1/2,0=1/3,-1=1/6 (whuber worked example, NPS=1/3, var=5/9)"]
    value, se = estimate.nps_from_counts(3, 2, 1)
    same([value / 100, 6 * (se / 100) ** 2], [other["nps"], other["var"]])


def test_index(wanted):
    want = wanted["formulas"]["csi_transform"]
    ten = estimate.index(np.array([[7.7], [8.0]]), scale_min=1, scale_max=10)
    five = estimate.index(np.array([[4.12], [4.12]]), scale_min=1, scale_max=5)
    same([ten.value[0], five.value[0]], list(want.values()))


@pytest.mark.parametrize("size", ["3x3", "4x4"])
def test_analytic_hierarchy(wanted, size):
    want = wanted["formulas"]["ahp"][size]
    found = composite.ahp(want["matrix"])
    same(found.weights, want["weights_eig"])
    same([found.lambda_max, found.consistency_index], [want["lambda_max"], want["CI"]])
    same(found.consistency_ratio, want["CR"])
    same(found.consistency_index / found.consistency_ratio, want["RI_saaty"])
    assert found.consistent


def test_entropy_weights(wanted):
    want = wanted["formulas"]["entropy_weights"]
    same(composite.entropy_weights(want["X"]), want["weights"])
    assert math.isclose(sum(want["weights"]), 1)
