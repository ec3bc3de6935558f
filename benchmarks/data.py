"""Synthetic records of one quarter as an archive, made once and kept.

Raw records come from a generator that lies beside the folder of public data; what it leaves out (roles of
questions, categories, contractors, inspectors) is worked out here from its numbers. The files are written by
the archive's own writer, split and sorted as a publish would; only the merging with what is there already is
left out, since nothing is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.records import FULL, SMALL, places, strata
from bihuan.archive.manifest import File, Part
from bihuan.archive.merge import split_of, splits, write_sorted
from bihuan.archive.schema import FACTS
from bihuan.archive.store import Archive, Batch

OUT = Path(os.environ.get("BIHUAN_BENCH_DATA", Path(__file__).parent / "out"))
CYCLE = "2026Q3"
SOURCE = "bench"
PROJECTS = 10_000
TYPES = {
    pa.string(): "VARCHAR",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us", "UTC"): "TIMESTAMPTZ",
}


def generator() -> Path | None:
    """The script that makes raw records, or nothing where it is not on this machine."""
    usual = Path(__file__).parents[2] / "shared" / "data"
    script = Path(os.environ.get("BIHUAN_PUBLIC_DATA", usual)).resolve().parent / "performance" / "gen.py"
    return script if script.is_file() else None


def archive(answers: int, orders: int, items: int) -> Archive:
    """An archive with so many answers, work orders and inspection items of one quarter."""
    store = Archive(OUT / f"archive-{answers}-{orders}-{items}")
    if store.snapshot():
        return store
    began = time.perf_counter()
    connection = opened()
    with store.batch(note="synthetic records") as batch:
        for table, rows in (("answers", answers), ("work_orders", orders), ("inspection_items", items)):
            if rows:
                _large(batch, connection, table, rows)
        for table, sql in SMALL.items():
            reader = connection.sql(_shaped(table, sql.format(rows=answers // 200))).to_arrow_reader(100_000)
            batch.put(table, SOURCE, CYCLE, reader)
        batch.put_dimension("places", places(PROJECTS))
        batch.put_dimension("strata", strata(connection, _raw("answers", answers), CYCLE))
    total = answers + orders + items
    print(f"published {total:,} records in {time.perf_counter() - began:.0f} s", flush=True)
    return store


def opened() -> duckdb.DuckDBPyConnection:
    """A DuckDB to make records with."""
    connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(OUT / "spill")})
    for setting in ("TimeZone = 'UTC'", "preserve_insertion_order = false", "enable_progress_bar = false"):
        connection.execute(f"SET {setting}")
    return connection


def _raw(kind: str, rows: int) -> Path:
    """What the generator made, kept for the next time."""
    path = OUT / f"raw-{kind}-{rows}.parquet"
    if not path.is_file():
        script = generator()
        assert script is not None
        OUT.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        subprocess.run([sys.executable, str(script), kind, str(rows), str(partial)], check=True)
        partial.rename(path)
    return path


def _large(batch: Batch, connection: duckdb.DuckDBPyConnection, table: str, rows: int) -> None:
    """One partition, file by file, made of the files that `made` keeps."""
    files = []
    for k, kept in enumerate(made(connection, table, rows)):
        path = batch._workshop / f"{table}-{k}.parquet"
        kept.rename(path)
        name = f"facts/{table}/{SOURCE}/{CYCLE}/{batch._name}-{k}.parquet"
        files.append(batch._finished(path, pq.read_metadata(path).num_rows, name))
    total = sum(file.rows for file in files)
    part = Part(table, SOURCE, CYCLE, total, tuple(files), total, 0, 0, 0, 0)
    batch._parts[part.key] = (part, True)


def made(connection: duckdb.DuckDBPyConnection, table: str, rows: int) -> list[Path]:
    """The files of a large table, each with whole projects; those that are there from before are kept."""
    count = splits(rows)
    codes = [f"P{k:05d}" for k in range(PROJECTS)]
    splits_of = [split_of(code, count) for code in codes]
    named = pa.table(
        {"project_id": pa.array(range(PROJECTS), pa.int32()), "project": codes, "split": splits_of}
    )
    connection.register("named", named)
    folder = OUT / f"files-{table}-{rows}"
    folder.mkdir(exist_ok=True)
    for k in range(count):
        path = folder / f"{k}.parquet"
        if path.is_file():
            continue
        raw = f"(SELECT * FROM '{_raw(table, rows)}' JOIN named USING (project_id) WHERE split = {k})"
        if table == "inspection_items":  # the generator scatters the items of an inspection over projects
            raw = (
                f"(SELECT r.* REPLACE (n.project_id AS project_id), project FROM '{_raw(table, rows)}' r "
                f"JOIN named n ON n.project_id = (r.inspection_id * 7919) % {PROJECTS} WHERE split = {k})"
            )
        order = ", ".join(FACTS[table].order)
        sql = f"{_shaped(table, FULL[table].format(raw=raw))} ORDER BY {order}"
        partial = path.with_suffix(".partial")
        write_sorted(connection.sql(sql).to_arrow_reader(65_536), FACTS[table].arrow, partial)
        partial.rename(path)
    return [folder / f"{k}.parquet" for k in range(count)]


def _shaped(table: str, sql: str) -> str:
    """The columns of the table in their order; what the query does not give is empty."""
    given = {"cycle": f"'{CYCLE}'", "source": f"'{SOURCE}'", "late": "false", "complete": "true"}
    fields = FACTS[table].arrow
    columns = ", ".join(
        f"{given.get(f.name, _quoted(f.name))}::{TYPES[f.type]} {_quoted(f.name)}" for f in fields
    )
    nothing = ", ".join(f"NULL AS {_quoted(f.name)}" for f in fields if f.name not in given)
    return f"SELECT {columns} FROM (SELECT {nothing} WHERE false UNION ALL BY NAME {sql})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _shared(source: str, target: str) -> None:
    """The same file for both archives; only what an archive writes on is copied."""
    (shutil.copy if Path(source).name.startswith("manifest") else os.link)(source, target)


def with_news(store: Archive, folder: Path, *, spread: bool, share: float = 0.01) -> Archive:
    """The same archive after a publish that brought so many new facts.

    All to the projects of one file; or, ``spread``, to those of every file of answers.
    """
    if Path(folder, "manifest.head").is_file():
        return Archive(folder)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(store.url, partial, copy_function=_shared)
    after = Archive(partial)
    total = sum(p.rows for p in after.at().partitions())
    connection = opened()
    with after.batch(note="new records") as batch:
        part, _ = after.at(after.snapshot())._parts["answers", SOURCE, CYCLE]
        renewed = part.files if spread else part.files[:1]
        held = sum(file.rows for file in renewed)
        files = [
            _renewed(batch, connection, after, file, round(total * share * file.rows / held))
            for file in renewed
        ]
        rest = part.files[len(renewed) :]
        added = sum(file.rows for file in files) - held
        whole = Part("answers", SOURCE, CYCLE, part.rows + added, (*files, *rest), added, 0, 0, 0, 0)
        batch._parts[whole.key] = (whole, True)
    partial.rename(folder)
    return Archive(folder)


def _renewed(
    batch: Batch, connection: duckdb.DuckDBPyConnection, after: Archive, file: File, added: int
) -> File:
    """A file of answers with so many more: its own once again, under other names."""
    old = f"SELECT * FROM '{after.storage.here(file.path)}'"
    parts = [
        f"({old.replace('*', f'* REPLACE ({k} || fact_id AS fact_id, {k} || response AS response)')} "
        f"LIMIT {added - file.rows * (k - 1)})"
        for k in range(1, 2 + added // file.rows)
    ]
    sql = f"SELECT * FROM ({' UNION ALL '.join([old, *parts])}) ORDER BY {', '.join(FACTS['answers'].order)}"
    path = batch._workshop / f"{Path(file.path).stem}-news.parquet"
    rows = write_sorted(connection.sql(sql).to_arrow_reader(65_536), FACTS["answers"].arrow, path)
    return batch._finished(path, rows, file.path.replace(".parquet", "-news.parquet"))
