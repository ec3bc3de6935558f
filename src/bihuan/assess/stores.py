"""Where the archive and the results lie, and what is published into the archive before an evaluation."""

from __future__ import annotations

from django.conf import settings

from bihuan.archive.store import Archive
from bihuan.base.calendars.queries import stretches_dimension
from bihuan.base.places.publish import places_dimension
from bihuan.collect.upkeep.verdicts import DIMENSIONS
from bihuan.measure.results import Results


def archive() -> Archive:
    """The company's archive."""
    return Archive(settings.ARCHIVE_URL)


def results() -> Results:
    """The results of all evaluations."""
    return Results(settings.RESULTS_URL)


def publish_dimensions(store: Archive, *, actor: str) -> int:
    """Bring places and calendars in the archive up to date; the snapshot that holds them."""
    with store.batch(note=DIMENSIONS, actor=actor) as batch:
        batch.put_dimension("places", places_dimension())
        batch.put_dimension("calendars", stretches_dimension())
    return batch.result.line
