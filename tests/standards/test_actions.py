"""Loading, revising, planning: what becomes a version, and from which cycle it counts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
import yaml

from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.standards import queries
from bihuan.standards.actions import load_catalogue, load_definitions, plan_cycle
from bihuan.standards.models import Indicator, IndicatorVersion, MonitoringCycle, WeightTree
from bihuan.standards.reader import CatalogueError
from tests.base.people.factories import person
from tests.base.places.factories import PlaceFactory
from tests.standards.factories import DEFINITION, MonitoringCycleFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 20, 4, 0, tzinfo=UTC)


def write(path: Path, *entries: dict, **more) -> Path:
    path.write_text(yaml.safe_dump({"indicators": list(entries), **more}, allow_unicode=True))
    return path


@time_machine.travel(NOW, tick=False)
def test_a_changed_definition_counts_from_the_next_cycle(tmp_path):
    MonitoringCycleFactory(code="2026Q3")
    file = write(tmp_path / "own.yaml", DEFINITION)
    [first] = load_definitions(file, actor=None)
    [second] = load_definitions(write(file, {**DEFINITION, "target": 90}), actor=None)
    assert (first.change, first.from_cycle) == ("added", "")
    assert (second.change, second.from_cycle, second.number) == ("revised", "2026Q4", 2)
    first.refresh_from_db()
    assert first.state == "superseded"
    for cycle, target in (("2020Q1", 95), ("2026Q3", 95), ("2026", 95), ("2026Q4", 90), ("2027", 90)):
        assert queries.definitions_for(cycle)[0].target.for_grade("") == target, cycle


@time_machine.travel(NOW, tick=False)
def test_two_changes_before_the_next_cycle_leave_one_version_that_counts(tmp_path):
    MonitoringCycleFactory(code="2026Q3")
    file = tmp_path / "own.yaml"
    for target in (95, 90, 85):
        load_definitions(write(file, {**DEFINITION, "target": target}), actor=None)
    states = list(IndicatorVersion.objects.order_by("number").values_list("number", "state", "from_cycle"))
    assert states == [(1, "superseded", ""), (2, "withdrawn", "2026Q4"), (3, "effective", "2026Q4")]
    assert queries.definitions_for("2026Q4")[0].target.for_grade("") == 85


@time_machine.travel(NOW, tick=False)
def test_a_revision_may_start_later_but_never_in_a_cycle_that_was_opened(tmp_path):
    MonitoringCycleFactory(code="2026Q3")
    file = write(tmp_path / "own.yaml", DEFINITION)
    load_definitions(file, actor=None)
    [late] = load_definitions(write(file, {**DEFINITION, "target": 90, "from_cycle": "2027Q2"}), actor=None)
    assert late.from_cycle == "2027Q2"
    [early] = load_definitions(write(file, {**DEFINITION, "target": 91, "from_cycle": "2025Q1"}), actor=None)
    assert early.from_cycle == "2026Q4"


def test_a_name_is_put_right_without_a_new_version(tmp_path):
    file = write(tmp_path / "own.yaml", DEFINITION)
    load_definitions(file, actor=None)
    [same] = load_definitions(
        write(file, {**DEFINITION, "name": {"zh": "按约", "en": "As agreed"}}), actor=None
    )
    assert (same.change, same.number, same.name_zh) == ("relabelled", 1, "按约")


def test_weights_of_a_file_are_versioned_too(tmp_path):
    tree = {"nodes": [{"code": "R", "weight": 1, "indicators": ["R03"]}]}
    file = write(tmp_path / "own.yaml", DEFINITION, weights=tree)
    with time_machine.travel(NOW, tick=False):
        load_definitions(file, actor=None)
        load_definitions(file, actor=None)
        assert WeightTree.objects.count() == 1
        changed = {**tree, "grades": {"A": 90, "B": 80, "C": 70}}
        load_definitions(write(file, DEFINITION, weights=changed), actor=None)
    assert [t.number for t in (queries.tree_for("2026Q3"), queries.tree_for("2026Q4"))] == [1, 2]
    assert queries.weights_for("2026Q3") == {
        "grades": {"A": 85, "B": 75, "C": 60},
        "red_line_grade": "C",
        "nodes": [{"code": "R", "weight": 1.0, "nodes": [{"code": "R03", "weight": 1.0}]}],
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("- just a list", "start the file with “indicators:”"),
        ("indicators: [{name: x}]", "Indicator number 1 has no “code”"),
        ("indicators: [", "is not valid YAML"),
        ("indicators: [{code: X1, kind: nonsense}]", "Indicator X1"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_words(tmp_path, content, sentence):
    file = tmp_path / "own.yaml"
    file.write_text(content)
    from django.utils.translation import override

    with override("en"), pytest.raises(CatalogueError, match=sentence):
        load_definitions(file, actor=None)
    assert not Indicator.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"clauses": ["CN-FIRE/99"]}, "no clause CN-FIRE/99"),
        ({"target_source": "hearsay"}, "target_source is"),
        ({"said": {"zh": "没有", "en": "none", "counts": "hit"}}, "“said” needs zh and en"),
        ({"from_cycle": "next year"}, "Indicator R03"),
        ({"target": "many"}, "Indicator R03"),
    ],
)
def test_an_entry_that_does_not_fit_names_the_indicator(tmp_path, change, sentence):
    from django.utils.translation import override

    with override("en"), pytest.raises(CatalogueError, match=sentence):
        load_definitions(write(tmp_path / "own.yaml", {**DEFINITION, **change}), actor=None)


def test_an_indicator_named_twice_is_refused(tmp_path):
    with pytest.raises(CatalogueError):
        load_definitions(write(tmp_path / "own.yaml", DEFINITION, DEFINITION), actor=None)


@pytest.mark.parametrize(
    "weights",
    [
        {"nodes": [{"code": "R", "indicators": ["R03", "R03"]}]},
        {"nodes": [{"code": "R", "weight": -1, "indicators": ["R03"]}]},
        {"grades": {"A": 60, "B": 80}, "nodes": [{"code": "R", "indicators": ["R03"]}]},
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, weights):
    with pytest.raises(CatalogueError):
        load_definitions(write(tmp_path / "own.yaml", DEFINITION, weights=weights), actor=None)


def test_only_the_company_s_quality_manager_changes_standards(tmp_path):
    company = PlaceFactory(code="C")
    project = PlaceFactory(code="P", kind="project", parent=company)
    for actor in (person(), person("leader"), person("quality_manager", project)):
        with pytest.raises(Refused):
            load_catalogue(actor=actor)
    load_catalogue(actor=person("quality_manager", company))
    assert Indicator.objects.count() == 36


def test_loading_is_on_the_trail(tmp_path):
    load_definitions(write(tmp_path / "own.yaml", DEFINITION), actor=None)
    verbs = list(Entry.objects.order_by("sequence").values_list("verb", flat=True))
    assert verbs == ["indicator.version_effective", "definitions.loaded"]


def test_a_cycle_is_planned_once_with_its_bounds():
    cycle = plan_cycle(code="2026Q3", actor=None)
    assert plan_cycle(code="2026Q3", actor=None) == cycle
    assert (cycle.kind, cycle.state) == ("quarter", "planned")
    assert cycle.start == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert cycle.end == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert plan_cycle(code="2015", actor=None).kind == "year"
    with pytest.raises(Refused):
        plan_cycle(code="2026Q4", actor=person("leader"))
    assert MonitoringCycle.objects.count() == 2
