"""Places and households for tests; ``company()`` plants a small tree of both."""

from __future__ import annotations

from types import SimpleNamespace

import factory

from bihuan.base.places.models import Household, Occupancy, Place, PlaceSpell, SheetImport, SheetLock


class PlaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Place

    code = factory.Sequence(lambda n: f"X{n:04d}")
    kind = "company"
    name_zh = factory.LazyAttribute(lambda place: f"地点{place.code}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        place = model_class.objects.plant(**kwargs)
        PlaceSpell.objects.create(
            place=place, parent=place.parent, grade=place.grade, valid_from=place.valid_from
        )
        return place


class PlaceSpellFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PlaceSpell

    place = factory.SubFactory(PlaceFactory)
    valid_to = "2020-12-31"


class HouseholdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Household

    unit = factory.SubFactory(PlaceFactory)
    kind = "owner"


class OccupancyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Occupancy

    household = factory.SubFactory(HouseholdFactory)
    name = "王小明"
    phone = "+8613800000001"


class SheetImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SheetImport

    kind = "places"
    filename = "places.xlsx"
    sha256 = "0" * 64


class SheetLockFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SheetLock

    kind = "places"


def company() -> SimpleNamespace:
    """和泰: a company, two regions, three projects; the first project has a building with two units."""
    c = PlaceFactory(code="C01", kind="company", name_zh="和泰物业", name_en="Hetai")
    r1 = PlaceFactory(code="R01", kind="region", parent=c, name_zh="华东")
    r2 = PlaceFactory(code="R02", kind="region", parent=c, name_zh="华南")
    p1 = PlaceFactory(code="P001", kind="project", parent=r1, name_zh="翠湖花园", grade="一级")
    p2 = PlaceFactory(
        code="P002", kind="project", parent=r1, name_zh="云锦苑", grade="二级", own_households=300
    )
    p3 = PlaceFactory(
        code="P003", kind="project", parent=r2, name_zh="金穗苑", grade="二级", own_households=500
    )
    b1 = PlaceFactory(code="P001-B01", kind="building", parent=p1, name_zh="1栋")
    u1 = PlaceFactory(code="P001-B01-101", kind="unit", parent=b1, name_zh="101")
    u2 = PlaceFactory(code="P001-B01-102", kind="unit", parent=b1, name_zh="102")
    return SimpleNamespace(c=c, r1=r1, r2=r2, p1=p1, p2=p2, p3=p3, b1=b1, u1=u1, u2=u2)
