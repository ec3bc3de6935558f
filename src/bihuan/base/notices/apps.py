from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "bihuan.base.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from django.urls import reverse

        from bihuan.base.notices import checks, kinds, rules, work  # models are loaded now
        from bihuan.base.notices.models import Notice
        from bihuan.base.trail import verbs
        from bihuan.base.ui import bell
        from bihuan.base.ui.nav import Entry, register
        from bihuan.base.ui.work import register_work

        def unread(request: Any) -> tuple[int, str]:
            return Notice.objects.visible_to(request.user).unread().count(), reverse("inbox")

        assert checks  # registers itself
        bell.register(unread)
        kinds.register({"announcement": _("Announcements")})
        register_work("notices", work.to_do)
        register(
            Entry(_("Announcements"), "announcements", "message", "often", 60, phone=True),
            Entry(
                _("Messages sent"),
                "outbox",
                "send",
                "often",
                91,
                rules.keeps_outbox,
                about=_("What went out by e-mail and other channels, and what did not arrive."),
            ),
        )
        verbs.register(
            {
                "notice.confirmed": _("Notice confirmed"),
                "notices.email_chosen": _("E-mails chosen"),
                "message.sent_again": _("Message sent again"),
                "announcement.issued": _("Announcement issued"),
                "announcement.reminded": _("Readers of an announcement reminded"),
                "announcement.confirmed": _("Announcement confirmed"),
            }
        )
