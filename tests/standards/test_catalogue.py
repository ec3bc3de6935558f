"""The catalogue that Bihuan ships with."""

from __future__ import annotations

import pytest

from bihuan.measure.weights import Weights
from bihuan.standards import queries
from bihuan.standards.actions import load_catalogue
from bihuan.standards.models import Clause, IndicatorVersion, Regulation
from bihuan.standards.states import TargetSource, Verification

pytestmark = pytest.mark.django_db
FAMILIES = {"S": 9, "R": 11, "C": 8, "M": 8}


@pytest.fixture
def loaded():
    return load_catalogue(actor=None)


def test_all_indicators_are_there_and_can_be_measured(loaded):
    definitions = queries.definitions_for("2026Q3")
    assert len(loaded) == len(definitions) == sum(FAMILIES.values())
    counted = {family: sum(d.family == family for d in definitions) for family in FAMILIES}
    assert counted == FAMILIES
    assert {"R08a", "R08b", "M08"} <= {d.code for d in definitions}
    assert {d.code for d in definitions if d.red_line} == {"C03"}


def test_targets_follow_the_service_grade():
    load_catalogue(actor=None)
    by_code = {d.code: d for d in queries.definitions_for("2026Q3")}
    assert [by_code["S01"].target.for_grade(g) for g in ("一级", "二级", "三级")] == [80, 75, 70]
    assert [by_code["S01"].floor.for_grade(g) for g in ("一级", "二级", "三级")] == [60, 55, 50]
    assert (by_code["R03"].target.for_grade(""), by_code["R03"].floor.for_grade("")) == (95, 80)
    assert by_code["M06"].target.of_baseline == 0.9


def test_every_indicator_says_everything_in_both_languages(loaded):
    for version in loaded:
        for name in ("name_zh", "name_en", "short_zh", "short_en", "words_zh", "words_en"):
            assert getattr(version, name), (version.indicator.code, name)
        for texts in (version.definition["name"], version.said):  # an unquoted comma would cut a text in two
            assert set(texts) <= {"zh", "en", "counts"}, version.indicator.code
        if version.said:
            for language in ("zh", "en"):
                assert version.said[language].format(n=3, of=100) != version.said[language]


def test_every_rate_is_told_as_people_or_things(loaded):
    told = {v.indicator.code for v in loaded if v.said}
    rates = {
        v.indicator.code
        for v in loaded
        if v.definition["unit"] == "%" and v.definition["kind"] not in ("points", "index")
    }
    assert rates - told == set()


def test_what_was_not_read_in_the_original_says_so(loaded):
    doubtful = {v.indicator.code for v in loaded if v.target_source == TargetSource.UNVERIFIED}
    assert doubtful == {"S01", "R10", "C04", "C05"}
    for version in loaded:
        if version.target_source == TargetSource.VERIFIED:
            assert all(c.verification == Verification.VERIFIED for c in version.clauses.all()), version
    assert not Regulation.objects.filter(code="SZ-170").exists()
    assert Clause.objects.get(regulation__code="TSG-T5002").verification == Verification.UNVERIFIED
    assert Regulation.objects.get(code="TSG-T5002").verification == Verification.UNVERIFIED


def test_every_clause_is_there_in_both_languages(loaded):
    assert Clause.objects.count() == 64
    assert not Clause.objects.filter(text_zh="").exists()
    assert not Clause.objects.filter(text_en="").exists()


def test_the_weights_are_those_of_the_design(loaded):
    tree = queries.tree_for("2026Q3")
    shares = queries.shares(tree)
    assert {family: round(shares[family], 4) for family in FAMILIES} == {
        "S": 0.35,
        "R": 0.25,
        "C": 0.2,
        "M": 0.2,
    }
    assert shares["S01"] == pytest.approx(0.35 / 9)
    parsed = Weights.parse(queries.weights_for("2026Q3"))
    assert set(parsed.paths["total"]) == {v.indicator.code for v in loaded}
    assert parsed.grades == (("A", 85.0), ("B", 75.0), ("C", 60.0))


def test_loading_it_again_changes_nothing(loaded):
    again = load_catalogue(actor=None)
    assert {version.change for version in again} == {"unchanged"}
    assert IndicatorVersion.objects.count() == len(loaded)
