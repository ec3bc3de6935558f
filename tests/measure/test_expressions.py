from __future__ import annotations

from datetime import UTC, datetime

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.archive.schema import FACTS
from bihuan.measure.build import build, holds, instant
from bihuan.measure.engine import Engine, Query
from bihuan.measure.expressions import BOOL, DURATION, INSTANT, NUMBER, ExpressionError, column_types, parse

ORDERS = column_types(FACTS["work_orders"].arrow)
T0 = datetime(2026, 7, 1, 8, tzinfo=UTC)
SCHEMA = ibis.schema(
    {
        "row": "int64", "category": "string", "rating": "float64", "reopened": "boolean",
        "reported_at": "timestamp('UTC', 6)", "resolved_at": "timestamp('UTC', 6)",
    }
)  # fmt: skip
ROWS = ibis.table(SCHEMA, name="rows")
VALUES = {
    "row": [0, 1, 2],
    "category": ["水电", "entrapment", None],
    "rating": [4.0, None, 2.0],
    "reopened": [True, None, False],
    "reported_at": [T0, T0, T0],
    "resolved_at": [T0.replace(hour=9), None, T0.replace(day=3)],
}
GIVEN: list[tuple[str, list[object]]] = [
    ("category = '水电'", [True, False, None]),
    ("not category = '水电'", [False, True, None]),
    ("category is null or rating > 3", [True, None, True]),
    ("category is not null and rating is null", [False, True, False]),
    ("rating in (2, 4)", [True, None, True]),
    ("category not in ('水电')", [False, True, None]),
    ("rating + 2 * 3", [10.0, None, 8.0]),
    ("-rating / 0", [None, None, None]),
    ("(rating - 1) / 2", [1.5, None, 0.5]),
    ("coalesce(rating, 9)", [4.0, 9.0, 2.0]),
    ("greatest(rating, 3)", [4.0, 3.0, 3.0]),
    ("least(rating, 3)", [3.0, 3.0, 2.0]),
    ("abs(rating - 5)", [1.0, None, 3.0]),
    ("reopened", [True, None, False]),
    ("reopened != true", [False, None, True]),
    ("resolved_at <= as_of", [True, None, False]),
    ("resolved_at - reported_at <= 90 minutes", [True, None, False]),
    ("hours(resolved_at - reported_at)", [1.0, None, 48.0]),
    ("days(resolved_at - reported_at)", [1 / 24, None, 2.0]),
    ("minutes(resolved_at - reported_at)", [60.0, None, 2880.0]),
    ("reported_at + 1 month > resolved_at", [True, None, True]),
    ("resolved_at - 2 days <= reported_at", [True, None, True]),
    ("contains(category, 'trap')", [False, True, None]),
    ("true and not false", [True, True, True]),
    ("least(rating)", [4.0, None, 2.0]),
    ("resolved_at + 1 year - 2 weeks < as_of", [False, None, False]),
    ("(rating - 1) / 3 = 1", [True, None, False]),
    ("rating / 7 * 7 = rating and rating / 10 < 0.3", [False, None, True]),
    ("contains(category, '\\') or category = 'a''b\\c'", [False, False, None]),
    ("category = 'x'' or 1=1 --'", [False, False, None]),
]


def constants(_: str) -> ibis.Value:
    return instant(T0.replace(day=2))


@pytest.fixture(scope="module")
def found(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """What each expression gives on each of the three rows."""
    file = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(pa.table(VALUES, schema=SCHEMA.to_pyarrow()), file)
    columns = {f"c{k}": build(parse(text, ORDERS), ROWS, constants) for k, (text, _) in enumerate(GIVEN)}
    columns["holds"] = holds(parse("rating > 3", ORDERS), ROWS, constants)
    (table,) = engine.run([Query(ROWS.select("row", **columns), "rows", [str(file)], {})])
    table = table.sort_by("row")
    texts = {f"c{k}": text for k, (text, _) in enumerate(GIVEN)}
    return {texts.get(name, name): table[name].to_pylist() for name in table.column_names}


@pytest.mark.parametrize(("text", "wanted"), GIVEN)
def test_what_expressions_give(found: dict[str, list[object]], text: str, wanted: list[object]) -> None:
    assert found[text] == wanted


def test_a_quote_inside_a_text_is_doubled() -> None:
    assert parse("category = 'it''s'", ORDERS).args[1].value == "it's"


def test_a_condition_that_cannot_be_told_does_not_hold(found: dict[str, list[object]]) -> None:
    assert found["holds"] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("rating >", "where 'the end' stands"),
        ("rating > 3 4", "'4' is not expected"),
        ("ratings > 3", "no column 'ratings'"),
        ("rating = 'four'", "beside"),
        ("reopened > true", "flags have no order"),
        ("reopened and rating", "a flag is needed where 'rating' stands"),
        ("reported_at + reported_at", "cannot join"),
        ("reported_at - 30", "cannot join"),
        ("resolved_at - reported_at < 2 months", "no fixed length"),
        ("2.5 days", "whole number"),
        ("__import__('os')", "no function"),
        ("rating; drop", "cannot be read at character 7"),
        ("minutes(rating)", "a duration is needed"),
        ("abs(rating, 2)", "one argument"),
        ("contains(category, channel)", "text in quotes"),
        ("(" * 80 + "rating" + ")" * 80, "nested"),
        ("-" * 80 + "rating", "nested"),
        ("rating in ()", "needed where"),
        ("category is 3", "'null' is needed"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        parse(text, ORDERS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("rating", NUMBER), ("30 days", DURATION), ("as_of - 1 year", INSTANT), ("rating is null", BOOL)],
)
def test_types(text: str, kind: str) -> None:
    assert parse(text, ORDERS).type == kind


def test_a_wanted_type_is_held_to() -> None:
    with pytest.raises(ExpressionError, match="a flag is needed"):
        parse("rating", ORDERS, BOOL)


def test_the_columns_an_expression_reads() -> None:
    assert parse("rating > 3 and category = 'x'", ORDERS).columns() == {"rating", "category"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab'()<>=!+-*/., 0123456789rating notandor", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        node = parse(text, ORDERS)
    except ExpressionError:
        return
    assert node.type
