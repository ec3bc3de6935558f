"""What is done to departments and contractors."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.base.places import codes
from bihuan.base.trail.act import Refused, act, note

from .. import handover, rules
from ..models import Contractor, Department
from ..roles import ServiceArea

T = TypeVar("T", Department, Contractor)
DEPARTMENT = ("name_zh", "name_en", "parent", "head", "is_active")
CONTRACTOR = ("name_zh", "name_en", "service_areas", "is_active")


@act
def create_department(*, actor: Any, code: str, name_zh: str, **fields: Any) -> Department:
    """Add a department."""
    _may_keep(actor)
    _free(Department, code)
    department = Department.objects.create(code=code, name_zh=name_zh, **_only(fields, DEPARTMENT))
    note(actor, "department.created", department)
    return department


@act
def update_department(department: Department, *, actor: Any, **changes: Any) -> Department:
    """Change a department; it cannot come to stand under itself."""
    _may_keep(actor)
    _no_circle(department, changes.get("parent"))
    if department.is_active and changes.get("is_active") is False:
        _nothing_open(department)
    return _change(department, "department.updated", actor, _only(changes, DEPARTMENT))


@act
def create_contractor(*, actor: Any, code: str, name_zh: str, **fields: Any) -> Contractor:
    """Add a contractor."""
    _may_keep(actor)
    _free(Contractor, code)
    _known_areas(fields.get("service_areas", []))
    contractor = Contractor.objects.create(code=code, name_zh=name_zh, **_only(fields, CONTRACTOR))
    note(actor, "contractor.created", contractor)
    return contractor


@act
def update_contractor(contractor: Contractor, *, actor: Any, **changes: Any) -> Contractor:
    """Change a contractor."""
    _may_keep(actor)
    _known_areas(changes.get("service_areas", []))
    return _change(contractor, "contractor.updated", actor, _only(changes, CONTRACTOR))


def _change(found: T, verb: str, actor: Any, changes: dict[str, Any]) -> T:
    changed = sorted(key for key, value in changes.items() if getattr(found, key) != value)
    if changed:
        for key in changed:
            setattr(found, key, changes[key])
        found.save(update_fields=changed)
        note(actor, verb, found, fields=changed)
    return found


def _may_keep(actor: Any) -> None:
    if not rules.keeps_company(actor):
        raise Refused(
            _("Departments and contractors are kept by the administrator of the company."),
            code="not_company_administrator",
        )


def _nothing_open(department: Department) -> None:
    if left := handover.open_with(department):
        raise ValidationError(
            {
                "is_active": _("It still has open work: %(what)s. Hand it over first.")
                % {"what": handover.said(left)}
            }
        )


def _free(model: type[Department] | type[Contractor], code: str) -> None:
    codes.check(code)
    if model._default_manager.filter(code=code).exists():
        raise ValidationError({"code": _("The code %(code)s is taken. Choose another.") % {"code": code}})


def _no_circle(department: Department, parent: Department | None) -> None:
    above = parent
    while above is not None:
        if above.pk == department.pk:
            raise ValidationError(
                {"parent": _("A department cannot stand under itself. Choose one that is not below it.")}
            )
        above = above.parent


def _known_areas(areas: list[str]) -> None:
    unknown = [area for area in areas if area not in ServiceArea.values]
    if unknown:
        raise ValidationError(
            {
                "service_areas": _("%(area)s is not a service area. Choose from the list.")
                % {"area": unknown[0]}
            }
        )


def _only(fields: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    unknown = set(fields) - set(known)
    if unknown:
        raise TypeError(f"not a field: {', '.join(sorted(unknown))}")
    return fields
