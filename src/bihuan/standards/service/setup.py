"""What the app registers of service standards and revisions when it starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.base.trail import verbs
from bihuan.base.ui import nav
from bihuan.base.ui.work import register_stage, register_work
from bihuan.standards.rules import may_read
from bihuan.standards.service import chained, rules, work


def register() -> None:
    """Kinds of the chain, words of the trail, entries of the side bar, my work and the stage of the board."""
    chained.register_kinds()
    verbs.register(
        {
            **rules.REVISIONS.verbs(),
            **rules.VERSIONS.verbs(),
            "revision.requested": _("Revision asked for"),
            "standard.loaded": _("Standard loaded"),
            "standard_version.drafted": _("Draft of a standard made"),
            "standard_version.superseded": _("Version of a standard superseded"),
            "standard_version.withdrawn": _("Version of a standard withdrawn"),
        }
    )
    nav.register(
        nav.Entry(_("Service standards"), "service_standards", "clipboard-list", 1, 12, may_read),
        nav.Entry(_("Revisions"), "revisions", "edit", 1, 14, may_read),
    )
    register_work("revisions", work.work)
    register_stage(1, work.stage)
