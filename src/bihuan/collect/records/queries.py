"""Reads of imports and of the rows they turned away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bihuan.base.jobs.models import Job
from bihuan.collect.records import reasons
from bihuan.collect.records.models import ImportBatch, Mapping
from bihuan.collect.records.staging import read_reasons, read_rejected


def imports(user: Any) -> Any:
    """Imports a person may see, the newest first."""
    return ImportBatch.objects.visible_to(user).select_related("made_by", "mapping", "place")


def problems(batch: ImportBatch, offset: int = 0, limit: int | None = 50) -> list[reasons.Said]:
    """What is wrong with the rows turned away, in the reader's language."""
    found = read_reasons(batch.path, offset, limit)
    return [reasons.say(r.row, r.column, r.code, r.params) for r in found]


def rejected_table(batch: ImportBatch) -> tuple[list[str], Iterator[list[Any]]]:
    """The rows turned away as they stood in the file, with what is wrong and how to mend it behind them."""
    from django.utils.translation import gettext as _  # headings of the file that is made

    said: dict[int, list[reasons.Said]] = {}
    for one in problems(batch, limit=None):
        said.setdefault(one.row, []).append(one)
    pieces = read_rejected(batch.path)
    first = next(pieces, None)
    names = first[0] if first else []
    extra = [_("Row"), _("Column"), _("What is wrong"), _("How to mend it")]

    def rows() -> Iterator[list[Any]]:
        for _names, numbers, cells in [first, *pieces] if first else []:
            for number, row in zip(numbers.tolist(), cells, strict=True):
                why = said.get(number, [])
                told = [
                    "；".join(dict.fromkeys(getattr(w, part) for w in why))
                    for part in ("column", "what", "how")
                ]
                yield [*row, number, *told]

    return [*names, *extra], rows()


def kept_mapping(user: Any, fingerprint: str) -> Mapping | None:
    """The mapping used last for files with these headings."""
    rows = Mapping.objects.visible_to(user).filter(fingerprint=fingerprint)
    return rows.order_by("-changed_at").first() if fingerprint else None


def job_of(batch: ImportBatch) -> Job | None:
    """The background work of an import."""
    return Job.objects.filter(pk=batch.job).first() if batch.job else None


def file_problem(batch: ImportBatch) -> str | None:
    """Why the whole file was sent back, in the reader's language."""
    return reasons.say_file(batch.problem["code"], batch.problem["params"]) if batch.problem else None
