"""Real records against figures that were worked out from the same files with other software."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.measure.world import DIMENSIONS, Found, World, arrow, indicator

pytestmark = pytest.mark.public_data
AS_OF = datetime(2016, 1, 12, 22, 22, 40, tzinfo=UTC)


def put(world: World, table: str, cycle: str, frame: pd.DataFrame) -> None:
    """Publish a frame whose columns are named as the archive's."""
    common = {"cycle": cycle, "source": "public", "late": False, "complete": True}
    frame = frame.assign(**common, fact_id=[f"{table}-{cycle}-{k}" for k in range(len(frame))])
    frame = frame.assign(period=frame["occurred_at"].dt.strftime("%Y-%m"))
    with world.archive.batch() as batch:
        batch.put(table, "public", cycle, pa.Table.from_pandas(frame, preserve_index=False))


def evaluate(world: World, cycle: str, *definitions: dict[str, object], **more: object) -> Found:
    with world.archive.batch() as batch:
        batch.put_dimension("places", arrow(DIMENSIONS["places"].arrow, world.dimensions["places"]))
    return world.run(*definitions, cycle=cycle, zone="UTC", **more)


@pytest.fixture(scope="module")
def boston(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    file = public_data / "boston311_2015" / "boston311_2015_158types_merged.csv.gz"
    raw = pd.read_csv(file, usecols=["OPEN_DT", "TARGET_DT", "CLOSED_DT", "REASON"])
    reported, due, closed = (
        pd.to_datetime(raw[c], format="%m/%d/%Y %I:%M:%S %p", utc=True)
        for c in ("OPEN_DT", "TARGET_DT", "CLOSED_DT")
    )
    assert (closed < reported).sum() == 197
    kept = ~(closed < reported)
    housing = raw["REASON"].isin(["Housing", "Building"])
    frame = pd.DataFrame(
        {
            "project": np.where(housing, "HB", "OTHER"),
            "occurred_at": reported,
            "reported_at": reported,
            "due_at": due,
            "resolved_at": closed,
            "minutes_to_resolve": (closed - reported) / timedelta(minutes=1),
        }
    )[kept]
    world = World(tmp_path_factory.mktemp("boston"))
    world.place("C", "company", None)
    world.place("HB", "project", "C", households=1)
    world.place("OTHER", "project", "C", households=1)
    quarters = frame["occurred_at"].dt.year.astype(str) + "Q" + frame["occurred_at"].dt.quarter.astype(str)
    for quarter, part in frame.groupby(quarters):
        put(world, "work_orders", str(quarter), part)
    fair = indicator("on_time", code="FAIR", event="resolved_at", due="due_at")
    naive = indicator(
        "share", code="NAIVE", filter="due_at is not null and resolved_at is not null",
        success="resolved_at <= due_at",
    )  # fmt: skip
    median = indicator(
        "median_time", code="KM", unit="min", time="minutes_to_resolve", event="resolved_at", direction="down"
    )
    return evaluate(world, "2015", fair, naive, median, as_of=AS_OF)


@pytest.mark.parametrize(("place", "naive", "fair"), [("C", 75.8, 66.23), ("HB", 53.9, 39.54)])
def test_open_and_overdue_requests_count_as_missed(
    boston: Found, place: str, naive: float, fair: float
) -> None:
    assert boston(place, "NAIVE")["value"] == pytest.approx(naive, abs=0.05)
    assert boston(place, "FAIR")["value"] == pytest.approx(fair, abs=0.005)


@pytest.mark.parametrize(("place", "hours"), [("C", 122.21), ("HB", 504.43)])
def test_open_requests_are_censored_in_the_median(boston: Found, place: str, hours: float) -> None:
    assert boston(place, "KM")["value"] / 60 == pytest.approx(hours, abs=0.01)


def test_every_request_that_was_not_refused_stands_under_the_median(boston: Found) -> None:
    assert boston("C", "KM")["n"] == 120_948


ITEMS = [
    "ENTRANCE_LOBBY", "ENTRANCE_DOORS_WINDOWS", "SECURITY", "STAIRWELLS", "LAUNDRY_ROOMS",
    "INTERNAL_GUARDS_HANDRAILS", "GARBAGE_CHUTE_ROOMS", "GARBAGE_BIN_STORAGE_AREA", "ELEVATORS",
    "STORAGE_AREAS_LOCKERS", "INTERIOR_WALL_CEILING_FLOOR", "INTERIOR_LIGHTING_LEVELS", "GRAFFITI",
    "EXTERIOR_CLADDING", "EXTERIOR_GROUNDS", "EXTERIOR_WALKWAYS", "BALCONY_GUARDS",
    "WATER_PEN_EXT_BLDG_ELEMENTS", "PARKING_AREA", "OTHER_FACILITIES",
]  # fmt: skip


@pytest.fixture(scope="module")
def toronto(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, pd.DataFrame]:
    file = public_data / "toronto_rentsafe" / "Pre-2023 Apartment Building Evaluations.csv"
    raw = pd.read_csv(file, na_values=["N/A"])
    scores = raw[["_id", "PROPERTY_TYPE", "SCORE", *ITEMS]].copy()
    long = scores.melt(
        id_vars=["_id", "PROPERTY_TYPE"], value_vars=ITEMS, var_name="item", value_name="points"
    )
    long["points"] = pd.to_numeric(long["points"], errors="coerce")
    when = pd.Timestamp("2022-08-01", tz="UTC")
    frame = pd.DataFrame(
        {
            "project": long["PROPERTY_TYPE"],
            "occurred_at": pd.Series(when, index=long.index).astype("datetime64[us, UTC]"),
            "inspection": long["_id"].astype(str),
            "item": long["item"],
            "service_area": "all",
            "result": np.where(long["points"].isna(), "not_applicable", "conforming"),
            "points": long["points"],
            "max_points": 5.0,
            "checklist_version": "rentsafe-v1",
        }
    )
    world = World(tmp_path_factory.mktemp("toronto"))
    world.place("C", "company", None)
    for kind in sorted(set(frame["project"])):
        world.place(kind, "project", "C", households=1)
    put(world, "inspection_items", "2022", frame)
    points = indicator("points", "inspection_items", min_n=3)
    pooled = indicator(
        "ratio", "inspection_items", code="POOLED", filter="result = 'conforming'", numerator="points",
        denominator="max_points",
    )  # fmt: skip
    return evaluate(world, "2022", points, pooled, as_of=datetime(2023, 6, 1, tzinfo=UTC)), raw


@pytest.mark.parametrize(("owner", "mean"), [("PRIVATE", 74.0), ("SOCIAL HOUSING", 76.6), ("TCHC", 70.6)])
def test_inspection_scores_by_owner(toronto: tuple[Found, pd.DataFrame], owner: str, mean: float) -> None:
    found, _ = toronto
    assert found(owner)["value"] == pytest.approx(mean, abs=0.05)


def test_a_parents_points_are_the_mean_over_inspections_and_not_pooled_points(
    toronto: tuple[Found, pd.DataFrame],
) -> None:
    found, raw = toronto
    marks = raw[ITEMS].apply(pd.to_numeric, errors="coerce")
    mean = (100 * marks.sum(axis=1) / (5 * marks.notna().sum(axis=1))).mean()
    assert found("C")["value"] == pytest.approx(mean, rel=1e-12)
    assert found("C")["value"] == pytest.approx(raw["SCORE"].mean(), abs=0.05)  # the city rounds each score
    assert found("C", "POOLED")["value"] == pytest.approx(74.07, abs=0.02)


@pytest.mark.parametrize(("question", "mean"), [("q2_01", 3.20), ("q3_12", 3.28), ("q17_04", 3.52)])
def test_survey_means_leave_out_those_who_do_not_know(
    public_data: Path, tmp_path: Path, question: str, mean: float
) -> None:
    file = public_data / "kcmo_resident_survey" / "FY2022_RS_Cleaned_safe.csv"
    raw = pd.read_csv(file, usecols=["id", question])
    when = pd.Timestamp("2021-08-01", tz="UTC")
    frame = pd.DataFrame(
        {
            "project": "KC",
            "occurred_at": pd.Series(when, index=raw.index).astype("datetime64[us, UTC]"),
            "response": raw["id"].astype(str),
            "questionnaire_version": "kc-v1",
            "question": question,
            "value": raw[question].where(raw[question] != 9).astype(float),
            "scale_min": 1.0,
            "scale_max": 5.0,
            "sampled": True,
        }
    )
    world = World(tmp_path)
    world.place("KC", "project", None, households=1)
    put(world, "answers", "2021Q3", frame)
    found = evaluate(world, "2021Q3", indicator("mean", "answers", value="value", unit="1-5"), as_of=None)
    assert found("KC")["value"] == pytest.approx(mean, abs=0.005)
    valid = frame["value"].dropna()
    assert found("KC")["se"] == pytest.approx(valid.std() / np.sqrt(len(valid)), rel=1e-3)
