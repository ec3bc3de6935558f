"""What evaluation runs found, as Parquet: in ``run=<id>/`` a folder ``measurements`` and ``scores.parquet``.

``signals.parquet`` says which series were tested and what came of it; ``points`` holds the points of these
series once more, so that later runs find them quickly. Beside them lie ``record.json`` and, in
``private/sums``, the sums before anything was hidden, readable by the owner of the process alone. Folders
hold one file for each share of the projects, so that what did not change since another run is a link to the
same file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bihuan.measure.engine.cache import PRIVATE, SHOWN, place
from bihuan.measure.signals.tables import POINTS, SIGNALS, TEXTS

_TEXT = pa.string()
_NAME = pa.dictionary(pa.int32(), _TEXT)
RUN = pa.field("run", _TEXT)  # the folder says it, the files do not
MEASUREMENTS = pa.schema(
    [RUN]
    + [(name, _TEXT) for name in ("cycle", "period", "indicator", "version", "instrument")]
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
_SHARE = re.compile(r"([a-z_-]+)\.(\d+)of(\d+)\.parquet$")
ABOVE = "above"  # the file of the places above projects
FOLDERS = {"measurements": False, "points": False, "private/sums": True}  # whether their files are private
ROW_GROUP = 65_536
AT_ONCE = 8 * ROW_GROUP


Share = tuple[int, int, Collection[str]] | str  # number and count of a share, and its tables; or `ABOVE`
SCHEMAS = {"measurements": MEASUREMENTS, "points": POINTS, "private/sums": SUMS}
ORDER = ("run", "indicator", "breakdown", "place", "period", "item")


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
        share: Share | None = None,
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
        table = self._read("measurements", MEASUREMENTS, runs, wanted, columns, coded=coded, share=share)
        if coded or columns is not None:
            return table
        return table.sort_by([(name, "ascending") for name in ORDER])

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

    def points(self, run: str, indicators: Collection[str], share: Share | None = None) -> pa.Table:
        """The leaf points of a run; ``share`` as for `measurements`."""
        wanted = [("indicator", "in", sorted(indicators))]
        found = [POINTS.empty_table()]
        for path in self._files(run, "points", share):
            with self.fs.open(path, "rb") as file:
                found.append(
                    pq.read_table(file, filters=wanted, read_dictionary=list(TEXTS), partitioning=None)
                )
        return pa.concat_tables(found).unify_dictionaries()

    def sums(self, run: str) -> pa.Table:
        """The private sums of a run; not for display."""
        found = [SUMS.empty_table()]
        for path in self._files(run, "private/sums", None):
            with self.fs.open(path, "rb") as file:
                found.append(pq.read_table(file, partitioning=None))
        return pa.concat_tables(found)

    def record(self, run: str) -> dict[str, Any]:
        """The record of a run: engine, versions, snapshot, counts, seconds."""
        found: dict[str, Any] = json.loads(self.fs.cat_file(self._path(run, "record.json")))
        return found

    def record_sha256(self, run: str) -> str:
        """SHA-256 of the record of a run, by which it is told from another of its name."""
        return hashlib.sha256(self.fs.cat_file(self._path(run, "record.json"))).hexdigest()

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
        """Store a run from tables, each in one file."""
        self.begin(run)
        given = {"private/sums": sums, "measurements": measurements, "points": points}
        for folder, table in given.items():
            if table is not None:
                self.put(run, folder, "all", [table] if isinstance(table, pa.Table) else table)
        self.finish(run, scores, signals, record)

    def begin(self, run: str) -> None:
        """Make room for a run; what an earlier one of this name left is gone."""
        for name in ("record.json", *FOLDERS):  # without a record a run is not there
            path = self._path(run, name)
            if self.fs.exists(path):
                self.fs.rm(path, recursive=True)

    def put(self, run: str, folder: str, name: str, tables: Iterable[pa.Table]) -> None:
        """Store a file of one of the `FOLDERS`."""
        data = encoded(tables, SCHEMAS[folder])
        self._place(data, self._path(run, f"{folder}/{name}.parquet"), private=FOLDERS[folder])

    def adopt(self, run: str, folder: str, name: str, file: Path) -> None:
        """Take a finished local file as one of the `FOLDERS`: a link where possible, for it never changes."""
        path = self._path(run, f"{folder}/{name}.parquet")
        if _is_local(self.fs):
            self._folder(path, private=FOLDERS[folder])
            try:
                os.link(file, path)
            except OSError:  # another disk, or one that cannot link
                self._place(file.read_bytes(), path, private=FOLDERS[folder])
        else:
            self._place(file.read_bytes(), path)

    def finish(self, run: str, scores: pa.Table, signals: pa.Table | None, record: Mapping[str, Any]) -> None:
        """Store what a run has once; each file appears whole, and the record comes last: it is finished."""
        self._place(encoded([scores], SCORES), self._path(run, "scores.parquet"))
        if signals is not None:
            self._place(encoded([signals], SIGNALS), self._path(run, "signals.parquet"))
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self._place(text, self._path(run, "record.json"))

    def _files(self, run: str, name: str, share: Share | None) -> list[str]:
        """The file of that name, or the files of that folder that may have something of a share."""
        folder, path = self._path(run, name), self._path(run, f"{name}.parquet")
        if not self.fs.exists(folder):  # not a folder, or of a run from before there were shares
            return [path] if self.fs.exists(path) else []
        paths = sorted(str(path) for path in self.fs.ls(folder, detail=False))
        paths = [path for path in paths if path.endswith(".parquet")]
        return [path for path in paths if share is None or _may_have(path, share)]

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
        share: Share | None = None,
    ) -> pa.Table:
        chosen = [runs] if isinstance(runs, str) else list(runs)
        paths = [path for run in chosen for path in self._files(run, name, share)]
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
        runs_of = ds.partitioning(pa.schema([RUN]), flavor="hive")
        data = ds.dataset(
            paths,
            schema=schema,
            filesystem=self.fs,
            format=format,
            partitioning=runs_of,
            partition_base_dir=self.root,
        )
        return data.to_table(columns=columns, filter=found)

    def _folder(self, path: str, *, private: bool) -> None:
        """Make the folder of a file where it is not there; a private one is its owner's alone."""
        folder = path.rpartition("/")[0]
        self.fs.makedirs(folder, exist_ok=True)
        if private and _is_local(self.fs):
            for each in (folder, folder.rpartition("/")[0]):
                os.chmod(each, 0o700)

    def _place(self, data: bytes | pa.Buffer, path: str, *, private: bool = False) -> None:
        """Write a file beside its place, then move it there."""
        self._folder(path, private=private)
        if not _is_local(self.fs):
            self.fs.pipe_file(path, bytes(data))
            return
        place(Path(path), [data], mode=PRIVATE if private else SHOWN, lasting=True)


def encoded(tables: Iterable[pa.Table], schema: pa.Schema) -> pa.Buffer:
    """Tables one after the other as one Parquet file, with the types of the schema; runs are not told."""
    schema = pa.schema([field for field in schema if field.name != RUN.name])
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd", compression_level=1, version="2.6") as writer:
        for table in _together(tables):
            for start in range(0, table.num_rows, AT_ONCE):
                some = table.slice(start, AT_ONCE).select(schema.names)
                writer.write_table(some.cast(schema), row_group_size=ROW_GROUP)
    return sink.getvalue()


def _together(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Small tables joined to larger ones, for every row group costs time."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(t.num_rows for t in held) >= AT_ONCE:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _may_have(path: str, share: Share) -> bool:
    """Whether a file may have something of a share: ``table-table.3of64.parquet`` says what it has."""
    match = _SHARE.search(path)
    if isinstance(share, str):
        return match is None
    if match is None:
        return not path.endswith(f"/{ABOVE}.parquet")
    index, count, tables = share
    least = min(count, int(match[3]))
    return int(match[2]) % least == index % least and not set(tables).isdisjoint(match[1].split("-"))


def _is_local(fs: Any) -> bool:
    protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
    return protocol in ("file", "local")
