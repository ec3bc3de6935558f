"""Putting the simulated places and households into the database, many rows at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.db.models.query import QuerySet

from bihuan.base.places.actions import create_place
from bihuan.base.places.models import Household, Occupancy, Place, PlaceSpell
from bihuan.base.trail.act import act, note
from bihuan.config.demo.company import CITIES, COMPANY, REGIONS, SEED, Project, projects
from bihuan.config.demo.survey import TENURES

FIRST_DAY = date(2023, 10, 1)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文雪梅晨宇欣悦子涵雨桐浩然思远"


@act
def plant_tree(*, actor: None) -> Place:
    """The company with its regions, cities, projects and buildings."""
    code, zh, en = COMPANY
    company = create_place(actor=actor, code=code, kind="company", name_zh=zh, name_en=en)
    regions = {
        key: create_place(actor=actor, parent=company, code=key, kind="region", name_zh=zh, name_en=en)
        for key, (zh, en) in REGIONS.items()
    }
    cities = {
        key: create_place(actor=actor, parent=regions[region], code=key, kind="city", name_zh=zh, name_en=en)
        for key, (region, zh, en) in CITIES.items()
    }
    for project in projects():
        _plant_project(cities[project.city], project)
    note(actor, "demo.places_planted", company, place=company)
    return company


def _plant_project(city: Place, project: Project) -> None:
    place = create_place(
        actor=None,
        parent=city,
        code=project.code,
        kind="project",
        name_zh=project.name_zh,
        name_en=project.name_en,
        grade=project.grade,
        area=project.households * 98,
        own_households=project.households,
        valid_from=FIRST_DAY,
    )
    buildings = [
        Place(
            code=code,
            kind="building",
            parent=place,
            name_zh=f"{n}栋",
            name_en=f"Building {n}",
            valid_from=FIRST_DAY,
        )
        for n, code in enumerate(project.building_codes, 1)
    ]
    Place.objects.bulk_create(buildings)
    _give_paths(Place.objects.filter(parent=place, path=""))
    _begin_spells(buildings)


def _begin_spells(places: list[Place]) -> None:
    PlaceSpell.objects.bulk_create(
        [PlaceSpell(place=p, parent=p.parent, grade=p.grade, valid_from=p.valid_from) for p in places],
        batch_size=2000,
    )


def _give_paths(rows: QuerySet[Place]) -> None:
    """One statement instead of one write a row: a path is the parent's path and the own id."""
    above = Subquery(Place.objects.filter(pk=OuterRef("parent_id")).values("path")[:1])
    rows.update(path=Concat(above, Cast(F("pk"), CharField()), Value("/")))


@act
def settle_households(*, actor: None, progress: Callable[[int, int], None]) -> int:
    """One unit, one household and one resident for each of the contract's households."""
    rng = np.random.default_rng([SEED, 9])
    listed = projects()
    total = sum(p.households for p in listed)
    done = 0
    for project in listed:
        buildings = list(Place.objects.filter(parent__code=project.code, kind="building").order_by("code"))
        units = [_unit(buildings[i % len(buildings)], i // len(buildings)) for i in range(project.households)]
        Place.objects.bulk_create(units, batch_size=2000)
        _give_paths(Place.objects.filter(kind="unit", path=""))
        _begin_spells(units)
        _settle(rng, units)
        done += len(units)
        progress(done, total)
    note(actor, "demo.households_settled", ("demo", "", "households"), households=total)
    return total


def _unit(building: Place, index: int) -> Place:
    room = f"{index // 4 + 1}{index % 4 + 1:02d}"
    return Place(
        code=f"{building.code}-{room}",
        kind="unit",
        parent=building,
        name_zh=f"{room}室",
        name_en=f"Flat {room}",
    )


def _settle(rng: np.random.Generator, units: list[Place]) -> None:
    owner_share = TENURES["owner"][1]
    owners = rng.random(len(units)) < owner_share
    households = [
        Household(unit=unit, kind="owner" if owner else "tenant")
        for unit, owner in zip(units, owners, strict=True)
    ]
    Household.objects.bulk_create(households, batch_size=2000)
    surname = rng.integers(0, len(SURNAMES), len(units))
    given = rng.integers(0, len(GIVEN), (len(units), 2))
    phones = rng.integers(0, 10**8, len(units))
    Occupancy.objects.bulk_create(
        [
            Occupancy(
                household=household,
                name=SURNAMES[surname[i]] + GIVEN[given[i, 0]] + GIVEN[given[i, 1]],
                phone=f"+86139{phones[i]:08d}",
                since=FIRST_DAY,
            )
            for i, household in enumerate(households)
        ],
        batch_size=2000,
    )
