"""Imports for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from bihuan.base.people.access import get_or_404
from bihuan.collect.records import actions, queries, rules
from bihuan.collect.records.models import ImportBatch, Mapping
from bihuan.collect.records.uploads import on_disk

router = Router(tags=["imports"])


class ProblemOut(Schema):
    """One thing wrong with one row."""

    row: int
    column: str
    what: str
    how: str


class ImportOut(Schema):
    """An import. ``read`` is always ``accepted`` + ``rejected`` + ``skipped``."""

    id: int
    state: str
    file_name: str
    sha256: str
    table: str
    source: str
    read: int
    accepted: int
    rejected: int
    skipped: int
    facts: int
    added: int
    replaced: int
    unchanged: int
    late: int
    reasons: dict[str, int]
    cycles: list[str]
    snapshot: int | None
    error: str | None
    problems: list[ProblemOut]


def _out(batch: ImportBatch) -> dict[str, Any]:
    names = [name for name in ImportOut.model_fields if name not in {"id", "error", "problems"}]
    said = queries.problems(batch, limit=100)
    return {
        "id": batch.pk,
        "error": queries.file_problem(batch),
        "problems": [vars(one) for one in said],
        **{name: getattr(batch, name) for name in names},
    }


@router.post("/imports", response={202: ImportOut}, url_name="imports")
def send_import(request: HttpRequest, file: File[UploadedFile], mapping: Form[str]) -> Any:
    """Send a file with the name of a kept mapping; the work goes on in the background."""
    user: Any = request.user
    if not rules.can_import(user):
        raise Http404
    kept = get_or_404(Mapping.objects.visible_to(user), name=mapping)
    with on_disk(file) as path:
        batch = actions.receive_import(
            actor=user, path=path, name=Path(file.name or "file").name, mapping_text=kept.text, mapping=kept
        )
    return Status(202, _out(actions.start_import(batch, actor=user)))


@router.get("/imports/{number}", response=ImportOut, url_name="import")
def get_import(request: HttpRequest, number: int) -> Any:
    """How far an import is, and up to a hundred things wrong with its rows."""
    return _out(get_or_404(queries.imports(request.user), pk=number))
