"""Handing over: what is open with one person or department passes to another."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.trail.act import Refused, act, note

from .. import handover, queries, rules
from ..models import Department, RoleGrant, User
from .persons import grant_role, revoke_role


@act
def hand_over_person(giver: User, *, actor: Any, taker: User, roles: bool = False) -> dict[str, int]:
    """Pass everything that is open with a person to another one; with ``roles`` their roles too.

    Gives what moved, by name of the duty.
    """
    people = {
        p.pk: p
        for p in User.objects.select_for_update(of=("self",))
        .filter(pk__in=[giver.pk, taker.pk])
        .order_by("pk")
    }
    giver, taker = people[giver.pk], people[taker.pk]
    _may_hand_over(actor, giver, taker)
    grants = _give_roles(giver, taker, actor) if roles else []  # first, so that the work may be the taker's
    moved = _move(giver, taker, actor)
    if roles:
        for grant in grants:
            revoke_role(grant, actor=actor)
        moved["roles"] = len(grants)
    note(actor, "person.handed_over", giver, to=taker.employee_number, moved=moved)
    return moved


@act
def hand_over_department(
    giver: Department, *, actor: Any, taker: Department, people: bool = False, close: bool = False
) -> dict[str, int]:
    """Pass everything that is open with a department to another one.

    With ``people`` those who work in it and the departments below it move too; with ``close`` it is then out
    of use.
    """
    if not rules.keeps_company(actor):
        raise Refused(
            _("Departments and contractors are kept by the administrator of the company."),
            code="not_company_administrator",
        )
    both = {
        d.pk: d
        for d in Department.objects.select_for_update().filter(pk__in=[giver.pk, taker.pk]).order_by("pk")
    }
    giver, taker = both[giver.pk], both[taker.pk]
    if giver.pk == taker.pk:
        raise ValidationError({"taker": _("Choose another department.")})
    if not taker.is_active:
        raise ValidationError({"taker": _("%(name)s is out of use. Choose another.") % {"name": taker.name}})
    moved = _move(giver, taker, actor)
    if people:
        moved["people"] = User.objects.filter(department=giver).update(department=taker)
        moved["below"] = _move_below(giver, taker)
    if close:
        giver.is_active = False
        giver.save(update_fields=["is_active"])
    note(actor, "department.handed_over", giver, to=taker.code, moved=moved, closed=close)
    return moved


def _may_hand_over(actor: Any, giver: User, taker: User) -> None:
    if not rules.keeps_person(actor, giver):
        raise Refused(
            _("This person has roles outside your places. Ask the administrator of the company."),
            code="person_not_yours",
            subject=giver,
        )
    if giver.pk == taker.pk:
        raise ValidationError({"taker": _("Choose somebody else.")})
    seen = actor is None or queries.people(actor).filter(pk=taker.pk).exists()
    if not seen or not taker.is_active:
        raise ValidationError(
            {"taker": _("Nobody in use has this employee number. Look it up on the page of people.")}
        )
    if not rules.keeps_company(actor) and Department.objects.filter(head=giver).exists():
        raise Refused(
            _("%(number)s heads a department. Ask the administrator of the company to hand that over.")
            % {"number": giver.employee_number},
            code="not_company_administrator",
            subject=giver,
        )


def _move(giver: Any, taker: Any, actor: Any) -> dict[str, int]:
    moved = {one.duty.name: one.duty.move(giver, taker, actor) for one in handover.open_with(giver)}
    left = handover.open_with(giver)
    if left:
        raise Refused(
            _("Not everything can pass to %(code)s: %(what)s. Nothing was moved.")
            % {"code": _code(taker), "what": handover.said(left)},
            code="duties_left",
            subject=giver,
        )
    return moved


def _code(found: User | Department) -> str:
    """Never the name: what is refused stands on the trail."""
    return found.employee_number if isinstance(found, User) else found.code


def _give_roles(giver: User, taker: User, actor: Any) -> list[RoleGrant]:
    grants = list(
        RoleGrant.objects.filter(user=giver)
        .exclude(valid_to__lt=timezone.localdate())
        .select_related("place", "user")
    )
    for grant in grants:
        grant_role(
            taker,
            actor=actor,
            role=grant.role,
            place=grant.place,
            valid_from=grant.valid_from,
            valid_to=grant.valid_to,
        )
    return grants


def _move_below(giver: Department, taker: Department) -> int:
    """Hang the departments below the giver under the taker, without making a circle."""
    above: Department | None = taker
    while above is not None and above.parent_id != giver.pk:
        above = above.parent
    if above is not None:  # the taker stands below the giver: its branch moves up first
        above.parent = giver.parent
        above.save(update_fields=["parent"])
    if taker.pk == (above.pk if above else None):
        taker.parent = giver.parent
    return Department.objects.filter(parent=giver).update(parent=taker)
