"""The tables of the service-quality data archive: facts, and the dimensions published beside them.

Facts are what happened, without names or phone numbers. Times are UTC; minutes are on the working
calendar named in the row (``24h`` is the clock), with paused minutes taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

STRING = pa.string()
NUMBER = pa.float64()
FLAG = pa.bool_()
INSTANT = pa.timestamp("us", tz="UTC")
DATE = pa.date32()


@dataclass(frozen=True)
class Column:
    """One column: its name, Arrow type, whether it must be filled, and what it means."""

    name: str
    type: pa.DataType
    doc: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One archive table: ``columns`` in order; ``doc`` says what one row is.

    ``unit`` is the column that brings the rows of one response or inspection together.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    unit: str | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """How the rows of a file are sorted: whole projects, and in them whole units."""
        return ("project", *((self.unit,) if self.unit else ()), "fact_id")

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema that every file of this table has, column for column."""
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    def column(self, name: str) -> Column:
        """The column called ``name``; ``KeyError`` names the table when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


COMMON = (
    Column("fact_id", STRING, "stable and unique within the table", required=True),
    Column("cycle", STRING, "monitoring cycle the fact belongs to, such as 2026Q3", required=True),
    Column("period", STRING, "month of the fact in the company's zone, such as 2026-07", required=True),
    Column("project", STRING, "code of the project 项目", required=True),
    Column("building", STRING, "code of the building 楼栋"),
    Column("service_area", STRING, "one of the ten service areas 服务区域"),
    Column("contractor", STRING, "code of the team or contractor 班组/外包商"),
    Column("occurred_at", INSTANT, "when it happened", required=True),
    Column("source", STRING, "system or file family it came from", required=True),
    Column("late", FLAG, "arrived after its cycle had been closed", required=True),
    Column("complete", FLAG, "every field required of such a record was there", required=True),
)


def _facts(name: str, doc: str, *columns: Column, unit: str | None = None) -> Table:
    return Table(name, doc, COMMON + columns, unit)


FACTS: dict[str, Table] = {
    t.name: t
    for t in (
        _facts(
            "answers",
            "one answer to one question",
            Column("response", STRING, "the response 答卷 it stands in", required=True),
            Column("questionnaire_version", STRING, "version of the questionnaire", required=True),
            Column("question", STRING, "code of the question", required=True),
            Column(
                "role", STRING, "part the question plays: overall, nps, item, expectation, renewal, value"
            ),
            Column("dimension", STRING, "dimension of the questionnaire"),
            Column("value", NUMBER, "the mark given; null where the answer was 不了解/不适用"),
            Column("scale_min", NUMBER, "lowest mark of the scale"),
            Column("scale_max", NUMBER, "highest mark of the scale"),
            Column("stratum", STRING, "stratum of the sampled household"),
            Column("weight", NUMBER, "final weight of the response; null counts as 1"),
            Column("weight_cell", STRING, "cell of the raking margins, empty where weights were not raked"),
            Column(
                "sampled", FLAG, "from a probability sample (true) or an open link (false)", required=True
            ),
            Column("mode", STRING, "web, phone, paper, face"),
            Column("flags", STRING, "integrity flags, comma-separated; null where nothing is wrong"),
            unit="response",
        ),
        _facts(
            "samples",
            "one member of a drawn sample",
            Column("stratum", STRING, "stratum drawn from", required=True),
            Column("frame_size", NUMBER, "N_h: households of the stratum in the frame", required=True),
            Column("sample_size", NUMBER, "n_h: households drawn in the stratum", required=True),
            Column("base_weight", NUMBER, "N_h / n_h before any adjustment"),
            Column("disposition", STRING, "AAPOR outcome: I, P, R, NC, O, UH, UO, NE; null while pending"),
            Column("response", STRING, "the response it led to"),
        ),
        _facts(
            "work_orders",
            "one repair or service request",
            Column("category", STRING, "kind of work, such as 水电 or entrapment"),
            Column("priority", STRING, "emergency or normal"),
            Column("channel", STRING, "how it was reported"),
            Column("asset", STRING, "asset it is about"),
            Column("asset_type", STRING, "type of that asset, such as lift"),
            Column("unit_key", STRING, "pseudonym of the household's unit"),
            Column("calendar", STRING, "working calendar its limits run on; 24h is the clock"),
            Column("reported_at", INSTANT, "reported", required=True),
            Column("responded_at", INSTANT, "first answer to the customer"),
            Column("arrived_at", INSTANT, "somebody was on the spot"),
            Column("resolved_at", INSTANT, "the work was done"),
            Column("closed_at", INSTANT, "accepted and closed"),
            Column("revisited_at", INSTANT, "called back 回访"),
            Column("due_respond_at", INSTANT, "limit of the response"),
            Column("due_arrive_at", INSTANT, "limit of the arrival"),
            Column("due_at", INSTANT, "agreed time of completion"),
            Column("minutes_to_respond", NUMBER, "working minutes to the response, pauses out"),
            Column("minutes_to_arrive", NUMBER, "working minutes to the arrival, pauses out"),
            Column("minutes_to_resolve", NUMBER, "working minutes to the completion, pauses out"),
            Column("paused_minutes", NUMBER, "minutes the clock stood still for the customer's reasons"),
            Column("limit_respond", NUMBER, "minutes allowed to respond"),
            Column("limit_arrive", NUMBER, "minutes allowed to arrive"),
            Column("limit_resolve", NUMBER, "minutes allowed to complete"),
            Column("repeat_of", STRING, "fact_id of the order this one repeats"),
            Column("reopened", FLAG, "the customer did not accept it"),
            Column("rating", NUMBER, "mark the customer gave"),
            Column("rating_min", NUMBER, "lowest mark of that scale"),
            Column("rating_max", NUMBER, "highest mark of that scale"),
        ),
        _facts(
            "inspection_items",
            "one checked item of an inspection",
            Column("inspection", STRING, "the inspection it belongs to", required=True),
            Column("item", STRING, "code of the check item", required=True),
            Column("point", STRING, "place of the check, such as a stairwell"),
            Column("level", STRING, "self, supervisor, manager or third_party"),
            Column(
                "result", STRING, "conforming, non_conforming, not_applicable, not_checked", required=True
            ),
            Column("weight", NUMBER, "weight of the item; null counts as 1"),
            Column("points", NUMBER, "points earned; negative under a deduction scheme"),
            Column("max_points", NUMBER, "points that could be earned"),
            Column("severity", STRING, "A red line, B serious, C ordinary, D slight"),
            Column("veto", FLAG, "a red-line item 红线项"),
            Column("inspector", STRING, "pseudonym of the inspector"),
            Column(
                "checklist_version",
                STRING,
                "version of the checklist, which fixes the scoring",
                required=True,
            ),
            unit="inspection",
        ),
        _facts(
            "tasks",
            "one planned duty: maintenance, cleaning, patrol, rectification, training",
            Column("kind", STRING, "maintenance, cleaning, patrol, rectification, training", required=True),
            Column("asset", STRING, "asset it is about"),
            Column("asset_type", STRING, "type of that asset"),
            Column("point", STRING, "place of the duty"),
            Column("due_from", INSTANT, "start of the window"),
            Column("due_to", INSTANT, "end of the window"),
            Column("done_at", INSTANT, "done"),
            Column("interval_days", NUMBER, "days since the duty before it was done"),
            Column("repeat_of", STRING, "fact_id of the task whose problem came back"),
            Column("result", STRING, "what came of it"),
        ),
        _facts(
            "feedback",
            "one customer message",
            Column("kind", STRING, "inquiry, complaint, suggestion, praise", required=True),
            Column("category", STRING, "what it is about"),
            Column("channel", STRING, "how it came"),
            Column("received_at", INSTANT, "received", required=True),
            Column("first_response_at", INSTANT, "first answer"),
            Column("answered_at", INSTANT, "answered in substance"),
            Column("closed_at", INSTANT, "closed"),
            Column("revisited_at", INSTANT, "called back 回访"),
            Column("due_first_response_at", INSTANT, "limit of the first answer"),
            Column("due_close_at", INSTANT, "limit of closing"),
            Column("limit_first_response", NUMBER, "minutes allowed to the first answer"),
            Column("limit_close", NUMBER, "minutes allowed to closing"),
            Column("valid", FLAG, "found justified; null while not judged"),
            Column("reopened", FLAG, "the customer did not accept it"),
            Column("rating", NUMBER, "mark the customer gave to the handling"),
            Column("rating_min", NUMBER, "lowest mark of that scale"),
            Column("rating_max", NUMBER, "highest mark of that scale"),
        ),
        _facts(
            "assets",
            "one asset at the end of one period",
            Column("asset", STRING, "code of the asset", required=True),
            Column("asset_type", STRING, "type, such as lift or fire_system", required=True),
            Column("in_service", FLAG, "in use at the period's end"),
            Column("last_test_at", INSTANT, "last full test"),
            Column("valid_until", INSTANT, "certificate valid until"),
            Column("state", STRING, "in_service, out_of_service, scrapped"),
        ),
        _facts(
            "exposure",
            "one project and period, as a whole and per asset type",
            Column("asset_type", STRING, "null on the row of the whole project"),
            Column("households", NUMBER, "households served; on the row of the whole project"),
            Column("area", NUMBER, "floor area in square metres; on the row of the whole project"),
            Column("assets_in_service", NUMBER, "assets of the type in service"),
        ),
        _facts(
            "measurements",
            "a value that an outside system already computed",
            Column("indicator", STRING, "code of the indicator", required=True),
            Column("numerator", NUMBER, "numerator, where there is one"),
            Column("denominator", NUMBER, "denominator, where there is one"),
            Column("value", NUMBER, "value, where there is no ratio"),
        ),
    )
}

DIMENSIONS: dict[str, Table] = {
    t.name: t
    for t in (
        Table(
            "places",
            "one node of the place tree in one spell of time",
            (
                Column("code", STRING, "code of the place", required=True),
                Column("kind", STRING, "company, region, city, project, building", required=True),
                Column("parent", STRING, "code of the place above; null for the company"),
                Column("name_zh", STRING, "Chinese name", required=True),
                Column("name_en", STRING, "English name"),
                Column("grade", STRING, "service grade 服务等级 the contract promises: 一级, 二级, 三级"),
                Column("households", NUMBER, "households under it; the weight in scores"),
                Column("valid_from", DATE, "first day it stood there; null for always"),
                Column("valid_to", DATE, "last day it stood there; null for still"),
            ),
        ),
        Table(
            "strata",
            "one stratum of one cycle's sampling frame",
            (
                Column("cycle", STRING, "monitoring cycle", required=True),
                Column("stratum", STRING, "code of the stratum", required=True),
                Column("frame_size", NUMBER, "N_h: households in the frame", required=True),
                Column("sample_size", NUMBER, "n_h: households drawn", required=True),
            ),
        ),
        Table(
            "questions",
            "one question of one questionnaire version",
            (
                Column("questionnaire_version", STRING, "version of the questionnaire", required=True),
                Column("question", STRING, "code of the question", required=True),
                Column("role", STRING, "overall, nps, item, ..."),
                Column("dimension", STRING, "dimension"),
                Column("dimension_weight", NUMBER, "weight of the dimension in the satisfaction index"),
                Column("service_area", STRING, "service area it speaks of"),
                Column("text_zh", STRING, "wording in Chinese"),
                Column("text_en", STRING, "wording in English"),
            ),
        ),
        Table(
            "versions",
            "one version of a standard, checklist or questionnaire and when it began to count",
            (
                Column("kind", STRING, "standard, checklist, questionnaire, weights", required=True),
                Column("version", STRING, "its code", required=True),
                Column("from_cycle", STRING, "first cycle it counts in"),
                Column("scheme", STRING, "scoring scheme of a checklist: share or deduction"),
                Column("note", STRING, "what changed, in a sentence, for the break in the trend"),
            ),
        ),
        Table(
            "calendars",
            "one open stretch of one working calendar",
            (
                Column("calendar", STRING, "code of the calendar", required=True),
                Column("day", DATE, "local day", required=True),
                Column("open_at", INSTANT, "start of the stretch", required=True),
                Column("close_at", INSTANT, "end of the stretch", required=True),
            ),
        ),
    )
}

TABLES: dict[str, Table] = {**FACTS, **DIMENSIONS}
