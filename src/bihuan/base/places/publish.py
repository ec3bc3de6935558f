"""The place tree as the archive knows it."""

from __future__ import annotations

import pyarrow as pa

from bihuan.archive.schema import DIMENSIONS

from .models import PlaceSpell
from .queries import ABOVE_UNITS, household_counts


def places_dimension() -> pa.Table:
    """Every place from company down to building, one row for each spell under one parent and grade."""
    counts = household_counts()
    spells = PlaceSpell.objects.filter(place__kind__in=ABOVE_UNITS).select_related("place", "parent")
    rows = [
        {
            "code": spell.place.code,
            "kind": spell.place.kind,
            "parent": spell.parent.code if spell.parent else None,
            "name_zh": spell.place.name_zh,
            "name_en": spell.place.name_en or None,
            "grade": spell.grade or None,
            "households": counts.get(spell.place_id),
            "valid_from": spell.valid_from,
            "valid_to": spell.valid_to,
        }
        for spell in spells
    ]
    rows.sort(key=lambda row: (row["code"], str(row["valid_from"] or "")))
    return pa.Table.from_pylist(rows, schema=DIMENSIONS["places"].arrow)
