"""What the trail calls the acts of this room."""

from django.utils.translation import gettext_lazy as _

VERBS = {
    "place.created": _("Place added"),
    "place.updated": _("Place changed"),
    "place.moved": _("Place moved"),
    "place.deactivated": _("Place taken out of use"),
    "place.reactivated": _("Place taken back into use"),
    "places.imported": _("File of places taken in"),
    "households.imported": _("File of households taken in"),
    "occupancy.changed": _("Resident changed"),
    "sheets.rows_forgotten": _("Rejected rows of old files dropped"),
}
