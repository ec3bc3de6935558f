"""Who may see which plans; every read of improvement starts here."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from bihuan.base.people.roles import Role
from bihuan.base.places.managers import under
from bihuan.improve.states import LessonState

# Whoever answers for a place reads its plans; staff and contractors only those they have a part in.
READERS = (
    Role.QUALITY_MANAGER,
    Role.LEADER,
    Role.DEPARTMENT_HEAD,
    Role.INSPECTOR,
    Role.ADMINISTRATOR,
)


def _may_see(user: Any, prefix: str = "") -> Q | None:
    """The condition under which a plan is open to a person; ``prefix`` leads to the plan."""
    from bihuan.improve.models import Action  # the models import this module

    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return None
    mine = Q(**{f"{prefix}owner": user}) | Q(**{f"{prefix}leader": user})
    mine |= Q(Exists(Action.objects.filter(plan=OuterRef(f"{prefix}pk"), assignee=user)))
    places = under(user.paths_as(*READERS), f"{prefix}place__path")
    return mine if places is None else mine | places


class PlanQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> PlanQuerySet:
        """Plans of the places the person answers for, and those the person has a part in."""
        condition = _may_see(user)
        return self.none() if condition is None else self.filter(condition)


class OfPlanQuerySet(models.QuerySet):
    """Records that hang on a plan: whoever may see the plan may see them."""

    def visible_to(self, user: Any) -> OfPlanQuerySet:
        """Records of the plans the person may see."""
        condition = _may_see(user, "plan__")
        return self.none() if condition is None else self.filter(condition)


class LessonQuerySet(OfPlanQuerySet):
    """Once published, a lesson is open to everybody at the plan's place."""

    def visible_to(self, user: Any) -> LessonQuerySet:
        """Drafts of the plans the person may see, and what is published at the person's places."""
        condition = _may_see(user, "plan__")
        if condition is None:
            return self.none()
        places = under(user.visible_paths(), "plan__place__path")
        published = Q(state=LessonState.PUBLISHED)
        return self.filter(condition if places is None else condition | (published & places))
