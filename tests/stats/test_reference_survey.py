"""Estimates, weighting and intervals against R survey 4.1-1."""

from __future__ import annotations

import numpy as np
import pytest

from bihuan.stats import design, estimate, intervals, sums, tables, weighting
from tests.stats.support import columns, expected, same

POPULATION = {"E": 4421.0, "H": 755.0, "M": 1018.0}


@pytest.fixture
def wanted(reference):
    return expected(reference)["survey"]


@pytest.fixture
def strat(reference):
    return columns(reference / "apistrat.csv")


@pytest.fixture
def clus(reference):
    return columns(reference / "apiclus1.csv")


def _stratified(d):
    return {"weight": d["pw"], "stratum": d["stype"], "fpc": d["fpc"]}


def _clustered(d, weight=None, margins=()):
    return {
        "weight": d["pw"] if weight is None else weight,
        "cluster": d["dnum"],
        "fpc": d["fpc"],
        "margins": margins,
    }


def test_stratified_mean(strat, wanted):
    found, want = estimate.mean(strat["api00"], **_stratified(strat)), wanted["strat_mean_api00"]
    same([found.value, found.se, found.deff, found.df], [[want[k]] for k in ("est", "se", "deff", "df")])
    same([found.low, found.high], np.array(want["ci95_t"])[:, None])


def test_stratified_mean_without_population_correction(strat, wanted):
    found = estimate.mean(strat["api00"], strat["pw"], strat["stype"])
    want = wanted["strat_mean_api00_noFPC"]
    same([found.value[0], found.se[0]], [want["est"], want["se"]])


def test_stratified_total(strat, wanted):
    found, want = estimate.total(strat["enroll"], **_stratified(strat)), wanted["strat_total_enroll"]
    same([found.value, found.se, found.deff], [[want[k]] for k in ("est", "se", "deff")])


def test_stratified_proportions(strat, wanted):
    want = wanted["strat_prop_schwide"]
    for k, level in enumerate(("No", "Yes")):
        found = estimate.proportion(strat["sch.wide"] == level, **_stratified(strat))
        same([found.value[0], found.se[0]], [want["est"][k], want["se"][k]])


def test_means_by_stratum(strat, wanted):
    found = estimate.mean(strat["api00"], domain=strat["stype"], **_stratified(strat))
    want = wanted["strat_by_stype_api00"]
    assert found.domain.tolist() == want["stype"]
    same([found.value, found.se], [want["est"], want["se"]])


def test_domain_means_keep_the_design(strat, wanted):
    found = estimate.mean(strat["api00"], domain=strat["sch.wide"], **_stratified(strat))
    want = wanted["strat_domain_mean_api00_by_schwide"]
    assert found.domain.tolist() == want["schwide"]
    same([found.value, found.se], [want["est"], want["se"]])


def test_ratio(strat, wanted):
    found = estimate.ratio(strat["api.stu"], strat["enroll"], **_stratified(strat))
    want = wanted["strat_ratio_apistu_enroll"]
    same([found.value[0], found.se[0]], [want["est"], want["se"]])


def test_exact_interval_of_a_proportion(strat, wanted):
    found = estimate.proportion(strat["sch.wide"] == "No", **_stratified(strat))
    want = wanted["ciprop_strat_schwideNo_beta"]
    same([found.value[0], found.low[0], found.high[0]], [want["est"], *want["ci95"]])
    same(found.se**2, want["var"])


def test_logit_interval_of_a_proportion(strat, wanted):
    found = estimate.proportion(strat["sch.wide"] == "No", method="logit", **_stratified(strat))
    want = wanted["ciprop_strat_schwideNo_logit"]
    same([found.value[0], found.low[0], found.high[0]], [want["est"], *want["ci95"]], 1e-6)
    same(found.se**2, want["var"], 1e-6)


def test_cluster_mean(clus, wanted):
    found, want = estimate.mean(clus["api00"], **_clustered(clus)), wanted["clus1_mean_api00"]
    same([found.value, found.se, found.deff, found.df], [[want[k]] for k in ("est", "se", "deff", "df")])


