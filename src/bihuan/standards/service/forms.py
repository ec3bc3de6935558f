"""Forms of revisions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.standards import display
from bihuan.standards.models import IndicatorVersion
from bihuan.standards.service.actions import LONGEST_EN, LONGEST_REASON, LONGEST_ZH
from bihuan.standards.service.models import StandardClause


class RevisionForm(forms.Form):
    """Another wording for a clause, and why."""

    text_zh = forms.CharField(
        label=_("New wording, Chinese"), max_length=LONGEST_ZH, widget=forms.Textarea(attrs={"rows": 3})
    )
    text_en = forms.CharField(
        label=_("New wording, English"),
        max_length=LONGEST_EN,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(
        label=_("Why should it change?"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What happened, or what the numbers show."),
    )

    def __init__(self, *args: Any, clause: StandardClause, **kwargs: Any) -> None:
        kwargs["initial"] = {"text_zh": clause.text_zh, "text_en": clause.text_en}
        super().__init__(*args, **kwargs)


class Why(forms.Form):
    """A reason, for acts that ask for one."""

    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class PublishForm(forms.Form):
    """What changes, and the targets that move with it."""

    note_zh = forms.CharField(label=_("What changes, Chinese"), max_length=300)
    note_en = forms.CharField(label=_("What changes, English"), max_length=300, required=False)

    def __init__(self, *args: Any, versions: list[IndicatorVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = [one for one in versions if isinstance(one.definition.get("target"), int | float)]
        for one in self.versions:
            self.fields[f"target_{one.indicator.code}"] = forms.FloatField(
                label=_("Target of %(code)s %(name)s") % {"code": one.indicator.code, "name": one.name},
                required=False,
                help_text=_("Now %(target)s; leave it empty to keep it.") % {"target": display.target(one)},
            )

    @property
    def goals(self) -> dict[str, dict[str, float]]:
        """The targets that move, by indicator."""
        found = {
            one.indicator.code: self.cleaned_data.get(f"target_{one.indicator.code}") for one in self.versions
        }
        return {code: {"target": value} for code, value in found.items() if value is not None}
