"""The hash of a run's results: the same numbers give the same hash, whatever the run is called."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from bihuan.assess import stores


def results_hash(run_id: str) -> str:
    """SHA-256 of every measured value and score of a run."""
    store = stores.results()
    digest = hashlib.sha256()
    for table in (store.measurements([run_id]), store.scores([run_id])):
        digest.update(table_hash(table.drop_columns(["run"])))
    return digest.hexdigest()


def table_hash(table: pa.Table) -> bytes:
    """SHA-256 of a table's content in one order of rows and columns."""
    names = sorted(table.column_names)
    keys = [(name, "ascending") for name in names if not pa.types.is_floating(table.schema.field(name).type)]
    ordered = table.select(names).sort_by(keys).combine_chunks()
    digest = hashlib.sha256(" ".join(names).encode())
    for batch in ordered.to_batches():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        digest.update(sink.getvalue())
    return digest.digest()
