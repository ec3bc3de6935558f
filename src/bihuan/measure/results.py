"""What evaluation runs found, as Parquet: ``run=<id>/measurements.parquet`` and ``scores.parquet``.

``signals.parquet`` says which series were tested and what came of it; ``points.parquet`` holds the points of
these series once more, so that later runs find them quickly. Beside them lie ``record.json`` and, in
``private/``, the sums before anything was hidden, readable by the owner of the process alone.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bihuan.measure.signals.tables import POINTS, SIGNALS, TEXTS, points_table

_TEXT = pa.string()
_NAME = pa.dictionary(pa.int32(), _TEXT)
MEASUREMENTS = pa.schema(
    [(name, _TEXT) for name in ("run", "cycle", "period", "indicator", "version", "instrument")]
    + [(name, _TEXT) for name in ("level", "place", "breakdown", "item")]
    + [
        (name, pa.float64())
        for name in (
            "n", "n_eff", "numerator", "denominator", "value", "se", "df", "low", "high", "deff",
            "target", "floor", "score", "score_low", "score_high",
        )
    ]
    + [("status", _TEXT), ("standing", _TEXT)]
    + [(name, pa.float64()) for name in ("previous", "change", "change_low", "change_high")]
    + [("comparable", pa.bool_()), ("red_line", pa.bool_())]
)  # fmt: skip
SCORES = pa.schema(
    [(name, _TEXT) for name in ("run", "cycle", "level", "place", "node")]
    + [(name, pa.float64()) for name in ("score", "low", "high", "weight_present")]
    + [("grade", _TEXT), ("red_line", pa.bool_()), ("status", _TEXT)]
)
# The sums before anything is hidden: one row per cell and indicator.
SUMS = pa.schema(
    [
        (name, pa.string())
        for name in ("table", "indicator", "version", "part", "breakdown", "cycle", "period", "project",
                     "stratum", "weight_cell", "item")
    ]
    + [(name, pa.float64()) for name in ("n", "a", "b", "aa", "bb", "ab")]
)  # fmt: skip
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
ROW_GROUP = 65_536
AT_ONCE = 8 * ROW_GROUP


class Results:
    """The results at a folder or fsspec address."""

    def __init__(self, url: str | Path) -> None:
        self.fs, root = fsspec.core.url_to_fs(str(url))
        self.root = root.rstrip("/")

    def measurements(
        self,
        runs: str | Collection[str],
        *,
        places: Collection[str] | None = None,
        indicators: Collection[str] | None = None,
        breakdown: str | None = None,
        periods: Collection[str] | None = None,
        level: str | None = None,
        columns: list[str] | None = None,
        coded: bool = False,
    ) -> pa.Table:
        """Measurements of the runs, filtered while they are read.

        ``breakdown`` is a column, or ``""`` for what is not broken down; ``periods`` are months, ``""`` being
        the whole cycle; None takes everything. With ``coded`` the texts that
        are not filtered by come as dictionaries. Rows come by run, indicator, breakdown, place, period, item.
        """
        wanted = {
            "place": places,
            "indicator": indicators,
            "breakdown": None if breakdown is None else [breakdown],
            "period": periods,
            "level": None if level is None else [level],
        }
        return self._read("measurements", MEASUREMENTS, runs, wanted, columns, coded=coded)

    def scores(
        self,
        runs: str | Collection[str],
        *,
        places: Collection[str] | None = None,
        nodes: Collection[str] | None = None,
    ) -> pa.Table:
        """Scores of the runs by place and node; ``total`` is the top of the tree of weights."""
        return self._read("scores", SCORES, runs, {"place": places, "node": nodes}, None)

    def signals(
        self,
        runs: str | Collection[str],
        *,
        places: Collection[str] | None = None,
        indicators: Collection[str] | None = None,
        signalled: bool | None = None,
    ) -> pa.Table:
        """Series that runs tested, by indicator and place; ``signalled`` takes only those, or the rest."""
        table = self._read("signals", SIGNALS, runs, {"place": places, "indicator": indicators}, None)
        return table if signalled is None else table.filter(pc.equal(table["signalled"], signalled))

    def points(self, run: str, indicators: Collection[str]) -> pa.Table:
        """The leaf points of a run, from its measurements where it was stored before there were signals."""
        path = self._path(run, "points.parquet")
        if not self.fs.exists(path):
            return points_table(self.measurements(run, indicators=indicators, breakdown=""))
        wanted = [("indicator", "in", sorted(indicators))]
        with self.fs.open(path, "rb") as file:
            return pq.read_table(file, filters=wanted, read_dictionary=list(TEXTS), partitioning=None)

    def sums(self, run: str) -> pa.Table:
        """The private sums of a run; not for display."""
        with self.fs.open(self._path(run, "private/sums.parquet"), "rb") as file:
            return pq.read_table(file)

    def record(self, run: str) -> dict[str, Any]:
        """The record of a run: engine, versions, snapshot, counts, seconds."""
        found: dict[str, Any] = json.loads(self.fs.cat_file(self._path(run, "record.json")))
        return found

    def exists(self, run: str) -> bool:
        """Whether a run was finished."""
        return bool(self.fs.exists(self._path(run, "record.json")))

    def write(
        self,
        run: str,
        measurements: pa.Table,
        scores: pa.Table,
        sums: pa.Table | Iterable[pa.Table],
        record: Mapping[str, Any],
        *,
        points: pa.Table | None = None,
        signals: pa.Table | None = None,
    ) -> None:
        """Store a run. Each file appears whole; the record comes last and says that the run is finished."""
        parts = [sums] if isinstance(sums, pa.Table) else sums
        self._put(parts, SUMS, self._path(run, "private/sums.parquet"), private=True)
        self._put([measurements], MEASUREMENTS, self._path(run, "measurements.parquet"))
        self._put([scores], SCORES, self._path(run, "scores.parquet"))
        if points is not None:
            self._put([points], POINTS, self._path(run, "points.parquet"))
        if signals is not None:
            self._put([signals], SIGNALS, self._path(run, "signals.parquet"))
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self._place(text, self._path(run, "record.json"))

    def _path(self, run: str, name: str) -> str:
        if not _RUN.fullmatch(run):
            raise ValueError(f"{run!r} cannot name a run; use letters, digits, - and _.")
        return f"{self.root}/run={run}/{name}"

    def _read(
        self,
        name: str,
        schema: pa.Schema,
        runs: str | Collection[str],
        wanted: Mapping[str, Collection[str] | None],
        columns: list[str] | None,
        *,
        coded: bool = False,
    ) -> pa.Table:
        chosen = [runs] if isinstance(runs, str) else list(runs)
        paths = [self._path(run, f"{name}.parquet") for run in chosen]
        paths = [path for path in paths if self.fs.exists(path)]
        if not paths:
            return schema.empty_table() if columns is None else schema.empty_table().select(columns)
        found = None
        for column, values in wanted.items():
            if values is not None:
                test = pc.field(column).isin(pa.array(sorted(set(values)), pa.string()))
                found = test if found is None else found & test
        kept = {name for name, values in wanted.items() if values is not None}
        texts = [f.name for f in schema if coded and pa.types.is_string(f.type) and f.name not in kept]
        for name in texts:
            schema = schema.set(schema.get_field_index(name), pa.field(name, _NAME))
        format = ds.ParquetFileFormat(dictionary_columns=texts)
        data = ds.dataset(paths, schema=schema, filesystem=self.fs, format=format)
        return data.to_table(columns=columns, filter=found)

    def _put(
        self, tables: Iterable[pa.Table], schema: pa.Schema, path: str, *, private: bool = False
    ) -> None:
        """Write tables one after the other, as texts and numbers of the schema, a part at a time."""
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, schema, compression="zstd", compression_level=1, version="2.6") as writer:
            for table in tables:
                for start in range(0, table.num_rows, AT_ONCE):
                    some = table.slice(start, AT_ONCE)
                    writer.write_table(some.cast(schema), row_group_size=ROW_GROUP)
        self._place(sink.getvalue(), path, private=private)

    def _place(self, data: bytes | pa.Buffer, path: str, *, private: bool = False) -> None:
        """Write a file beside its place, then move it there."""
        folder = path.rpartition("/")[0]
        self.fs.makedirs(folder, exist_ok=True)
        if not _is_local(self.fs):
            self.fs.pipe_file(path, bytes(data))
            return
        if private:
            os.chmod(folder, 0o700)
        handle, partial = tempfile.mkstemp(dir=folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(partial, 0o600 if private else 0o644)
            os.replace(partial, path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise


def _is_local(fs: Any) -> bool:
    protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
    return protocol in ("file", "local")
