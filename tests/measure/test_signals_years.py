"""Years as cycles: twelve months each, tested by month like quarters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from bihuan.measure.cycles import months
from bihuan.measure.definition import Definition
from bihuan.measure.results import MEASUREMENTS, SCORES, Results
from bihuan.measure.signals.run import believed, series_of, told
from bihuan.measure.signals.tables import POINTS
from tests.measure.world import indicator

YEARS = ["2023", "2024", "2025", "2026"]


def points(year: str, hits: dict[str, np.ndarray]) -> pa.Table:
    rows = []
    for place, found in hits.items():
        for period, n, x in [("", 600, found.sum()), *zip(months(year), [50] * 12, found, strict=True)]:
            share = x / n
            rows.append(
                {
                    "indicator": "X", "version": "1", "instrument": "", "place": place, "period": period,
                    "value": 100 * share, "n": n, "n_eff": n, "denominator": n, "df": n - 1,
                    "se": 100 * np.sqrt(share * (1 - share) / (n - 1)),
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=POINTS)


def test_a_bad_month_of_a_year_is_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    results = Results(tmp_path)
    share = Definition.parse(indicator("share", success="reopened", period="month"))
    for year in YEARS:
        hits = {place: rng.binomial(50, 0.9, 12) for place in ("A", "B")}
        if year == YEARS[-1]:
            hits["B"][4] = 20
        now = points(year, hits)
        results.write(year, MEASUREMENTS.empty_table(), SCORES.empty_table(), (), {"cycle": year}, points=now)
    found = believed([series_of([share], now, results, YEARS[2::-1], cycle="2026")], cycle="2026")
    record = told(found, [share])
    rows = {row["place"]: row for row in found.to_pylist()}
    assert (record["tested"], record["signalled"]) == (2, 1)
    assert (rows["B"]["kind"], rows["B"]["at"], rows["B"]["points"]) == ("level", "2026-05", 36)
    assert not rows["A"]["signalled"]
