"""What is done once: the first company and its first administrator."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.people.actions import create_person, grant_role
from bihuan.base.people.models import User
from bihuan.base.people.roles import Role
from bihuan.base.places.actions import create_place
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused, act, note
from bihuan.config.models import Installation
from bihuan.config.start import code


@act
def set_up_company(
    *,
    actor: Any,
    company_code: str,
    name_zh: str,
    name_en: str = "",
    admin_number: str,
    admin_name: str,
    password: str | None = None,
    language: str = "zh-hans",
) -> tuple[Place, User]:
    """Make the company and its first administrator, who may do everything everywhere.

    It works once: a home that holds a company, real or simulated, is refused. ``actor`` is None, the system:
    whoever runs the command, or holds the setup code.
    """
    if actor is not None:
        raise Refused(_("The first company is set up before anybody signs in."), code="not_the_system")
    _installation, made = Installation.objects.get_or_create(
        pk=Installation.ONLY, defaults={"kind": Installation.Kind.REAL}
    )
    if not made or Place.objects.exists() or User.objects.exists():
        raise Refused(
            _("This home folder already holds a company. Give a new one a folder of its own (BIHUAN_HOME)."),
            code="set_up_already",
        )
    company = create_place(actor=None, code=company_code, kind=Kind.COMPANY, name_zh=name_zh, name_en=name_en)
    person = create_person(
        actor=None, employee_number=admin_number, name=admin_name, password=password, language=language
    )
    grant_role(person, actor=None, role=Role.ADMINISTRATOR)
    note(actor, "company.set_up", company, place=company, administrator=person.employee_number)
    transaction.on_commit(code.forget)
    return company, person
