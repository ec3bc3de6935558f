"""What is done to people, their roles and their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.places import sheets
from bihuan.base.places.models import Place, SheetImport, SheetLock
from bihuan.base.privacy.actions import reveal
from bihuan.base.trail.act import Refused, act, note

from .. import handover, import_people, import_structure, passwords, rules, throttle, tokens
from ..fields import tidy, with_indexes
from ..models import ApiToken, RoleGrant, User
from ..roles import Role


@act
def create_person(
    *, actor: Any, employee_number: str, name: str, password: str | None = None, **fields: Any
) -> User:
    """Add a person; without a password they cannot sign in until they are given a one-time password."""
    if not rules.keeps_people(actor):
        raise Refused(_("Only administrators add people."), code="not_administrator")
    number = employee_number.strip()
    if not number:
        raise ValidationError({"employee_number": _("Write the employee number.")})
    if User.objects.filter(employee_number=number).exists():
        raise ValidationError(
            {"employee_number": _("%(number)s is another person's. Look them up.") % {"number": number}}
        )
    clean = tidy(None, {"name": name, **fields})
    user = User.objects.create_user(number, password, **clean)
    note(actor, "person.created", user)
    return user


@act
def update_person(person: User, *, actor: Any, **changes: Any) -> User:
    """Change a person's name, ways to reach them, language, department or contractor."""
    person = _kept(person, actor)
    clean = tidy(person, changes)
    changed = sorted(key for key, value in clean.items() if getattr(person, key) != value)
    if not changed:
        return person
    for key in changed:
        setattr(person, key, clean[key])
    person.save(update_fields=with_indexes(changed))
    note(actor, "person.updated", person, fields=changed)
    return person


