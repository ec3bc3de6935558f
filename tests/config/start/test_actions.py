"""The first company: made once, by nobody who is signed in; and the setup code that guards its page."""

from __future__ import annotations

import stat

import pytest
from django.core.exceptions import ValidationError

from bihuan.base.people.models import User
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.config.models import Installation
from bihuan.config.start import code, middleware, missing
from bihuan.config.start.actions import set_up_company
from tests.base.people.factories import person

COMPANY = {"company_code": "HT", "name_zh": "和泰物业", "admin_number": "E1", "admin_name": "何平"}


@pytest.mark.django_db(transaction=True)
def test_the_first_company_and_its_administrator(setup_code):
    company, admin = set_up_company(actor=None, **COMPANY, password="春天来了花开了真好看")
    assert (company.code, company.kind, company.parent) == ("HT", "company", None)
    assert admin.grants == [("administrator", "/")]
    assert admin.check_password("春天来了花开了真好看")
    assert Installation.current().kind == "real"
    assert not code.waits()
    assert "company.set_up" in set(Entry.objects.values_list("verb", flat=True))
    assert "何平" not in str(list(Entry.objects.values_list("subject_label", "detail")))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["real", "simulated"])
def test_a_home_in_use_is_refused(kind):
    Installation.objects.create(kind=kind)
    with pytest.raises(Refused, match="BIHUAN_HOME"):
        set_up_company(actor=None, **COMPANY)
    assert not Place.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_people_without_an_installation_are_refused_too(setup_code):
    user = person("administrator")
    with pytest.raises(Refused, match="BIHUAN_HOME"):
        set_up_company(actor=None, **COMPANY)
    with pytest.raises(Refused):
        set_up_company(actor=user, **COMPANY)
    assert Installation.current() is None
    assert code.waits()


@pytest.mark.django_db
def test_a_wrong_code_leaves_nothing_behind():
    with pytest.raises(ValidationError):
        set_up_company(actor=None, **{**COMPANY, "company_code": "和 泰/"})
    assert Installation.current() is None


def test_the_setup_code(tmp_path, settings):
    settings.BIHUAN_HOME = tmp_path
    assert not code.fits("")
    made = code.keep()
    assert code.keep() == made
    assert stat.S_IMODE(code.path().stat().st_mode) == 0o600
    assert code.fits(f"  {made.upper().replace('-', ' ')} ")
    assert not code.fits("")
    assert not code.fits(made[:-1])
    code.forget()
    assert not code.fits(made)
    code.forget()


@pytest.mark.django_db
def test_a_code_left_over_goes(setup_code):
    Installation.objects.create(kind="real")
    assert not middleware.is_first_run()
    assert not code.waits()


@pytest.mark.django_db
def test_what_is_missing_of_an_empty_company():
    assert [item.name for item in missing.items() if not item.there] == [
        "tree", "departments", "people", "households", "cycle", "records", "evaluated",
    ]  # fmt: skip
