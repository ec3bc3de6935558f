"""Regular work of the house itself."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.jobs.schedule import scheduled
from bihuan.base.trail.verify import verify


@scheduled("jobs-clear-old", daily="03:40", title=gettext_lazy("Clear jobs that ended long ago"))
def clear_old() -> int:
    """Delete what nobody looks at any more."""
    from bihuan.base.jobs import actions  # models load after the modules that declare work

    return actions.clear_old()


@scheduled("trail-verify", daily="04:10", title=gettext_lazy("Check the audit trail"))
def verify_trail() -> str:
    """Fail, for everybody to see, when the trail was tampered with."""
    problems = verify()
    if problems:
        raise ValueError(
            _("The audit trail has %(count)s faults. The first: %(message)s")
            % {"count": len(problems), "message": problems[0].message}
        )
    return _("The trail is whole.")
