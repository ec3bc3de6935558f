"""Background work: sending the outbox, and clearing what was sent long ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs.schedule import scheduled
from bihuan.base.jobs.tasks import background


@background("notices.send", title=_("Send messages"))
def send(*, progress: Callable[..., Any]) -> dict[str, int]:
    """Send what has just been written."""
    from bihuan.base.notices import delivery  # models load after the modules that declare work

    return delivery.deliver(progress=progress)


@scheduled("notices-send", every=timedelta(minutes=5), title=_("Send messages that still wait"))
def send_waiting(*, progress: Callable[..., Any]) -> dict[str, int]:
    """Send what could not be sent before, and what a stopped sender left."""
    from bihuan.base.notices import delivery  # as above

    return delivery.deliver(progress=progress)


@scheduled("notices-clear-old", daily="03:50", title=_("Clear messages sent long ago"))
def clear_old() -> int:
    """Delete messages that went out long ago; the notices themselves stay."""
    from bihuan.base.notices import actions  # as above

    return actions.clear_old()
