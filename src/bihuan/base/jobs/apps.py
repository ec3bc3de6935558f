from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "bihuan.base.jobs"
    label = "jobs"
    verbose_name = _("Background work")

    def ready(self) -> None:
        from bihuan.base.jobs import nightly, queries  # models are loaded now
        from bihuan.base.trail import verbs
        from bihuan.base.ui.nav import Entry, register

        assert nightly  # declares its schedule
        autodiscover_modules("tasks")
        register(
            Entry(
                _("Background work"),
                "jobs",
                "refresh",
                order=90,
                count=lambda request: queries.unfinished(request.user),
                about=_("Imports, evaluations and nightly work: what runs, what failed."),
                attention=queries.attention,
            )
        )
        verbs.register({"job.cancelled": _("Job stopped"), "job.retried": _("Job run again")})
