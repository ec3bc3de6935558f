"""What is done with imports and mappings."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.places.actions import create_place
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused, act, note
from bihuan.collect.records import rules
from bihuan.collect.records.mapping import MappingSpec
from bihuan.collect.records.mapping.places import Known
from bihuan.collect.records.models import IMPORTERS, ImportBatch, Mapping
from bihuan.collect.records.states import TRANSITIONS, ImportState

BLOCK = 1 << 20


def _may_import(actor: Any, batch: ImportBatch | None = None) -> None:
    if not rules.can_import(actor) or (batch is not None and not rules.can_open(actor, batch)):
        raise Refused(_("Quality managers and administrators bring in files."), code="import_not_yours")


def _move(batch: ImportBatch, state: str) -> None:
    if state not in TRANSITIONS[batch.state]:
        raise Refused(
            _("An import that is “%(now)s” cannot become “%(then)s”.")
            % {"now": ImportState(batch.state).label, "then": ImportState(state).label},
            code="import_state",
        )
    batch.state = state


def _locked(batch: ImportBatch) -> None:
    """Hold the row, and read its state as it stands now."""
    batch.state = ImportBatch.objects.select_for_update(of=("self",)).only("state").get(pk=batch.pk).state


def _keep(path: Path, folder: Path) -> tuple[int, str]:
    """Copy a file to where it is kept, safe on disk; returns its size and SHA-256."""
    folder.mkdir(parents=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    partial = folder / "original.part"
    with path.open("rb") as source, partial.open("wb") as target:
        while block := source.read(BLOCK):
            digest.update(block)
            size += target.write(block)
        target.flush()
        os.fsync(target.fileno())
    partial.replace(folder / "original")
    return size, digest.hexdigest()


@act
def receive_import(
    *,
    actor: Any,
    path: Path,
    name: str,
    mapping_text: str = "",
    mapping: Mapping | None = None,
    mends: ImportBatch | None = None,
    options: dict[str, Any] | None = None,
) -> ImportBatch:
    """Keep a file as it was received; nothing is read yet."""
    _may_import(actor, mends)
    batch = ImportBatch(
        made_by=actor,
        place=_home_of(actor),
        file_name=Path(name).name[:255],
        folder=f"{timezone.now():%Y%m%d}-{uuid.uuid4().hex[:12]}",
        mapping_text=mapping_text,
        mapping=mapping,
        mends=mends,
        options=options or {},
    )
    batch.size, batch.sha256 = _keep(path, batch.path)
    batch.save()
    note(actor, "import.received", batch, place=batch.place, sha256=batch.sha256, size=batch.size)
    return batch


def _home_of(actor: Any) -> Place | None:
    """The one place the person imports for; ``None`` where it is everywhere or several."""
    paths = [] if actor is None else actor.paths_as(*IMPORTERS)
    return Place.objects.filter(path=paths[0]).first() if len(paths) == 1 and paths[0] != "/" else None


@act
def choose_mapping(
    batch: ImportBatch, *, actor: Any, text: str, mapping: Mapping | None, options: dict[str, Any]
) -> ImportBatch:
    """Say how the columns of a received file are to be read."""
    _may_import(actor, batch)
    _locked(batch)
    _move(batch, ImportState.RECEIVED)
    spec = MappingSpec.load(text)
    batch.mapping_text, batch.mapping, batch.options = text, mapping, options
    batch.table, batch.source, batch.problem = spec.table.name, spec.source, None
    batch.save()
    note(actor, "import.mapped", batch, place=batch.place, mapping=spec.name)
    return batch


@act
def keep_mapping(*, actor: Any, text: str, fingerprint: str = "") -> Mapping:
    """Remember a mapping by its name, for the next file with the same headings."""
    _may_import(actor)
    spec = MappingSpec.load(text)
    title = spec.raw.get("title", {})
    mapping, made = Mapping.objects.update_or_create(
        name=spec.name,
        defaults={
            "title_zh": title.get("zh", "")[:120],
            "title_en": title.get("en", "")[:120],
            "table": spec.table.name,
            "source": spec.source,
            "text": text,
            "fingerprint": fingerprint,
            "made_by": actor,
            "changed_at": timezone.now(),
        },
    )
    note(actor, "mapping.kept", mapping, table=mapping.table, new=made)
    return mapping


@act
def check_import(batch: ImportBatch, *, actor: Any, **counts: Any) -> ImportBatch:
    """Every row was read: so many are good, so many were turned away, so many left out."""
    _may_import(actor, batch)
    _locked(batch)
    _move(batch, ImportState.CHECKED)
    for name, value in counts.items():
        setattr(batch, name, value)
    batch.save()
    return batch


@act
def make_places(batch: ImportBatch, *, actor: Any, planned: Iterable[Known]) -> int:
    """Enter the places that the file names and nobody has entered; those above come first."""
    planned = list(planned)
    if not planned:
        return 0
    if not rules.can_make_places(actor):
        raise Refused(_("Only administrators of the whole company make places."), code="places_not_yours")
    codes = {k.code for k in planned} | {k.parent for k in planned if k.parent}
    there = {place.code: place for place in Place.objects.filter(code__in=codes)}
    made = 0
    for known in planned:
        if known.code not in there:
            parent = there[known.parent] if known.parent else None
            there[known.code] = create_place(
                actor=actor,
                code=known.code,
                kind=known.kind,
                name_zh=known.zh,
                name_en=known.en,
                parent=parent,
            )
            made += 1
    return made


@act
def finish_import(batch: ImportBatch, *, actor: Any, **published: Any) -> ImportBatch:
    """The archive has the good rows: say so, and close the import whose bad rows these were."""
    _may_import(actor, batch)
    _locked(batch)
    if batch.accepted == 0 and batch.rejected:
        _move(batch, ImportState.REJECTED)
    else:
        _move(batch, ImportState.HAS_ISSUES if batch.rejected else ImportState.ACCEPTED)
    for name, value in published.items():
        setattr(batch, name, value)
    batch.finished_at = timezone.now()
    batch.save()
    note(
        actor,
        f"import.{batch.state}",
        batch,
        place=batch.place,
        read=batch.read,
        accepted=batch.accepted,
        rejected=batch.rejected,
        snapshot=batch.snapshot,
    )
    if batch.state == ImportState.ACCEPTED:
        _close_mended(batch, actor)
    return batch


def _close_mended(batch: ImportBatch, actor: Any) -> None:
    """The bad rows of earlier imports came back mended, up the whole line of files."""
    earlier = batch.mends
    while earlier is not None:
        _locked(earlier)
        if earlier.state == ImportState.HAS_ISSUES:
            _move(earlier, ImportState.ACCEPTED)
            earlier.save(update_fields=["state"])
            note(actor, "import.mended", earlier, place=earlier.place, by=batch.pk)
        earlier = earlier.mends


@act
def refuse_import(batch: ImportBatch, *, actor: Any, code: str, params: dict[str, Any]) -> ImportBatch:
    """The file as a whole cannot be used."""
    _may_import(actor, batch)
    _locked(batch)
    _move(batch, ImportState.REJECTED)
    for name in ("read", "accepted", "rejected", "skipped", "facts"):
        setattr(batch, name, 0)
    batch.problem = {"code": code, "params": params}
    batch.finished_at = timezone.now()
    batch.save()
    note(actor, "import.rejected", batch, place=batch.place, code=code)
    return batch


@act
def start_import(batch: ImportBatch, *, actor: Any) -> ImportBatch:
    """Order the background work that takes the file to its end."""
    from bihuan.collect.records.tasks import import_file  # tasks stand on the importer, which stands on this

    _may_import(actor, batch)
    _locked(batch)
    if batch.ended or not batch.mapping_text:
        raise Refused(
            _("This import has ended, or nobody has said yet what its columns are."), code="import_state"
        )
    title = _("Import of %(file)s") % {"file": batch.file_name}
    job = import_file.enqueue(owner=actor, title=title[:200], batch_id=batch.pk)
    batch.job = job.pk
    batch.save(update_fields=["job"])
    return batch
