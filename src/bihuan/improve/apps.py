from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImproveConfig(AppConfig):
    name = "bihuan.improve"
    label = "improve"
    verbose_name = _("Improvement")

    def ready(self) -> None:
        from bihuan.assess.findings import proof  # apps are loaded now
        from bihuan.base.notices import kinds as notice_kinds
        from bihuan.base.trail import verbs
        from bihuan.base.ui import nav, work
        from bihuan.improve import handover, kinds, moves, rules, told
        from bihuan.improve import work as mine

        kinds.register_all()
        handover.register()
        proof.register_proof(kinds.proves)
        notice_kinds.register(told.KINDS)
        for family in moves.BY_NAME.values():
            verbs.register(family.verbs())
        verbs.register(
            {
                "plan.opened": _("Plan drawn up"),
                "work.passed_on": _("Plan or action passed on"),
                "plan.edited": _("Content of a plan edited"),
                "plan.checked": _("Plan checked"),
                "management_report.drafted": _("Management report drawn up"),
                "lesson.written": _("Lesson written"),
            }
        )
        work.register_work("improve", mine.work)
        work.register_stage(5, mine.improving)
        work.register_stage(6, mine.verifying)
        nav.register(
            nav.Entry(
                _("Improvement plans"), "plans", "clipboard-list", 5, 10, rules.may_read_some, phone=True
            ),
            nav.Entry(_("Lessons"), "lessons", "school", 5, 30, rules.may_read_some),
            nav.Entry(_("Effects"), "effects", "chart-line", 6, 10, rules.may_read_some),
            nav.Entry(
                _("Management reports"), "management_reports", "report-analytics", 6, 20, rules.may_read_some
            ),
        )
