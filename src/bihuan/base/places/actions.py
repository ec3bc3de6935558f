"""What is done to places and households."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.privacy.actions import reveal
from bihuan.base.trail.act import Refused, act, note

from . import codes, import_households, import_tree, rules, sheets
from .kinds import PlaceState
from .models import Household, Occupancy, Place, PlaceSpell, SheetImport, SheetLock
from .tree import begin_spell, check_parent, rehang

KEEP_ROWS = timedelta(days=30)
CHANGEABLE = ("name_zh", "name_en", "grade", "area", "own_households")


@act
def create_place(
    *,
    actor: Any,
    code: str,
    kind: str,
    name_zh: str,
    parent: Place | None = None,
    valid_from: date | None = None,
    **fields: Any,
) -> Place:
    """Put a new place into the tree; ``fields`` are those of ``CHANGEABLE``."""
    _may_manage(actor, parent)
    check_parent(kind, parent)
    codes.check(code)
    if Place.objects.filter(code=code).exists():
        raise ValidationError({"code": _("The code %(code)s is taken. Choose another.") % {"code": code}})
    place = Place.objects.plant(
        parent=parent, code=code, kind=kind, name_zh=name_zh, valid_from=valid_from, **_only(fields)
    )
    PlaceSpell.objects.create(place=place, parent=parent, grade=place.grade, valid_from=valid_from)
    note(actor, "place.created", place, place=place, kind=kind)
    return place


@act
def update_place(place: Place, *, actor: Any, since: date | None = None, **changes: Any) -> Place:
    """Change names, grade, area or households; a new grade counts from ``since`` (today)."""
    place = _locked(place)
    _may_manage(actor, place)
    changed = {key: value for key, value in _only(changes).items() if getattr(place, key) != value}
    if not changed:
        return place
    for key, value in changed.items():
        setattr(place, key, value)
    place.save(update_fields=list(changed))
    if "grade" in changed:
        begin_spell(place, since or timezone.localdate())
    note(actor, "place.updated", place, place=place, fields=sorted(changed))
    return place


@act
def move_place(place: Place, *, actor: Any, parent: Place, since: date | None = None) -> Place:
    """Hang a place, with everything under it, under another one from a day on (today)."""
    place = _locked(place)
    parent = _locked(parent)
    _may_manage(actor, place)
    _may_manage(actor, parent)
    if place.parent_id == parent.pk:
        return place
    check_parent(place.kind, parent)
    before = place.path
    rehang(place, parent)
    begin_spell(place, since or timezone.localdate())
    note(actor, "place.moved", place, place=place, path_before=before, parent=parent.code)
    return place


@act
def deactivate_place(place: Place, *, actor: Any, last_day: date | None = None) -> Place:
    """Take a place and everything under it out of use; ``last_day`` (today) is the last one it counts."""
    place = _locked(place)
    _may_manage(actor, place)
    last_day = last_day or timezone.localdate()
    spells = PlaceSpell.objects.filter(place__path__startswith=place.path, valid_to=None)
    late = spells.filter(valid_from__gt=last_day).select_related("place").order_by("-valid_from").first()
    if late is not None:
        raise ValidationError(
            {
                "last_day": _("%(place)s changed on %(day)s; the last day cannot be earlier.")
                % {"place": late.place.code, "day": late.valid_from}
            }
        )
    affected = place.subtree().active().order_by("pk").select_for_update(of=("self",))
    count = len(affected)
    spells.update(valid_to=last_day)
    place.subtree().active().update(state=PlaceState.INACTIVE, valid_to=last_day)
    place.refresh_from_db()
    if count:
        note(actor, "place.deactivated", place, place=place, last_day=last_day, places=count)
    return place


@act
def reactivate_place(place: Place, *, actor: Any, since: date | None = None) -> Place:
    """Take one place back into use from a day on (today); what is under it is taken back one by one."""
    place = _locked(place)
    _may_manage(actor, place)
    if place.is_active:
        return place
    if place.parent and not place.parent.is_active:
        raise ValidationError(
            _("%(parent)s above it is not in use. Take that back into use first.")
            % {"parent": place.parent.name}
        )
    place.state, place.valid_to = PlaceState.ACTIVE, None
    place.save(update_fields=["state", "valid_to"])
    begin_spell(place, since or timezone.localdate())
    note(actor, "place.reactivated", place, place=place)
    return place


@act
def reveal_occupancy(occupancy: Occupancy, *, actor: Any, reason: str) -> Occupancy:
    """Show one resident's name and phone in full; that somebody looked, and why, goes on the trail."""
    reveal(occupancy, "name", actor=actor, reason=reason)
    if occupancy.phone:
        reveal(occupancy, "phone", actor=actor, reason=reason)
    return occupancy


