"""Background work of assessment."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.assess import actions
from bihuan.assess.models import EvaluationRun
from bihuan.base.jobs.tasks import background


@background("assess.evaluation", title=_("Evaluation"))
def carry_out(*, run: int, progress: Any = None) -> dict[str, Any]:
    """Carry out an evaluation that was ordered."""
    done = actions.carry_out(
        EvaluationRun.objects.select_related("cycle", "made_by").get(pk=run), progress=progress
    )
    return {"run": done.run_id, "snapshot": done.snapshot}
