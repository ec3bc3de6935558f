"""The import as background work."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs.tasks import background
from bihuan.collect.records.importer import process
from bihuan.collect.records.models import ImportBatch


@background("records.import", title=_("Import of records"))
def import_file(*, batch_id: int, progress: Any) -> dict[str, Any]:
    """Take one received file to its end; harmless when it is run again."""
    batch = ImportBatch.objects.select_related("made_by", "place").get(pk=batch_id)
    result = process(batch, actor=batch.made_by, progress=progress, stage=progress)
    return {"batch": result.batch, "accepted": result.accepted, "rejected": result.rejected}
