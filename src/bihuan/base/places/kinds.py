"""The levels of the place tree, the service grades and the kinds of household, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Levels of the tree, from the top down."""

    COMPANY = "company", _("Company")
    REGION = "region", _("Region")
    CITY = "city", _("City")
    PROJECT = "project", _("Project")
    BUILDING = "building", _("Building")
    UNIT = "unit", _("Unit")


class Grade(models.TextChoices):
    """The service grade the contract promises; stored in the words of the national standard."""

    FIRST = "一级", _("Grade 1")
    SECOND = "二级", _("Grade 2")
    THIRD = "三级", _("Grade 3")


class PlaceState(models.TextChoices):
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")


class HouseholdKind(models.TextChoices):
    """On what ground a household lives in its unit."""

    OWNER = "owner", _("Owner")
    TENANT = "tenant", _("Tenant")


RANK = {kind: rank for rank, kind in enumerate(Kind.values)}

# Levels may be left out (a small company has projects right under it), but never below the project.
PARENTS: dict[str, tuple[str, ...]] = {
    Kind.COMPANY: (),
    Kind.REGION: (Kind.COMPANY,),
    Kind.CITY: (Kind.COMPANY, Kind.REGION),
    Kind.PROJECT: (Kind.COMPANY, Kind.REGION, Kind.CITY),
    Kind.BUILDING: (Kind.PROJECT,),
    Kind.UNIT: (Kind.PROJECT, Kind.BUILDING),
}

# Roles are named as words here: the people who hold them live in a room above this one.
ADMINISTRATOR = "administrator"
READ_HOUSEHOLDS = ("administrator", "quality_manager", "interviewer", "department_head")
