"""Mapping files: checked against the schema, each problem with its path and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.utils import translation

from bihuan.collect.records import reasons
from bihuan.collect.records.importer import load_mapping
from bihuan.collect.records.mapping import MappingError, MappingSpec
from bihuan.collect.records.mapping.spec import schema
from tests.collect.records.factories import mapping

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "mappings").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_is_a_mapping(path):
    spec = MappingSpec.load(path)
    assert spec.name == path.stem
    again = MappingSpec.load(spec.as_yaml())
    assert again == spec


def columns(**changes):
    return {"columns": {**mapping()["columns"], **changes}}


@pytest.mark.parametrize(
    ("changes", "path", "code", "part"),
    [
        ({"colums": {}}, "colums", "mapping_key", "是不是“columns”"),
        ({"table": "orders"}, "table", "mapping_choice", "work_orders"),
        ({"key": []}, "key", "mapping_length", "空着"),
        ({"key": "工单编号"}, "key", "mapping_type", "array"),
        ({"source": "CRM 系统"}, "source", "mapping_pattern", "不合格式"),
        ({"zone": "Asia/Peking"}, "zone", "mapping_zone", "Asia/Shanghai"),
        ({"places": {}}, "places.project", "mapping_missing", "补上"),
        ({"places": {"project": {"create": True}}}, "places.project", "mapping_missing", "from"),
        (columns(reportedat="x"), "columns.reportedat", "mapping_target", "是不是“reported_at”"),
        (columns(fact_id="x"), "columns.fact_id", "mapping_own", "去掉"),
        (columns(rating={"form": "x"}), "columns.rating.form", "mapping_key", "是不是“from”"),
        (columns(rating={"values": {}}), "columns.rating", "mapping_missing", "from"),
        ({"columns": {"category": "类别"}}, "columns", "mapping_required", "reported_at"),
        ({"cycle": {"by": "constant"}}, "cycle.value", "mapping_missing", "补上"),
        ({"cycle": {"by": "column", "from": "x", "pattern": "("}}, "cycle.pattern", "mapping_regex", "正则"),
        (
            {"checks": {"order": [["reported_at", "closed_at"]]}},
            "checks.order[0]",
            "mapping_reference",
            "closed_at",
        ),
        (
            columns(due_at={"after": {"start": "arrived_at", "minutes": 5}}),
            "columns.due_at.after.start",
            "mapping_reference",
            "arrived_at",
        ),
    ],
)
def test_each_problem_names_its_path_and_how_to_mend_it(changes, path, code, part):
    with pytest.raises(MappingError) as found:
        MappingSpec.parse(mapping(**changes))
    assert (path, code) in [(p, c) for p, c, _ in found.value.problems]
    sentences = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            sentences[language] = [reasons.say_mapping(*problem) for problem in found.value.problems]
    assert part in " ".join(sentences["zh-hans"])
    assert sentences["zh-hans"] != sentences["en"]


def test_broken_yaml_names_its_line():
    with translation.override("zh-hans"), pytest.raises(ValidationError, match="第3行不是YAML"):
        load_mapping("name: crm\nkey: [a\n")


def test_a_mapping_comes_from_a_path_a_text_or_a_dict(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(yaml.safe_dump(mapping(), allow_unicode=True), encoding="utf-8")
    wanted = MappingSpec.parse(mapping())
    assert MappingSpec.load(path) == MappingSpec.load(str(path)) == wanted
    assert MappingSpec.load(path.read_text(encoding="utf-8")) == MappingSpec.load(mapping()) == wanted


def test_a_path_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ValidationError, match="gone"):
        load_mapping(tmp_path / "gone.yaml")


def test_columns_the_file_lacks_come_with_the_nearest():
    spec = MappingSpec.parse(mapping())
    have = ["工单编号", "项目名称", "类别", "紧急程度", "报修时间", "完成时间", "评分"]
    assert spec.missing_from(have) == [("项目", "项目名称")]


def test_every_sentence_is_in_both_languages():
    params = dict.fromkeys(
        [
            "value",
            "got",
            "want",
            "example",
            "allowed",
            "near",
            "low",
            "high",
            "other",
            "since",
            "limit",
            "first",
        ],
        "x",
    )
    for code, (what, how) in reasons.ROW.items():
        told = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                told[language] = (
                    str(what) % params,
                    str(how) % params,
                    reasons.label(code.removesuffix("_near")),
                )
        assert told["zh-hans"] != told["en"]


def test_the_schema_describes_every_part_of_the_examples():
    assert set(schema()["properties"]) >= {k for p in EXAMPLES for k in yaml.safe_load(p.read_text("utf-8"))}
