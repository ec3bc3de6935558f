"""The forms of what happens to a plan: reports, checks, lessons, revisions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from bihuan.improve.choices import CheckVerdict
from bihuan.improve.forms.fields import (
    ClauseField,
    DateInput,
    MultipleFileField,
)
from bihuan.improve.models import Action, ImprovementPlan
from bihuan.standards.service.models import StandardClause


class ReportForm(forms.Form):
    """What somebody says about an action: how far, in words, with photos or files."""

    percent = forms.IntegerField(
        label=gettext_lazy("How far, in per cent"), min_value=0, max_value=100, required=False
    )
    attendees = forms.IntegerField(label=gettext_lazy("People trained"), min_value=1, required=False)
    text = forms.CharField(
        label=gettext_lazy("What was done"), widget=forms.Textarea({"rows": 3}), required=False
    )
    uploads = MultipleFileField(label=gettext_lazy("Photos or files"), required=False)

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if action.percent and not self.is_bound:
            self.initial["percent"] = action.percent

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        return {name: given.get(name) for name in ("percent", "attendees", "text", "uploads")}


class CheckForm(forms.Form):
    """How a plan under way stands."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("How it stands"), choices=CheckVerdict.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label=gettext_lazy("What you saw"), widget=forms.Textarea({"rows": 2}))
    action = forms.ModelChoiceField(
        label=gettext_lazy("Action"),
        queryset=Action.objects.none(),
        required=False,
        empty_label=gettext_lazy("the whole plan"),
    )
    next_check = forms.DateField(label=gettext_lazy("Next check"), widget=DateInput, required=False)

    def __init__(self, *args: Any, plan: ImprovementPlan, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "check_%s", **kwargs})
        field: Any = self.fields["action"]
        field.queryset = plan.actions.all()
        field.label_from_instance = lambda action: f"{action.order}. {action.title}"


class LessonForm(forms.Form):
    """What others should know."""

    title = forms.CharField(label=gettext_lazy("Lesson"), max_length=120)
    text = forms.CharField(label=gettext_lazy("What others should know"), widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "lesson_%s", **kwargs})


class RevisionForm(forms.Form):
    """Which clause of a service standard to word anew, how, and why."""

    clause = ClauseField(label=gettext_lazy("Clause"), queryset=StandardClause.objects.none())
    text_zh = forms.CharField(label=gettext_lazy("New wording"), widget=forms.Textarea({"rows": 3}))
    text_en = forms.CharField(
        label=gettext_lazy("New wording in English"), widget=forms.Textarea({"rows": 3}), required=False
    )
    reason = forms.CharField(label=gettext_lazy("Why"), widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, clauses: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "revision_%s", **kwargs})
        field: Any = self.fields["clause"]
        field.queryset = clauses