@act
def change_occupancy(
    household: Household, *, actor: Any, name: str, phone: str = "", since: date | None = None
) -> Occupancy:
    """Somebody else lives there now: the old occupancy ends the day before ``since``."""
    unit = household.unit
    _may_manage(actor, unit)
    Household.objects.select_for_update().get(pk=household.pk)
    since = since or timezone.localdate()
    old = household.occupancies.current().first()
    if old and old.since and since <= old.since:
        raise ValidationError(
            {"since": _("The present resident moved in on %(day)s; give a later day.") % {"day": old.since}}
        )
    if old:
        old.until = since - timedelta(days=1)
        old.save(update_fields=["until"])
    new = Occupancy.objects.create(household=household, name=name, phone=phone, since=since if old else None)
    note(actor, "occupancy.changed", new, place=unit)
    return new


@act
def import_places(*, actor: Any, content: bytes, filename: str) -> SheetImport:
    """Take the good rows of a sheet of places into the tree and keep the bad ones apart."""
    reading = sheets.read(content, import_tree.form())
    SheetLock.take("places")
    counts = import_tree.take_in(reading, actor)
    return _record(actor, SheetImport.Kind.PLACES, content, filename, reading, counts)


@act
def import_households_of(project: Place, *, actor: Any, content: bytes, filename: str) -> SheetImport:
    """Take the good rows of a sheet of households into one project and keep the bad ones apart."""
    _may_manage(actor, project)
    reading = sheets.read(content, import_households.form())
    SheetLock.take("households")
    counts = import_households.take_in(reading, project)
    return _record(actor, SheetImport.Kind.HOUSEHOLDS, content, filename, reading, counts, place=project)


@act
def import_households_anywhere(*, actor: Any, content: bytes, filename: str) -> SheetImport:
    """Take the good rows of a sheet of households of any projects and keep the bad ones apart."""
    reading = sheets.read(content, import_households.form())
    SheetLock.take("households")
    counts = import_households.take_in_all(reading, lambda project: rules.can_manage(actor, project))
    return _record(actor, SheetImport.Kind.HOUSEHOLDS, content, filename, reading, counts)


@act
def forget_rejected_rows(*, actor: Any) -> int:
    """Drop the rows kept apart of files older than ``KEEP_ROWS``; the counts stay."""
    if not rules.can_manage(actor, None):
        raise Refused(_("Only the administrator of everything does this."), code="not_administrator")
    old = SheetImport.objects.filter(at__lt=timezone.now() - KEEP_ROWS).exclude(kept_apart="")
    count = old.update(kept_apart="")
    if count:
        note(actor, "sheets.rows_forgotten", None, files=count)
    return count


def _record(
    actor: Any,
    kind: str,
    content: bytes,
    filename: str,
    reading: sheets.Reading,
    counts: sheets.Counts,
    place: Place | None = None,
) -> SheetImport:
    taken = SheetImport.keep(
        kind, content, filename, reading, counts, by=actor.get_username() if actor else "", place=place
    )
    note(
        actor, f"{kind}.imported", taken, place=place, sha256=taken.sha256,
        created=taken.created, changed=taken.changed, unchanged=taken.unchanged, rejected=taken.rejected,
    )  # fmt: skip
    return taken


def _locked(place: Place) -> Place:
    return Place.objects.select_for_update(of=("self",)).select_related("parent").get(pk=place.pk)


def _may_manage(actor: Any, place: Place | None) -> None:
    if not rules.can_manage(actor, place):
        raise Refused(
            _("Places here are kept by another administrator."), code="place_not_yours", subject=place
        )


def _only(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"not a field of a place: {', '.join(sorted(unknown))}")
    return fields
