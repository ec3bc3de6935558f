"""A file into the archive: read, check, keep the bad rows apart, publish the good ones in one batch.

The order makes a cut at any point harmless: the file is on disk before its import is in the database; facts
are staged outside the archive; the archive shows a batch whole or not at all; and the import says "in the
archive" only after the archive has it. A run that was cut off is simply done again: facts that are there
already count as unchanged.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.archive.schema import DIMENSIONS
from bihuan.archive.store import Archive, ArchiveError, BatchResult
from bihuan.base.calendars.queries import stretches_dimension
from bihuan.base.places.managers import under
from bihuan.base.places.models import Place
from bihuan.base.places.publish import places_dimension
from bihuan.collect.records import actions, reasons
from bihuan.collect.records.mapping import MappingError, MappingSpec, Transformer
from bihuan.collect.records.mapping.places import Known, PlaceIndex
from bihuan.collect.records.models import IMPORTERS, ImportBatch
from bihuan.collect.records.models import Mapping as KeptMapping
from bihuan.collect.records.reading import Source, UnreadableFileError, open_source
from bihuan.collect.records.rules import can_make_places
from bihuan.collect.records.staging import Staging
from bihuan.collect.records.worktime import CompanyClocks
from bihuan.standards.models import MonitoringCycle
from bihuan.standards.states import CycleState

Report = Callable[[int, int], Any]
Stage = Callable[..., Any]


@dataclass
class ImportResult:
    """What became of a file. ``read == accepted + rejected + skipped`` always."""

    batch: int
    state: str
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    facts: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    late: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    cycles: list[str] = field(default_factory=list)
    new_places: int = 0
    snapshot: int | None = None
    archive_batch: str = ""

    @classmethod
    def of(cls, batch: ImportBatch) -> ImportResult:
        """The result as the import remembers it."""
        numbers = {
            name: getattr(batch, name)
            for name in (
                "state", "read", "accepted", "rejected", "skipped", "facts", "added", "replaced", "unchanged",
                "late", "new_places", "snapshot", "archive_batch",
            )
        }  # fmt: skip
        return cls(
            batch=batch.pk,
            reasons=Counter(batch.reasons),
            left_out=Counter(batch.left_out),
            cycles=list(batch.cycles),
            **numbers,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values for programs."""
        return {
            **self.__dict__,
            "state": str(self.state),
            "reasons": dict(self.reasons.most_common()),
            "left_out": dict(self.left_out.most_common()),
        }


def run_import(
    path: str | Path,
    mapping: str | Path | dict[str, Any] | MappingSpec | KeptMapping,
    *,
    actor: Any = None,
    progress: Report | None = None,
    archive: Archive | None = None,
    now: datetime | None = None,
) -> ImportResult:
    """Import one file and wait for it.

    Parameters
    ----------
    path : CSV (packed or not), Excel or Parquet.
    mapping : a mapping file, its text, its content, or one that was kept.
    actor : who imports; ``None`` is the system itself. Rows of places that are not the actor's are bad rows.
    progress : called as ``progress(rows_done, rows_in_all)``; 0 in all while nobody knows.
    archive : the archive to publish to; by default the company's.

    Raises
    ------
    ValidationError
        When the mapping or the file as a whole cannot be used, with the sentence that says how to mend it.
    """
    spec = load_mapping(mapping)
    path = Path(path)
    if not path.is_file():
        raise ValidationError(reasons.say_file("file_missing", {"name": path.name}))
    batch = actions.receive_import(
        actor=actor,
        path=path,
        name=path.name,
        mapping_text=spec.as_yaml(),
        mapping=mapping if isinstance(mapping, KeptMapping) else None,
    )
    return process(batch, actor=actor, progress=progress, archive=archive, now=now)


def load_mapping(mapping: Any) -> MappingSpec:
    """A checked mapping; ``ValidationError`` lists every problem in words."""
    source = mapping.text if isinstance(mapping, KeptMapping) else mapping
    try:
        return MappingSpec.load(source, zone=settings.TIME_ZONE)
    except MappingError as error:
        raise ValidationError([reasons.say_mapping(*problem) for problem in error.problems]) from error
    except OSError as error:
        raise ValidationError(
            _("The mapping file “%(name)s” cannot be read. Check its path.") % {"name": str(source)}
        ) from error


