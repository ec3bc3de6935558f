"""System check: channels that are set up can be used. Says what is wrong without showing an address."""

from __future__ import annotations

from typing import Any

from django.core.checks import Warning as CheckWarning
from django.core.checks import register
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.notices import setup


@register("bihuan", deploy=False)
def robots_are_understood(**_more: Any) -> list[CheckWarning]:
    """Every address of a group robot is one that apprise knows."""
    urls = setup.robots()
    if not urls:
        return []
    from bihuan.base.notices.channels.robots import robot_of  # loads apprise, which takes half a second

    unknown = [setup.robot_label(name) for name, url in urls.items() if robot_of(url) is None]
    if not unknown:
        return []
    return [
        CheckWarning(
            ngettext(
                "BIHUAN_APPRISE_URLS: %(n)s address is not understood: %(which)s",
                "BIHUAN_APPRISE_URLS: %(n)s addresses are not understood: %(which)s",
                len(unknown),
            )
            % {"n": len(unknown), "which": "; ".join(unknown)},
            hint=_("Write them as apprise does, such as dingtalk://token/ or wecombot://key"),
            id="notices.W001",
        )
    ]
