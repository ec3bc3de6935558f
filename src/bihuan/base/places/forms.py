"""What the pages of places and households ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .kinds import Grade, Kind
from .managers import under
from .models import Place

T = TypeVar("T")


def tried(form: forms.Form, call: Callable[[], T]) -> T | None:
    """Run an act; what it finds wrong stands under the fields of the form."""
    try:
        return call()
    except ValidationError as exc:
        if hasattr(exc, "error_dict"):
            for field, errors in exc.error_dict.items():
                form.add_error(field if field in form.fields else None, ValidationError(errors))
        else:
            form.add_error(None, exc)
        return None


class DayInput(forms.DateInput):
    """A day, picked by the browser's own calendar."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class PlaceField(forms.CharField):
    """The code of a place that the person may use here."""

    def __init__(self, *, paths: list[str], **kwargs: Any) -> None:
        self.paths = paths
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        if not code:
            return None
        condition = under(self.paths)
        found = Place.objects.filter(condition, code=code).first() if condition is not None else None
        if found is None:
            raise ValidationError(
                _("There is no place %(code)s that you keep. Copy the code from the tree."),
                params={"code": code},
            )
        return found


class PlaceFields(forms.Form):
    """What a new place and a changed one have in common."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    grade = forms.ChoiceField(
        label=_("Service grade"), choices=[("", "—"), *Grade.choices], required=False,
        help_text=_("The grade the contract of the project promises."),
    )  # fmt: skip
    area = forms.DecimalField(
        label=_("Floor area, m²"), max_digits=12, decimal_places=2, min_value=0, required=False
    )
    own_households = forms.IntegerField(
        label=_("Households by contract"), min_value=0, max_value=999_999_999, required=False,
        help_text=_("Leave it empty to count the units under it."),
    )  # fmt: skip


class NewPlaceForm(PlaceFields):
    """A new place."""

    field_order = ["parent", "kind", "code"]
    kind = forms.ChoiceField(label=_("Level"), choices=Kind.choices)
    code = forms.CharField(label=_("Place code"), max_length=40, help_text=_("It never changes."))
    valid_from = forms.DateField(
        label=_("Counts from"), widget=DayInput(), required=False, help_text=_("Leave it empty for always.")
    )

    def __init__(self, *args: Any, paths: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"] = PlaceField(
            paths=paths, label=_("Code of the place above"), required=False,
            help_text=_("Leave it empty for a company alone."),
        )  # fmt: skip
        self.order_fields(self.field_order)


class PlaceForm(PlaceFields):
    """A place that is there."""

    since = forms.DateField(
        label=_("New grade counts from"),
        widget=DayInput(),
        required=False,
        help_text=_("Leave it empty for today."),
    )


class MoveForm(forms.Form):
    """Where a place goes."""

    since = forms.DateField(
        label=_("Counts from"), widget=DayInput(), required=False, help_text=_("Leave it empty for today.")
    )

    def __init__(self, *args: Any, paths: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"] = PlaceField(paths=paths, label=_("Code of the new place above"))
        self.order_fields(["parent", "since"])


class LastDayForm(forms.Form):
    """The end of a place."""

    last_day = forms.DateField(
        label=_("Last day"), widget=DayInput(), required=False, help_text=_("Leave it empty for today.")
    )


class UploadForm(forms.Form):
    """An Excel file."""

    file = forms.FileField(
        label=_("Excel file"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsb,.ods"}),
        max_length=200,
    )


class ReasonForm(forms.Form):
    """Why somebody needs to see a person in full."""

    reason = forms.CharField(
        label=_("Why do you need to see this?"), max_length=200,
        help_text=_("That you looked, and why, stays on the trail."),
    )  # fmt: skip
