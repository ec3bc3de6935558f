"""What runs by itself, every night."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs.schedule import scheduled
from bihuan.collect.upkeep.nightly import look_after


@scheduled("nightly-upkeep", daily="02:30", title=_("Nightly look at the archive"))
def nightly_upkeep(*, progress: Any = None) -> dict[str, Any]:
    """Check the archive, count what it holds, remind of what is missing."""
    return look_after(progress=progress)
