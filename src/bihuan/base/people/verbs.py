"""What the trail calls the acts of this room."""

from django.utils.translation import gettext_lazy as _

VERBS = {
    "person.created": _("Person added"),
    "person.updated": _("Person changed"),
    "person.deactivated": _("Person taken out of use"),
    "person.reactivated": _("Person taken back into use"),
    "person.one_time_password": _("One-time password made"),
    "person.password_changed": _("Password changed"),
    "person.signed_in": _("Signed in"),
    "person.sign_in_blocked": _("Account tried too often"),
    "person.handed_over": _("Person's work handed over"),
    "people.imported": _("File of people taken in"),
    "structure.imported": _("File of departments and contractors taken in"),
    "role.granted": _("Role given"),
    "role.revoked": _("Role taken away"),
    "department.created": _("Department added"),
    "department.updated": _("Department changed"),
    "department.handed_over": _("Department's work handed over"),
    "contractor.created": _("Contractor added"),
    "contractor.updated": _("Contractor changed"),
    "token.made": _("Token made"),
    "token.revoked": _("Token ended"),
}
