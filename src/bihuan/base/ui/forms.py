"""How Django's forms look here: one column, label above, hint below, error under its field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates

CLASSES: dict[type[forms.Widget], str] = {
    forms.RadioSelect: "",
    forms.CheckboxSelectMultiple: "",
    forms.CheckboxInput: "form-check-input",
    forms.Select: "form-select",
    forms.HiddenInput: "",
    forms.Widget: "form-control",
}


class Field(forms.BoundField):
    """Gives each widget Tabler's class and says which fields are a single tick."""

    @property
    def bh_check(self) -> bool:
        """Whether the field is one check box, whose label stands behind it."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        shown = widget or self.field.widget
        own = next(css for kind, css in CLASSES.items() if isinstance(shown, kind))
        given = " ".join(str(css) for css in (shown.attrs.get("class"), built.get("class")) if css)
        if own or given:
            built["class"] = f"{own} {given}".strip()
        return built


class Renderer(DjangoTemplates):
    """The renderer of every form (``FORM_RENDERER``)."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    bound_field_class = Field
