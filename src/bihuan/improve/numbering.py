"""Numbers that people say aloud, such as GJ-2026-041: one row a series, held while the next is taken."""

from __future__ import annotations

from bihuan.improve.models import Numbering


def next_code(prefix: str, year: int) -> str:
    """The next number of a series; inside a transaction, so that two never get the same."""
    series = f"{prefix}-{year}"
    Numbering.objects.bulk_create([Numbering(series=series)], ignore_conflicts=True)
    row = Numbering.objects.select_for_update().get(pk=series)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{series}-{row.last:03d}"