def process(
    batch: ImportBatch,
    *,
    actor: Any = None,
    progress: Report | None = None,
    stage: Stage | None = None,
    archive: Archive | None = None,
    now: datetime | None = None,
) -> ImportResult:
    """Take a received file to its end; may be called again after it was cut off.

    ``stage(step=, steps=, message=)`` is told of each of the three steps.
    """
    report = progress or (lambda done, total: None)
    stage = stage or (lambda **named: None)
    if batch.ended:
        return ImportResult.of(batch)
    archive = archive or Archive(settings.ARCHIVE_URL)
    work = batch.path / f"work-{uuid.uuid4().hex[:8]}"
    for old in batch.path.glob("work-*"):
        Staging(old, batch.path).__exit__(None)
    spec = load_mapping(batch.mapping_text)
    try:
        with Staging(work, batch.path) as staging:
            stage(step=1, steps=3, message=_("Reading and checking"), unit=_("rows"))
            result, index = _read(batch, spec, staging, actor, report, now)
            staging.hand_over()
            actions.check_import(batch, actor=actor, **result)
            stage(step=2, steps=3, message=_("Entering new places"))
            made = actions.make_places(batch, actor=actor, planned=index.planned) if result["facts"] else 0
            stage(step=3, steps=3, message=_("Putting into the archive"), unit=_("cycles"))
            published = _publish(batch, spec, staging, archive, actor, report)
    except UnreadableFileError as error:
        actions.refuse_import(batch, actor=actor, code=error.code, params=error.params)
        raise ValidationError(reasons.say_file(error.code, error.params)) from error
    except ArchiveError as error:
        actions.refuse_import(batch, actor=actor, code="archive", params={"detail": str(error)})
        raise ValidationError(reasons.say_file("archive", {"detail": str(error)})) from error
    actions.finish_import(batch, actor=actor, new_places=made, **published)
    return ImportResult.of(batch)


# -- reading


def open_batch(batch: ImportBatch, spec: MappingSpec | None = None) -> Source:
    """The received file, opened as the person and the mapping say."""
    chosen = {**(spec.file if spec else {}), **{k: v for k, v in batch.options.items() if v}}
    return open_source(batch.original, **chosen)


def place_index(actor: Any) -> PlaceIndex:
    """The places a person may import for."""
    everything = Place.objects.exclude(kind="unit").order_by("pk")
    taken: frozenset[str] = frozenset()
    if actor is None:
        mine = everything
    else:
        paths = actor.paths_as(*IMPORTERS)
        condition = under(paths)
        mine = everything.none() if condition is None else everything.filter(condition)
        taken = frozenset() if "/" in paths else frozenset(everything.values_list("code", flat=True))
    rows = mine.values_list("code", "kind", "parent__code", "name_zh", "name_en")
    known = [Known(code, kind, parent, zh, en) for code, kind, parent, zh, en in rows]
    return PlaceIndex.of(known, may_create=can_make_places(actor), taken=taken)


def _read(
    batch: ImportBatch,
    spec: MappingSpec,
    staging: Staging,
    actor: Any,
    report: Report,
    now: datetime | None,
) -> tuple[dict[str, Any], PlaceIndex]:
    source = open_batch(batch, spec)
    lacking = spec.missing_from(source.columns)
    if lacking:
        raise UnreadableFileError("file_columns", columns=lacking)
    clocks = CompanyClocks()
    for rule in spec.columns.values():
        named = (rule.minutes or rule.after or {}).get("calendar")
        named = rule.constant if rule.target == "calendar" and rule.constant else named
        if named and not clocks.known(named):
            raise UnreadableFileError("file_calendar", value=named)
    index = place_index(actor)
    transformer = Transformer(spec, source.columns, index, clocks, now or timezone.now())
    read = accepted = rejected = facts = 0
    codes: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for chunk in source.chunks():
        outcome = transformer.apply(chunk)
        staging.add(outcome)
        read += outcome.read
        accepted += outcome.accepted
        rejected += len(outcome.rejected_rows)
        facts += len(outcome.facts)
        left_out += outcome.skipped
        codes.update(reason.code for reason in outcome.reasons)
        report(read, source.rows_hint or 0)
    if read == 0:
        raise UnreadableFileError("file_rows")
    counts = {
        "read": read,
        "accepted": accepted,
        "rejected": rejected,
        "skipped": left_out.total(),
        "facts": facts,
        "reasons": dict(codes.most_common()),
        "left_out": dict(left_out.most_common()),
        "cycles": sorted(staging.counts),
        "table": spec.table.name,
        "source": spec.source,
    }
    return counts, index


