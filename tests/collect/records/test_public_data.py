"""The public data sets end to end: every row accounted for, and the figures that are known for them."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

from bihuan.base.places.models import Place
from bihuan.collect.records.importer import run_import
from bihuan.measure.evaluate import evaluate
from bihuan.measure.results import Results

pytestmark = [pytest.mark.public_data, pytest.mark.slow]
EXAMPLES = Path(__file__).parents[3] / "examples"
BOSTON = "boston311_2015/boston311_2015_158types_merged.csv.gz"
TORONTO = "toronto_rentsafe/Pre-2023 Apartment Building Evaluations.csv"
TORONTO_NEW = "toronto_rentsafe/Apartment Building Evaluations 2023 - current.csv"
KCMO = "kcmo_resident_survey/FY2022_RS_Cleaned_safe.csv"


def raw(name: str) -> dict:
    return yaml.safe_load((EXAMPLES / "mappings" / f"{name}.yaml").read_text(encoding="utf-8"))


def facts(archive, table: str) -> pa.Table:
    return pa.concat_tables([pq.read_table(f) for f in archive.at().files(table)])


def figures(archive, tmp_path, indicators: str, cycle: str, **options) -> dict[tuple, dict]:
    """Whole-cycle measurements by indicator, level, place and item of the breakdown."""
    listed = yaml.safe_load((EXAMPLES / "indicators" / f"{indicators}.yaml").read_text(encoding="utf-8"))
    results = Results(tmp_path / "results")
    evaluate(
        archive,
        run="r",
        cycle=cycle,
        definitions=listed["indicators"],
        weights=None,
        results=results,
        **options,
    )
    return {
        (m["indicator"], m["level"], m["place"], m["item"]): m
        for m in results.measurements(["r"]).to_pylist()
        if m["period"] == ""
    }


@pytest.mark.django_db
def test_boston(public_data, archive, tmp_path):
    result = run_import(public_data / BOSTON, raw("boston311"), archive=archive)
    assert (result.read, result.accepted, result.rejected) == (121_145, 120_948, 197)
    assert (result.reasons, result.cycles, result.new_places) == ({"before": 197}, ["2015"], 25)
    as_of = dt.datetime(2016, 1, 12, 22, 22, 40, tzinfo=dt.UTC)
    found = figures(archive, tmp_path, "boston311", "2015", as_of=as_of, zone="UTC")
    everything = ("company", "boston", "")
    housing = ("company", "boston", "Housing + Building")
    shares = [
        round(found[(code, *where)]["value"], 2) for code in ("B01", "B02") for where in (everything, housing)
    ]
    assert shares == [66.23, 39.54, 75.80, 53.89]
    hours = [found[("B03", *where)]["value"] / 60 for where in (everything, housing)]
    assert hours == pytest.approx([122.21, 504.43], abs=0.01)
    again = run_import(public_data / BOSTON, raw("boston311"), archive=archive)
    assert (again.added, again.replaced, again.unchanged, again.snapshot) == (0, 0, 120_948, 1)


@pytest.mark.django_db
def test_toronto_on_the_first_scale(public_data, archive, tmp_path):
    mapping = {**raw("toronto_rentsafe_2017"), "cycle": {"by": "constant", "value": "2017"}}
    result = run_import(public_data / TORONTO, mapping, archive=archive)
    assert (result.read, result.accepted, result.rejected, result.facts) == (11_760, 11_753, 7, 235_060)
    assert result.reasons == {"rule": 7}
    table = facts(archive, "inspection_items")
    counts = Counter(table["result"].to_pylist())
    assert counts["not_checked"] == 20
    points: dict[str, list[float]] = defaultdict(list)
    for inspection, mark in zip(table["inspection"].to_pylist(), table["points"].to_pylist(), strict=True):
        if mark is not None:
            points[inspection].append(mark)
    with (public_data / TORONTO).open(encoding="utf-8-sig", newline="") as file:
        scores = {f"rentsafe-2017-{r['_id']}": float(r["SCORE"]) for r in csv.DictReader(file)}
    assert len(points) == 11_752
    assert max(abs(100 * mean(marks) / 5 - scores[key]) for key, marks in points.items()) <= 0.5
    as_of = dt.datetime(2023, 12, 31, tzinfo=dt.UTC)
    found = figures(archive, tmp_path, "toronto", "2017", as_of=as_of, zone="America/Toronto")
    owners = {
        owner: round(found[("T01", "region", f"toronto-{owner}", "")]["value"], 1)
        for owner in ("private", "social-housing", "tchc")
    }
    assert owners == {"private": 74.0, "social-housing": 76.6, "tchc": 70.6}
    items = {
        i: round(found[("T03", "company", "toronto", i)]["value"], 2) for i in ("PARKING_AREA", "GRAFFITI")
    }
    assert items == {"PARKING_AREA": 3.39, "GRAFFITI": 4.61}


@pytest.mark.django_db
def test_toronto_keeps_its_two_scales_apart(public_data, archive):
    first = run_import(public_data / TORONTO, raw("toronto_rentsafe_2017"), archive=archive)
    second = run_import(public_data / TORONTO_NEW, raw("toronto_rentsafe_2023"), archive=archive)
    assert (second.read, second.accepted, second.rejected, second.facts) == (1_758, 1_758, 0, 87_900)
    assert (first.cycles[0], first.cycles[-1]) == ("2017Q3", "2023Q1")
    assert second.cycles == ["2023Q2", "2023Q3", "2023Q4"]
    versions = {v["version"]: v["from_cycle"] for v in archive.at().dimension("versions").to_pylist()}
    assert versions == {"rentsafe-2017": "2017", "rentsafe-2023": "2023Q2"}
    assert Place.objects.filter(kind="region").count() == 3


@pytest.mark.django_db
def test_kansas_city(public_data, archive, tmp_path):
    result = run_import(public_data / KCMO, raw("kcmo_resident_survey"), archive=archive)
    assert (result.read, result.accepted, result.rejected, result.cycles) == (1_033, 1_033, 0, ["2021Q3"])
    table = facts(archive, "answers")
    responses = table.filter(pc.equal(table["question"], "q17_04"))
    assert Counter(responses["mode"].to_pylist()) == {"web": 624, "paper": 392, "phone": 17}
    assert round(responses["value"].null_count / len(responses), 2) == 0.25
    found = figures(archive, tmp_path, "kcmo", "2021Q3", zone="America/Chicago")
    means = [round(found[(code, "company", "kcmo", "")]["value"], 2) for code in ("K01", "K02", "K03")]
    assert means == [3.20, 3.28, 3.52]
