"""Forms of findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.assess.findings.actions import LONGEST_WHY, MOST_WHYS
from bihuan.assess.findings.models import Finding
from bihuan.assess.findings.queries import candidates
from bihuan.base.people.models import Department


class Why(forms.Form):
    """A reason, for acts that ask for one."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Others will read it."),
    )


class CauseForm(forms.Form):
    """Up to five whys, each answering the one before."""

    use_required_attribute = False

    def __init__(self, *args: Any, finding: Finding | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = finding.cause if finding is not None else []
        for number in range(MOST_WHYS):
            self.fields[f"why{number + 1}"] = forms.CharField(
                label=_("Why does it happen?") if number == 0 else _("And why is that so?"),
                max_length=LONGEST_WHY,
                required=number == 0,
                initial=known[number] if number < len(known) else "",
                error_messages={"required": _("Write at least one line: why does it happen?")},
            )

    @property
    def whys(self) -> list[str]:
        """The lines that were written, in order."""
        return [self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)]


class PersonChoice(forms.ModelChoiceField):
    """People by name and department."""

    def label_from_instance(self, obj: Any) -> str:
        where = obj.department.name if obj.department else obj.employee_number
        return f"{obj.get_short_name()} {where}"


class AssignForm(forms.Form):
    """Who answers for a finding, until when, and what it is called."""

    owner = PersonChoice(label=_("Who answers for it"), queryset=None, required=False)
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.filter(is_active=True), required=False
    )
    due = forms.DateField(
        label=_("Cause found by"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    title_zh = forms.CharField(label=pgettext_lazy("finding", "Chinese title"), max_length=200)
    title_en = forms.CharField(
        label=pgettext_lazy("finding", "English title"), max_length=300, required=False
    )

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        names = ("owner", "department", "due", "title_zh", "title_en")
        kwargs["initial"] = {name: getattr(finding, name) for name in names}
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        department: Any = self.fields["department"]
        owner.queryset = candidates(finding.place)
        department.label_from_instance = lambda row: row.name