# -- publishing


def _publish(
    batch: ImportBatch, spec: MappingSpec, staging: Staging, archive: Archive, actor: Any, report: Report
) -> dict[str, Any]:
    """Everything in one archive batch: all of it becomes visible, or nothing."""
    if not staging.counts:
        return {"snapshot": archive.snapshot()}
    closed = set(MonitoringCycle.objects.filter(state=CycleState.CLOSED).values_list("code", flat=True))
    who = "" if actor is None else actor.get_username()
    note = f"import {batch.pk}: {batch.source}"
    late = 0
    with archive.batch(note=note, actor=who) as publication:
        moved = _moved(archive, spec, staging)
        for number, cycle in enumerate(sorted({*staging.counts, *moved}), 1):
            is_late = bool({cycle, cycle[:4]} & closed)
            rows: Any = staging.path(cycle) if cycle in staging.counts else spec.table.arrow.empty_table()
            part = publication.put(
                spec.table.name, spec.source, cycle, rows, withdrawn=moved.get(cycle, ()), late=is_late
            )
            late += part.added + part.replaced if is_late else 0
            report(number, len({*staging.counts, *moved}))
        publication.put_dimension("places", places_dimension())
        publication.put_dimension("calendars", stretches_dimension())
        _add_to(publication, archive, "versions", ("kind", "version"), spec.versions)
        _add_to(publication, archive, "questions", ("questionnaire_version", "question"), spec.questions)
    done: BatchResult = publication.result
    return {
        "snapshot": done.line,
        "archive_batch": done.batch_id if done.changed else "",
        "added": sum(p.added for p in done.parts),
        "replaced": sum(p.replaced for p in done.parts),
        "unchanged": sum(p.unchanged for p in done.parts),
        "late": late,
    }


def _moved(archive: Archive, spec: MappingSpec, staging: Staging) -> dict[str, list[str]]:
    """Facts that belong to another cycle than before: they leave the old one in the same batch."""
    snapshot = archive.at()
    standing = {
        p.cycle: p.files
        for p in snapshot.partitions(spec.table.name)
        if p.source == spec.source and set(staging.counts) - {p.cycle}
    }
    moved: dict[str, list[str]] = {}
    for cycle in standing:
        files = snapshot.files(spec.table.name, cycles=[cycle], sources=[spec.source])
        old = pa.chunked_array(
            [pq.read_table(f, columns=["fact_id"])["fact_id"].combine_chunks() for f in files]
        )
        for other in staging.counts:
            if other == cycle:
                continue
            ids = pq.read_table(staging.path(other), columns=["fact_id"])["fact_id"]
            gone = old.filter(pc.is_in(old, value_set=ids.combine_chunks()))
            if len(gone):
                moved.setdefault(cycle, []).extend(gone.to_pylist())
    return moved


def _add_to(
    publication: Any, archive: Archive, name: str, key: tuple[str, ...], rows: tuple[dict[str, Any], ...]
) -> None:
    """Put the mapping's rows into a dimension beside those that are there."""
    if not rows:
        return
    schema = DIMENSIONS[name].arrow
    standing = {tuple(r[k] for k in key): r for r in archive.at().dimension(name).to_pylist()}
    for row in rows:
        full = {column.name: row.get(column.name) for column in schema}
        full = {
            k: str(v) if v is not None and pa.types.is_string(schema.field(k).type) else v
            for k, v in full.items()
        }
        standing[tuple(full[k] for k in key)] = full
    ordered = [standing[k] for k in sorted(standing, key=lambda k: tuple(str(part) for part in k))]
    publication.put_dimension(name, pa.Table.from_pylist(ordered, schema=schema))
