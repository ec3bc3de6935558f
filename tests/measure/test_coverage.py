"""Do the intervals of an evaluation hold what they say? 2,000 stratified samples for each size and share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy import special

from bihuan.archive.schema import DIMENSIONS, FACTS
from bihuan.archive.store import Archive
from bihuan.measure.evaluate import evaluate
from bihuan.measure.results import Results
from tests.measure.world import AS_OF, CYCLE, at, indicator

SAMPLES = 2_000
CASES = [(n, p) for n in (15, 30, 100) for p in (0.5, 0.8, 0.95)]
ITEMS = ("q0", "q1", "q2")
CORRELATION = 0.6  # of the items of one response
ANSWERED = 0.85  # of the items after the first
DRAWN = np.array([0.5, 0.3, 0.2])
FRAME = np.array([0.5, 0.2, 0.3])
SHIFT = np.array([0.15, 0.0, -0.25])  # strata differ, on the probit scale
FAR = 1e9  # members of a stratum, so many that the sample is a small part

MARK = {"unit": "points", "value": "value", "range": [1, 5]}
DEFINITIONS = [
    indicator("top_box", "answers", code="share", filter="question = 'q0'"),
    indicator("top_box", "answers", code="shares", filter="role = 'item'"),
    indicator("mean", "answers", code="mean", filter="question = 'q0'", **MARK),
    indicator("mean", "answers", code="means", filter="role = 'item'", **MARK),
    indicator("index", "answers", code="index", unit="points", filter="role = 'item'"),
    indicator("nps", "answers", code="nps", unit="nps", filter="role = 'nps'"),
    indicator(
        "ratio", "answers", code="ratio", filter="role = 'item'", numerator="value - scale_min",
        denominator="scale_max - scale_min", counts=True,
    ),
]  # fmt: skip


def _share(threshold: float) -> float:
    return float((FRAME * special.ndtr(threshold + SHIFT)).sum())


def _threshold(p: float) -> float:
    """Where to cut the probit scale so that the strata together have the share p below."""
    low, high = -6.0, 6.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _share(middle) < p else (low, middle)
    return low


def _cuts(p: float) -> np.ndarray:
    """Marks fall by one from 5 at each of these; 4 and 5 together have the share p."""
    return _threshold(p) + np.array([-1.0, 0.0, 1.0, 2.0])


def _truth(p: float) -> dict[str, float]:
    mean = 1 + sum(_share(cut) for cut in _cuts(p))
    part = 100 * (mean - 1) / 4
    return {
        "share": 100 * p, "shares": 100 * p, "mean": mean, "means": mean, "index": part, "ratio": part,
        "nps": 100 * (p - (1 - p) / 2),
    }  # fmt: skip


def _answers(case: int, first: int) -> pa.RecordBatch:
    """The answers to all samples of one size and share; every sample is a project with strata of its own."""
    n, p = CASES[case]
    rng = np.random.default_rng(case)
    drawn = _drawn(n)
    stratum = np.tile(np.repeat(np.arange(3), drawn), SAMPLES)
    person = rng.standard_normal((SAMPLES * n, 1))
    item = rng.standard_normal((SAMPLES * n, len(ITEMS)))
    z = np.sqrt(CORRELATION) * person + np.sqrt(1 - CORRELATION) * item - SHIFT[stratum][:, None]
    marks = 1.0 + sum((z < cut).astype(np.int64) for cut in _cuts(p))
    there = rng.random(z.shape) < ANSWERED
    there[:, 0] = True
    promoter, detractor = z[:, 0] < _threshold(p), z[:, 0] >= _threshold(p + (1 - p) / 2)
    response, question = np.nonzero(there)
    rating = np.where(promoter, 9.0, np.where(detractor, 6.0, 8.0))
    value = np.concatenate([marks[there], rating])
    response = np.concatenate([response, np.arange(SAMPLES * n)])
    question = np.concatenate([question, np.full(SAMPLES * n, len(ITEMS))])
    sample = case * SAMPLES + response // n
    rows = len(value)
    columns = {
        "fact_id": pc.cast(pa.array(first + np.arange(rows)), pa.string()),
        "project": pc.cast(pa.array(sample), pa.string()),
        "response": pc.cast(pa.array(1_000_000 * case + response), pa.string()),
        "stratum": pc.cast(pa.array(3 * sample + stratum[response]), pa.string()),
        "question": pa.array([*ITEMS, "nps"]).take(pa.array(question)),
        "dimension": pa.array([*ITEMS, "nps"]).take(pa.array(question)),
        "role": pa.array(["item"] * 3 + ["nps"]).take(pa.array(question)),
        "value": value,
        "weight": (FRAME / drawn)[stratum[response]] * 1000,
    }
    constants = {
        "cycle": CYCLE, "period": "2026-08", "occurred_at": at("2026-08-03 04:00"), "source": "test",
        "late": False, "complete": True, "sampled": True, "questionnaire_version": "survey-v1",
        "scale_min": 1.0, "scale_max": 5.0,
    }  # fmt: skip
    schema = FACTS["answers"].arrow
    arrays = [
        pa.array(columns[f.name])
        if f.name in columns
        else pa.repeat(pa.scalar(constants.get(f.name), f.type), rows)
        for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _drawn(n: int) -> np.ndarray:
    drawn = np.round(n * DRAWN).astype(np.int64)
    drawn[0] += n - drawn.sum()
    return drawn


def _all() -> Iterator[pa.RecordBatch]:
    first = 0
    for case in range(len(CASES)):
        batch = _answers(case, first)
        first += batch.num_rows
        yield batch


def _dimension(name: str, columns: dict[str, object]) -> pa.Table:
    schema = DIMENSIONS[name].arrow
    rows = len(next(iter(columns.values())))  # type: ignore[arg-type]
    arrays = [
        pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(rows, f.type) for f in schema
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema([f.with_nullable(True) for f in schema]))


@pytest.fixture(scope="module")
def limits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Low and high of every sample (2, samples of all cases), by indicator."""
    folder = tmp_path_factory.mktemp("coverage")
    archive, samples = Archive(folder / "archive"), SAMPLES * len(CASES)
    names = [str(k) for k in range(samples)]
    size = np.concatenate([np.tile(_drawn(n), SAMPLES) for n, _ in CASES]).astype(float)
    with archive.batch() as batch:
        batch.put("answers", "test", CYCLE, pa.RecordBatchReader.from_batches(FACTS["answers"].arrow, _all()))
        batch.put_dimension(
            "places",
            _dimension(
                "places",
                {
                    "code": ["C", *names], "kind": ["company"] + ["project"] * samples,
                    "parent": [None, *["C"] * samples], "name_zh": ["C", *names],
                },
            ),
        )  # fmt: skip
        batch.put_dimension(
            "strata",
            _dimension(
                "strata",
                {
                    "cycle": [CYCLE] * len(size), "stratum": [str(k) for k in range(len(size))],
                    "frame_size": np.full(len(size), FAR), "sample_size": size,
                },
            ),
        )  # fmt: skip
    results = Results(folder / "results")
    evaluate(
        archive, run="r", cycle=CYCLE, definitions=DEFINITIONS, weights=None, as_of=AS_OF, results=results
    )
    table = results.measurements("r", level="project")
    found: dict[str, np.ndarray] = {}
    for code in pc.unique(table["indicator"]).to_pylist():
        own = table.filter(pc.equal(table["indicator"], code))
        both = np.full((2, samples), np.nan)
        both[:, own["place"].cast(pa.int64()).to_numpy()] = own["low"].to_numpy(), own["high"].to_numpy()
        found[code] = both
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", range(len(CASES)), ids=[f"n={n} p={p}" for n, p in CASES])
def test_intervals_cover_the_truth(limits: dict[str, np.ndarray], case: int) -> None:
    n, p = CASES[case]
    own = slice(case * SAMPLES, (case + 1) * SAMPLES)
    most = 0.97 if n * p >= 10 and n * (1 - p) >= 9.999 else 1.0
    for code, truth in _truth(p).items():
        low, high = limits[code][:, own]
        assert np.isfinite(low).all(), code
        covered = float(((low <= truth) & (truth <= high)).mean())
        assert 0.93 <= covered <= most, (code, covered)
