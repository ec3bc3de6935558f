from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessConfig(AppConfig):
    name = "bihuan.assess"
    label = "assess"

    def ready(self) -> None:
        from bihuan.assess import queries, rules  # apps are loaded now
        from bihuan.assess.findings import setup
        from bihuan.base.trail import verbs
        from bihuan.base.ui import choice, nav

        choice.register_places(queries.place_choices, queries.find_place)
        nav.register(
            nav.Entry(_("Scorecard"), "scorecard", "layout-board", "often", 10, rules.may_read, phone=True),
            nav.Entry(_("Reports"), "reports", "report-analytics", "often", 30, rules.may_read),
            nav.Entry(_("Monitoring cycles"), "cycles", "calendar", 1, 40, rules.may_read),
            nav.Entry(_("Evaluations"), "runs", "chart-line", 3, 10, rules.may_read),
        )
        verbs.register(
            {
                "run.ordered": _("Evaluation ordered"),
                "run.done": _("Evaluation done"),
                "run.failed": _("Evaluation failed"),
                "run.issued": _("Results issued"),
                "run.repetition_ordered": _("Evaluation to be repeated"),
                "report.drafted": _("Report drafted"),
                "report.issued": _("Report issued"),
                "report.superseded": _("Report superseded"),
                "cycle.collecting": _("Cycle opened"),
                "cycle.analysing": _("Cycle in analysis"),
                "cycle.evaluated": _("Cycle evaluated"),
                "cycle.closed": _("Cycle closed"),
            }
        )
        setup.register()
