"""What an evaluation run says about itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict


def run(state: str, cycle: str, revises: bool, repeat: bool | None = None) -> Verdict:
    """What an evaluation run says about itself. ``repeat`` is whether a repetition gave the same results."""
    name = {"cycle": formats.cycle_name(cycle)}
    if state == "failed":
        return Verdict(_("The evaluation of %(cycle)s [[failed]]; no result changed.") % name, tone="miss")
    if state in ("queued", "running"):
        return Verdict(_("%(cycle)s [[is being evaluated]].") % name, tone="none", glyph="prov")
    if repeat is False:
        return Verdict(
            _("The repetition of %(cycle)s gave [[different numbers]]; check the archive.") % name,
            tone="miss",
        )
    if repeat:
        return Verdict(_("%(cycle)s was repeated: [[the same to the last digit]].") % name, tone="met")
    if revises:
        return Verdict(
            _("This run [[revises]] the issued results of %(cycle)s.") % name,
            tone="watch",
            detail=_("What was issued stays as it is; this run stands beside it and says so."),
        )
    return Verdict(_("%(cycle)s is [[evaluated]].") % name, tone="met")
