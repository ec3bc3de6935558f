"""What the pages of notices and announcements ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.notices import kinds, rules
from bihuan.base.notices.models import MailOff
from bihuan.base.places.managers import under
from bihuan.base.places.models import Place


class EmailForm(forms.Form):
    """Which notices come by e-mail too."""

    kinds = forms.MultipleChoiceField(
        label=_("Sent to me by e-mail"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = kinds.known()
        off = set(MailOff.objects.filter(user=user).values_list("kind", flat=True))
        field: Any = self.fields["kinds"]
        field.choices = list(known.items())
        self.initial.setdefault("kinds", [kind for kind in known if kind not in off])

    @property
    def off(self) -> list[str]:
        """The kinds that are not wanted by e-mail."""
        return [kind for kind in kinds.known() if kind not in self.cleaned_data["kinds"]]


def _long(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=20_000, widget=forms.Textarea(attrs={"rows": 6})
    )


class PlaceChoice(forms.ModelChoiceField):
    """Places under their name in the language of the page."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class AnnouncementForm(forms.Form):
    """What is announced, to whom, and whether it must be confirmed."""

    place = PlaceChoice(
        Place.objects.none(), label=_("Tell everybody at"), to_field_name="code", empty_label=None
    )
    title_zh = forms.CharField(label=_("Chinese title"), max_length=120)
    body_zh = _long(_("Chinese text"))
    title_en = forms.CharField(label=_("English title"), max_length=200, required=False)
    body_en = _long(_("English text"), required=False)
    must_confirm = forms.BooleanField(label=_("Everybody confirms having read it"), required=False)
    due = forms.DateTimeField(
        label=_("Confirm by"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    file = forms.FileField(
        label=_("Attachment"), required=False, help_text=_("A PDF, a photo or an Office document.")
    )
    cycle = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    url = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = under(user.paths_as(*rules.ISSUERS))
        places = Place.objects.active().filter(kind__in=("company", "region", "city", "project"))
        field: Any = self.fields["place"]
        field.queryset = places.none() if mine is None else places.filter(mine).order_by("path")

    def clean_url(self) -> str:
        """Only an address within Bihuan."""
        url = str(self.cleaned_data["url"])
        return url if url.startswith("/") and not url.startswith(("//", "/\\")) else ""
