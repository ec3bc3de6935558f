"""One-time passwords on paper: a PDF with one slip a person, to be cut out and handed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from bihuan.base.documents import pdf
from bihuan.base.places.models import Place

from .models import User


def render(
    made: Sequence[tuple[User, str]], *, address: str, language: str, made_at: datetime, band: str = ""
) -> bytes:
    """The slips for people and their one-time passwords; each speaks both languages, ``language`` first.

    ``address`` is where they sign in. Whoever calls this inside the act that makes the passwords loses none
    when the paper cannot be made.
    """
    languages = sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != language)
    texts = [_texts(code) for code in languages]
    with override(language):
        company = Place.objects.filter(parent=None).order_by("pk").first()
        name = company.name if company else ""
        title, lead = _("One-time passwords"), _("Cut along the lines. Hand each slip over in person.")
    data = {
        "company": name,
        "address": address,
        "texts": {"lead": lead, **{key: [text[key] for text in texts] for key in texts[0]}},
        "slips": [
            {
                "name": person.name or person.employee_number,
                "number": person.employee_number,
                "password": word,
            }
            for person, word in made
        ],
    }
    about = pdf.About(title, company=name, made_at=made_at, band=band)
    return _set(data, lambda: pdf.render("people/slips.typ", data, language=language, about=about))


def _set(data: dict[str, Any], make: Callable[[], bytes]) -> bytes:
    """Set the slips; a character that the font lacks becomes 〓, since a rare name must hold nobody up."""
    while True:
        try:
            return make()
        except pdf.DocumentError as exc:
            lacking = re.search(r'the text `"(.)', str(exc))
            if lacking is None or not any(lacking[1] in slip["name"] for slip in data["slips"]):
                raise
            for slip in data["slips"]:
                slip["name"] = slip["name"].replace(lacking[1], "〓")


def _texts(language: str) -> dict[str, Any]:
    with override(language):
        return {
            "password": _("One-time password"),
            "address": _("Sign in at"),
            "then": _("Choose your own password when you first sign in, then tear this slip up."),
        }