@act
def grant_role(
    person: User,
    *,
    actor: Any,
    role: str,
    place: Place | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> RoleGrant:
    """Give a person a role at a place and everything under it; without a place, everywhere."""
    _may_give(actor, place, person)
    if role not in Role.values:
        raise ValidationError({"role": _("Choose a role from the list.")})
    if valid_from and valid_to and valid_to < valid_from:
        raise ValidationError({"valid_to": _("The last day is before the first. Exchange or mend them.")})
    same = RoleGrant.objects.filter(
        user=person, role=role, place=place, valid_from=valid_from, valid_to=valid_to
    )
    if grant := same.first():
        return grant
    grant = RoleGrant.objects.create(
        user=person, role=role, place=place, valid_from=valid_from, valid_to=valid_to
    )
    person.forget_grants()
    note(actor, "role.granted", person, place=place, role=role, valid_from=valid_from, valid_to=valid_to)
    return grant


@act
def revoke_role(grant: RoleGrant, *, actor: Any) -> None:
    """Take a role away at once."""
    _may_give(actor, grant.place, grant.user)
    _leave_one_administrator(grant=grant)
    note(actor, "role.revoked", grant.user, place=grant.place, role=grant.role)
    grant.delete()
    grant.user.forget_grants()


@act
def deactivate_person(person: User, *, actor: Any) -> User:
    """Take a person out of use: they cannot sign in, and every session and token of theirs ends."""
    person = _kept(person, actor)
    if actor is not None and actor.pk == person.pk:
        raise Refused(_("You cannot take yourself out of use. Ask another administrator."), code="yourself")
    if not person.is_active:
        return person
    _leave_one_administrator(person=person)
    if left := handover.open_with(person):
        raise Refused(
            _("%(number)s still has open work: %(what)s. Hand it over first.")
            % {"number": person.employee_number, "what": handover.said(left)},
            code="open_duties",
            subject=person,
        )
    person.is_active = False
    person.session_version += 1
    person.save(update_fields=["is_active", "session_version"])
    person.api_tokens.all().delete()
    note(actor, "person.deactivated", person)
    return person


@act
def reactivate_person(person: User, *, actor: Any) -> User:
    """Take a person back into use; they sign in with the password they had."""
    person = _kept(person, actor)
    if person.is_active:
        return person
    person.is_active = True
    person.save(update_fields=["is_active"])
    note(actor, "person.reactivated", person)
    return person


@act
def issue_one_time_password(person: User, *, actor: Any) -> str:
    """Give a person a new password to be handed over; it is returned once and must be changed at sign-in."""
    person = _kept(person, actor)
    if not person.is_active:
        raise Refused(_("This person is out of use. Take them back into use first."), code="inactive")
    password = passwords.one_time_password()
    person.password = passwords.encode_one_time(password)
    person.must_change_password = True
    person.session_version += 1
    person.save(update_fields=["password", "must_change_password", "session_version"])
    throttle.forget(f"user:{person.pk}")
    note(actor, "person.one_time_password", person)
    return password


@act
def issue_first_passwords(taken: SheetImport, *, actor: Any) -> list[tuple[User, str]]:
    """One-time passwords for those a file brought who have none yet."""
    if not rules.keeps_people(actor):
        raise Refused(_("Only administrators give out passwords."), code="not_administrator", subject=taken)
    without = User.objects.filter(employee_number__in=taken.made, is_active=True, password__startswith="!")
    return issue_passwords(list(without), actor=actor)


@act
def issue_passwords(people: Sequence[User], *, actor: Any) -> list[tuple[User, str]]:
    """One-time passwords for several people at once, in the order of their numbers.

    Passed over are those out of use and those whom another administrator keeps.
    """
    return [
        (person, issue_one_time_password(person, actor=actor))
        for person in sorted(people, key=lambda person: person.employee_number)
        if person.is_active and rules.keeps_person(actor, person)
    ]


@act
def change_password(person: User, *, actor: Any, current: str, new: str) -> User:
    """Choose one's own password; every other session ends."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if actor is None or actor.pk != person.pk:
        raise Refused(_("A password is changed by the person alone."), code="not_yourself")
    if not person.check_password(current):
        raise ValidationError({"current": _("This is not your present password. Write it again.")})
    try:
        passwords.check_new(new, person)
    except ValidationError as exc:
        raise ValidationError({"new": exc.messages}) from exc
    person.set_password(new)
    person.must_change_password = False
    person.session_version += 1
    person.save(update_fields=["password", "must_change_password", "session_version"])
    note(actor, "person.password_changed", person)
    return person


@act
def record_sign_in(person: User, *, actor: Any) -> None:
    """Put on the trail that somebody came in."""
    note(actor, "person.signed_in", person)


@act
def record_blocked_sign_in(person: User, *, actor: Any) -> None:
    """Put on the trail that an account was tried too often and now has to wait."""
    note(actor, "person.sign_in_blocked", person)


@act
def reveal_phone(person: User, *, actor: Any, reason: str) -> str:
    """Show a person's phone number in full; that somebody looked goes on the trail."""
    return reveal(person, "phone", actor=actor, reason=reason)


@act
def make_token(*, actor: Any, name: str, expires: datetime | None = None) -> tuple[ApiToken, str]:
    """Make a bearer token for a program that speaks for ``actor``; the token itself is returned once."""
    name = name.strip()
    if not name:
        raise ValidationError({"name": _("Write what the token is for.")})
    if expires is not None and expires <= timezone.now():
        raise ValidationError({"expires": _("This day is over. Give a later one.")})
    token, kept = tokens.fresh()
    made = ApiToken.objects.create(user=actor, name=name[:80], hash=kept, expires=expires)
    note(actor, "token.made", made, expires=expires)
    return made, token


@act
def revoke_token(token: ApiToken, *, actor: Any) -> None:
    """End a token at once."""
    if actor is not None and token.user_id != actor.pk and not rules.keeps_person(actor, token.user):
        raise Refused(_("This token is not yours."), code="not_your_token")
    note(actor, "token.revoked", token)
    token.delete()


@act
def take_in_people(*, actor: Any, content: bytes, filename: str) -> SheetImport:
    """Take the good rows of a sheet of people in and keep the bad ones apart."""
    if not rules.keeps_people(actor):
        raise Refused(_("Only administrators add people."), code="not_administrator")
    reading = sheets.read(content, import_people.form())
    SheetLock.take("people")
    counts, made = import_people.take_in(reading, actor)
    return _recorded(
        SheetImport.Kind.PEOPLE, "people.imported", reading, counts, actor, content, filename, made
    )


@act
def take_in_structure(*, actor: Any, content: bytes, filename: str) -> SheetImport:
    """Take the good rows of a sheet of departments and contractors in and keep the bad ones apart."""
    if not rules.keeps_company(actor):
        raise Refused(
            _("Departments and contractors are kept by the administrator of the company."),
            code="not_company_administrator",
        )
    reading = sheets.read(content, import_structure.form())
    SheetLock.take("structure")
    counts = import_structure.take_in(reading)
    return _recorded(
        SheetImport.Kind.STRUCTURE, "structure.imported", reading, counts, actor, content, filename
    )


def _recorded(
    kind: str,
    verb: str,
    reading: sheets.Reading,
    counts: sheets.Counts,
    actor: Any,
    content: bytes,
    filename: str,
    made: list[str] | None = None,
) -> SheetImport:
    taken = SheetImport.keep(
        kind, content, filename, reading, counts,
        by=actor.get_username() if actor else "", made=made,
    )  # fmt: skip
    note(
        actor, verb, taken, sha256=taken.sha256,
        created=taken.created, changed=taken.changed, unchanged=taken.unchanged, rejected=taken.rejected,
    )  # fmt: skip
    return taken


def _kept(person: User, actor: Any) -> User:
    """The person, locked, when the actor keeps them."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not rules.keeps_person(actor, person):
        raise Refused(
            _("This person has roles outside your places. Ask the administrator of the company."),
            code="person_not_yours",
            subject=person,
        )
    return person


def _may_give(actor: Any, place: Place | None, person: User) -> None:
    if not rules.gives_role_at(actor, place):
        raise Refused(
            _("You give and take roles at the places you keep, not here."),
            code="place_not_yours",
            subject=person,
        )


def _leave_one_administrator(grant: RoleGrant | None = None, person: User | None = None) -> None:
    """Refuse to take the last administrator of everything: nobody could give the role back."""
    today = timezone.localdate()
    all_over = RoleGrant.objects.on(today).filter(
        role=Role.ADMINISTRATOR,
        place=None,
        user__is_active=True,
        valid_to=None,  # a term that ends leaves nobody
    )
    # The rows are held, so that two administrators cannot remove each other at the same moment.
    standing = list(all_over.select_related("user").order_by("pk").select_for_update(of=("self",)))
    gone = [one for one in standing if one == grant or one.user == person]
    if gone and len(gone) == len(standing):
        raise Refused(
            _("This is the last administrator of everything. Give the role to somebody else first."),
            code="last_administrator",
            subject=person or (grant and grant.user),
        )
