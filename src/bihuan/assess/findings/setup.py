"""What the app registers of signals and findings when it starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.assess.findings import chained, handover, rules, work
from bihuan.base.trail import verbs
from bihuan.base.ui import nav
from bihuan.base.ui.work import register_stage, register_work


def register() -> None:
    """Kinds of the chain, words of the trail, entries of the side bar, my work, stages of the board."""
    chained.register_kinds()
    handover.register()
    verbs.register(
        {
            **rules.SIGNALS.verbs(),
            **rules.FINDINGS.verbs(),
            "signals.raised": _("Signals raised"),
            "finding.opened": _("Finding opened"),
            "finding.assigned": _("Finding given to somebody"),
        }
    )
    nav.register(
        nav.Entry(_("Signals"), "signals", "alert-circle", 3, 20, rules.may_read_some),
        nav.Entry(_("Findings"), "findings", "flag", 4, 10, rules.may_read_some),
    )
    register_work("findings", work.work)
    register_stage(3, work.signals_stage)
    register_stage(4, work.findings_stage)
