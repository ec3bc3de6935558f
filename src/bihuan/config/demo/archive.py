"""All facts of the simulated company, and putting them into the data archive."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from bihuan.archive.store import Archive
from bihuan.config.demo.company import projects
from bihuan.config.demo.duties import tasks
from bihuan.config.demo.inspections import inspection_items
from bihuan.config.demo.orders import work_orders
from bihuan.config.demo.register import assets, exposure, feedback, measurements
from bihuan.config.demo.survey import survey

DIMENSIONS = ("strata", "questions")
TABLES = (
    "samples",
    "answers",
    "strata",
    "questions",
    "work_orders",
    "inspection_items",
    "tasks",
    "feedback",
    "assets",
    "exposure",
    "measurements",
)


def facts() -> dict[str, pa.Table]:
    """Every table of the simulated company, dimensions of the survey included."""
    listed = projects()
    items = inspection_items(listed)
    return {
        **survey(listed),
        "work_orders": work_orders(listed),
        "inspection_items": items,
        "tasks": tasks(listed, items),
        "feedback": feedback(listed),
        "assets": assets(listed),
        "exposure": exposure(listed),
        "measurements": measurements(listed),
    }


def publish(archive: Archive, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Publish every table, one batch a table; returns the rows."""
    tables = facts()
    total = sum(t.num_rows for t in tables.values())
    done = 0
    for name, rows in tables.items():
        with archive.batch(note="模拟数据") as batch:
            if name in DIMENSIONS:
                batch.put_dimension(name, rows)
            else:
                for source, cycle, part in _partitions(rows):
                    batch.put(name, source, cycle, part)
        done += rows.num_rows
        progress(done, total)
    return done


def _partitions(rows: pa.Table) -> list[tuple[str, str, pa.Table]]:
    keys = rows.select(["source", "cycle"]).group_by(["source", "cycle"], use_threads=False).aggregate([])
    parts = []
    for key in keys.to_pylist():
        chosen = pc.and_(pc.equal(rows["source"], key["source"]), pc.equal(rows["cycle"], key["cycle"]))
        parts.append((key["source"], key["cycle"], rows.filter(chosen)))
    return parts
