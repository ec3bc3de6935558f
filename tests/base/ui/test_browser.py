"""Every part of a page in a real browser: both languages, desktop and phone, axe, policy, keyboard."""

from __future__ import annotations

import pytest

from tests.support.browser import check_accessible, check_no_sideways, shoot

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.base.ui.urls"), pytest.mark.usefixtures("frame")]

PAGES = ["parts", "list", "map", "form", "wait"]


@pytest.mark.parametrize("width", [1440, 1100, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_part_is_accessible_and_fits(open_page, person, language, width):
    for name in PAGES:
        page = open_page(f"/{name}/", language=language, width=width, user=person)
        shoot(page, f"ui-{name}-{language}-{width}")
        check_no_sideways(page)
        check_accessible(page)
