"""The steps that keep the tree whole; they run inside an act that has checked the right to them."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from . import rules
from .kinds import PARENTS, Kind
from .models import Place, PlaceSpell


def check_parent(kind: str, parent: Place | None) -> None:
    """Raise ``ValidationError`` where a place of this level cannot stand there."""
    if not rules.fits_under(kind, parent):
        allowed = [str(Kind(k).label) for k in PARENTS[kind]]
        raise ValidationError({"parent": parent_hint(kind, allowed)})


def parent_hint(kind: str, allowed: list[str]) -> str:
    """Say what a place of this level stands under."""
    if not allowed:
        return _("A company stands at the top; leave the place above empty.")
    return _("A place of level %(kind)s stands under: %(allowed)s. Choose one of these.") % {
        "kind": Kind(kind).label,
        "allowed": " / ".join(allowed),
    }


def rehang(place: Place, parent: Place) -> None:
    """Give a place and everything under it the path under its new parent."""
    old, new = place.path, f"{parent.path}{place.pk}/"
    moved = list(place.subtree().select_for_update(of=("self",)))
    for node in moved:
        node.path = new + node.path[len(old) :]
    Place.objects.bulk_update(moved, ["path"], batch_size=500)
    place.parent, place.path = parent, new
    place.save(update_fields=["parent", "path"])


def begin_spell(place: Place, since: date) -> None:
    """From ``since`` on the place hangs where it now hangs, with the grade it now has."""
    current = PlaceSpell.objects.filter(place=place, valid_to=None).first()
    if current is not None:
        if current.valid_from is not None and since < current.valid_from:
            raise ValidationError(
                _("The last change of %(place)s counts from %(day)s; give that day or a later one.")
                % {"place": place.code, "day": current.valid_from}
            )
        if current.valid_from == since:
            current.parent, current.grade = place.parent, place.grade
            current.save(update_fields=["parent", "grade"])
            return
        current.valid_to = since - timedelta(days=1)
        current.save(update_fields=["valid_to"])
    PlaceSpell.objects.create(place=place, parent=place.parent, grade=place.grade, valid_from=since)