def test_post_stratification(clus, wanted):
    labels, code = np.unique(clus["stype"], return_inverse=True)
    weight = weighting.post_stratify(clus["pw"], code, [POPULATION[k] for k in labels])
    want = wanted["clus1_postStratify_stype"]
    same([weight[code == k][0] for k in range(3)], [want["weights_by_stype"][k] for k in labels])
    mean = estimate.mean(clus["api00"], **_clustered(clus, weight, [code]))
    total = estimate.total(clus["enroll"], **_clustered(clus, weight, [code]))
    same([mean.value[0], mean.se[0]], [want["mean_api00"], want["se_mean_api00"]])
    same([total.value[0], total.se[0]], [want["total_enroll"], want["se_total_enroll"]])


def test_raking(clus, wanted):
    _, kind = np.unique(clus["stype"], return_inverse=True)
    _, wide = np.unique(clus["sch.wide"], return_inverse=True)
    raked = weighting.rake(clus["pw"], [kind, wide], [list(POPULATION.values()), [1072, 5122]])
    want = wanted["clus1_rake_stype_schwide"]
    assert raked.converged
    same(raked.weight.sum(), want["sum_w"])
    for name, weight in want["cell_weights"].items():
        rows = np.char.add(np.char.add(clus["stype"], "|"), clus["sch.wide"]) == name
        same(np.unique(raked.weight[rows]), weight, 1e-6)
    mean = estimate.mean(clus["api00"], **_clustered(clus, raked.weight, [kind, wide]))
    total = estimate.total(clus["enroll"], **_clustered(clus, raked.weight, [kind, wide]))
    same([mean.value[0], mean.se[0]], [want["mean_api00"], want["se_mean_api00"]], 1e-6)
    same([total.value[0], total.se[0]], [want["total_enroll"], want["se_total_enroll"]], 1e-6)
    kish = weighting.design_effect(raked.weight)
    same([kish.deff, kish.n_eff], [want["kish_deff"], want["kish_neff"]], 1e-6)


def test_kish(strat, wanted):
    found, want = weighting.design_effect(strat["pw"]), wanted["apistrat_kish"]
    same([found.deff, found.n_eff, strat["pw"].sum()], [want["deff"], want["neff"], want["sum_w"]])
    assert len(strat["pw"]) == want["n"]


@pytest.mark.parametrize("by", ["stype", "sch.wide"])
def test_sums_give_what_rows_give(strat, by):
    """The sums of cells are enough: same values and standard errors as from the rows."""
    y, w = strat["api00"], strat["pw"]
    _, domain = np.unique(strat[by], return_inverse=True)
    _, first, stratum = np.unique(strat["stype"], return_index=True, return_inverse=True)
    cell = domain * 3 + stratum
    size = 3 * (domain.max() + 1)
    parts = [np.bincount(cell, v, size) for v in (w * 0 + 1, w * y, w, (w * y) ** 2, w**2, w * y * w)]
    found = sums.ratio(
        *parts,
        np.arange(size) // 3,
        np.arange(size) % 3,
        domain.max() + 1,
        frame_size=strat["fpc"][first],
        sample_size=np.bincount(stratum),
    )
    rows = estimate.mean(y, domain=strat[by], **_stratified(strat))
    same(found.value, rows.value)
    same(found.se, rows.se)
    assert found.df.tolist() == rows.df.tolist()


def test_rao_scott(clus):
    """The example of R's ``?svychisq``: ``svychisq(~sch.wide+stype, dclus1)``."""
    found = tables.independence(
        clus["sch.wide"], clus["stype"], clus["pw"], fpc=clus["fpc"], cluster=clus["dnum"]
    )
    assert [round(found.f, 4), round(found.df, 4), round(found.p, 5)] == [5.1934, 1.4946, 0.02175]
    assert round(found.df_error, 3) == 20.925


def test_wilson(reference):
    want = expected(reference)["misc_R"]
    same(intervals.wilson(412 / 520, 520), want["wilson_412_520"])
    same(intervals.wilson(0, 10), want["wilson_0_10"])


def test_the_design_knows_its_frame(strat):
    with pytest.raises(ValueError, match="more units were drawn"):
        design.Design.of(200, strat["pw"], strat["stype"], np.full(200, 20.0))
