"""Counting the queries that a page makes for its own list; the frame around it belongs to other rooms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext


@contextmanager
def own_queries(tables: str, count: int) -> Iterator[None]:
    """Exactly ``count`` queries read tables whose names begin as the expression ``tables`` says."""
    with CaptureQueriesContext(connection) as captured:
        yield
    found = [
        query["sql"] for query in captured.captured_queries if re.search(rf'FROM "({tables})', query["sql"])
    ]
    assert len(found) == count, "\n".join(sql[:200] for sql in found)
