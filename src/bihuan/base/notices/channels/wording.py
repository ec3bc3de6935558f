"""How a message reads outside: its text, the link back, the day it is due. In the reader's language."""

from __future__ import annotations

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from bihuan.base.notices import setup
from bihuan.base.notices.models import Outbox
from bihuan.base.ui import formats


def long(message: Outbox) -> str:
    """The text of an e-mail or of a group robot."""
    with translation.override(message.language):
        parts = [message.body, _due(message), _where(message)]
        if message.user_id:
            parts.append(_foot())
        return "\n\n".join(part for part in parts if part) + "\n"


def short(message: Outbox) -> str:
    """The text of an SMS: the title and where to read the rest."""
    address = _address(message)
    return f"{message.title} {address}" if address else message.title


def _due(message: Outbox) -> str:
    return _("Due: %(moment)s") % {"moment": formats.moment(message.due)} if message.due else ""


def _where(message: Outbox) -> str:
    address = _address(message)
    if address:
        return _("Open it: %(address)s") % {"address": address}
    return _("It is in your inbox in Bihuan.") if message.user_id else ""


def _foot() -> str:
    base = setup.base_url()
    if not base:
        return _("Bihuan sent this by itself. Which e-mails you get is chosen in your inbox.")
    return _("Bihuan sent this by itself. Choose which e-mails you get: %(address)s") % {
        "address": base + reverse("inbox_email")
    }


def _address(message: Outbox) -> str:
    base = setup.base_url()
    return f"{base}{message.url or reverse('inbox')}" if base else ""
