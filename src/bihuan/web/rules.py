"""Who lands where."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from bihuan.base.people.roles import Role

BOARD_ROLES = (Role.QUALITY_MANAGER, Role.LEADER, Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD)


def steers(user: Any) -> bool:
    """The board is for who steers the loop somewhere."""
    return user.is_authenticated and user.has_any_role(*BOARD_ROLES)


def work_count(request: HttpRequest) -> int:
    """How many things are the person's own to do; read once a request."""
    from bihuan.web.mywork import my_work  # models are ready only once a request comes

    if not request.user.is_authenticated:
        return 0
    if not hasattr(request, "_work_count"):
        request._work_count = my_work(request.user).to_do  # type: ignore[attr-defined]
    return request._work_count  # type: ignore[attr-defined]
