"""The form a plan is written in. It reads what was typed; what may be done is for the actions to say."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Place
from bihuan.improve import people
from bihuan.improve.choices import Proof
from bihuan.improve.drafts import ActionDraft, ImpactDraft, PlanDraft
from bihuan.improve.forms.fields import (
    DateInput,
    NamedField,
    NamedMultipleField,
    PersonField,
)
from bihuan.improve.models import ImprovementPlan


class PlanForm(forms.Form):
    """What the plan is, whose it is, why, with what and by when."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    place = NamedField(label=gettext_lazy("Where"), queryset=Place.objects.none())
    trigger_cycle = forms.ChoiceField(
        label=gettext_lazy("Cycle that led to it"),
        help_text=gettext_lazy("It counts neither as before nor as after when the effect is judged."),
    )
    owner = PersonField(
        label=gettext_lazy("Responsible"),
        queryset=User.objects.none(),
        help_text=gettext_lazy("Whoever answers for the plan; the owner never approves it."),
    )
    department = NamedField(
        label=gettext_lazy("Department"), queryset=Department.objects.none(), required=False
    )
    leader = PersonField(
        label=gettext_lazy("Approved by"),
        empty_label=gettext_lazy("any leader of the place"),
        queryset=User.objects.none(),
        required=False,
        help_text=gettext_lazy("Left open, any supervising leader of the place decides."),
    )
    why = forms.CharField(
        label=gettext_lazy("Why it happens"), widget=forms.Textarea({"rows": 4}), required=False
    )
    resources = forms.CharField(
        label=gettext_lazy("People and means needed"), widget=forms.Textarea({"rows": 2}), required=False
    )
    cost = forms.DecimalField(
        label=gettext_lazy("Budget, yuan"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    due = forms.DateField(label=gettext_lazy("Done by"), widget=DateInput, required=False)

    def __init__(self, *args: Any, user: Any, place: Place, cycle: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["place"].queryset = people.plannable(user) | Place.objects.filter(pk=place.pk)
        fields["owner"].queryset = people.people_at(place)
        fields["leader"].queryset = people.leaders_of(place)
        fields["department"].queryset = Department.objects.filter(is_active=True)
        fields["trigger_cycle"].choices = people.cycles_before(cycle)


class ActionForm(forms.Form):
    """One action: who does what by when, and how it is proved."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("What will be done"), max_length=160)
    assignee = PersonField(label=gettext_lazy("Who does it"), queryset=User.objects.none())
    starts = forms.DateField(label=gettext_lazy("Begins"), widget=DateInput)
    due = forms.DateField(label=gettext_lazy("Until"), widget=DateInput)
    proof = forms.CharField(label=gettext_lazy("Proof to hand in"), max_length=120, required=False)
    proof_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of proof"), choices=Proof.choices, initial=Proof.FILE, required=False
    )
    checkpoints = forms.CharField(
        label=gettext_lazy("Check points"),
        required=False,
        help_text=gettext_lazy("Days on which somebody looks at it, such as 2026-11-10, 2026-12-01."),
    )
    training = forms.BooleanField(label=gettext_lazy("It is a training"), required=False)

    def __init__(self, *args: Any, assignees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assignee"]
        field.queryset = assignees

    def clean_proof_kind(self) -> str:
        return str(self.cleaned_data["proof_kind"] or Proof.FILE)

    def clean_checkpoints(self) -> list[date]:
        days = []
        for text in str(self.cleaned_data["checkpoints"]).replace("，", ",").replace("、", ",").split(","):
            if not text.strip():
                continue
            day = _day(text.strip())
            if day is None:
                raise ValidationError(
                    _("“%(text)s” is no day; write it as 2026-11-10.") % {"text": text.strip()}
                )
            days.append(day)
        return days

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        starts, due = given.get("starts"), given.get("due")
        if starts and due and due < starts:
            self.add_error("due", _("It ends before it begins. Put the days in order."))
        return given

    def draft(self) -> ActionDraft:
        """What was typed."""
        given = self.cleaned_data
        names = (
            "title",
            "assignee",
            "starts",
            "due",
            "proof",
            "proof_kind",
            "checkpoints",
            "training",
            "key",
        )
        return ActionDraft(**{name: given[name] for name in names}, department=given["assignee"].department)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


class ImpactForm(forms.Form):
    """One promise: which indicator gets better where, by how much, from which cycle on."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    indicator = forms.ChoiceField(label=gettext_lazy("Indicator"))
    at = NamedField(label=gettext_lazy("Where"), queryset=Place.objects.none())
    promised = forms.DecimalField(
        label=gettext_lazy("Promised improvement"),
        max_digits=10,
        decimal_places=3,
        help_text=gettext_lazy("In the indicator's unit, always above 0: better by so much."),
    )
    measured_from = forms.ChoiceField(label=gettext_lazy("Measured from"))
    comparison = NamedMultipleField(
        label=gettext_lazy("Places to compare with"),
        queryset=Place.objects.none(),
        required=False,
        help_text=gettext_lazy(
            "Places like this one where nothing is changed. Choose many, so that chance can be told "
            "from effect; or none, and before is compared with after."
        ),
    )

    def __init__(self, *args: Any, places: Any, beside: Any, cycle: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["indicator"].choices = [("", "—"), *people.indicator_choices(cycle)]
        fields["at"].queryset = places
        fields["comparison"].queryset = beside
        fields["measured_from"].choices = people.cycles_after(cycle)

    def clean_promised(self) -> Any:
        promised = self.cleaned_data["promised"]
        if not promised > 0:
            raise ValidationError(_("Write a number above 0: better by so much."))
        return promised

    def draft(self) -> ImpactDraft:
        """What was typed."""
        given = self.cleaned_data
        return ImpactDraft(
            indicator=given["indicator"],
            place=given["at"],
            promised=given["promised"],
            measured_from=given["measured_from"],
            comparison=tuple(given["comparison"]),
            key=given["key"],
        )


class RowSet(forms.BaseFormSet):
    """Rows of a form: an empty one is passed over, a ticked one is left out."""

    deletion_widget = forms.CheckboxInput

    def drafts(self) -> tuple[Any, ...]:
        """What was typed in the rows that stay."""
        return tuple(
            form.draft()
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")  # an empty row has none
        )

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Leave this one out")


def actions_of(plan: ImprovementPlan) -> list[dict[str, Any]]:
    """The actions of a plan as the form shows them."""
    return [
        {
            "key": action.pk,
            "title": action.title,
            "assignee": action.assignee_id,
            "starts": action.starts,
            "due": action.due,
            "proof": action.proof,
            "proof_kind": action.proof_kind,
            "checkpoints": ", ".join(action.checkpoints),
            "training": action.training,
        }
        for action in plan.actions.all()
    ]


def impacts_of(plan: ImprovementPlan) -> list[dict[str, Any]]:
    """The impacts of a plan as the form shows them."""
    return [
        {
            "key": impact.pk,
            "indicator": impact.indicator,
            "at": impact.place_id,
            "promised": impact.promised.normalize(),
            "measured_from": impact.measured_from,
            "comparison": [place.pk for place in impact.comparison.all()],
        }
        for impact in plan.impacts.all()
    ]


class PlanForms:
    """The whole form of a plan: its own fields, its actions and its impacts."""

    def __init__(
        self,
        data: Any = None,
        *,
        user: Any,
        place: Place,
        cycle: str,
        initial: dict[str, Any],
        actions: list[dict[str, Any]],
        impacts: list[dict[str, Any]],
    ) -> None:
        given = data.get("trigger_cycle", "") if data is not None else ""
        self.plan = PlanForm(data, user=user, place=place, cycle=cycle, initial=initial)
        known = {code for code, _label in people.cycles_before(cycle)}
        trigger = given if given in known else str(initial.get("trigger_cycle") or cycle)
        places = Place.objects.filter(pk=place.pk) | people.plannable(user)
        beside = Place.objects.filter(pk__in=[one.pk for one in people.beside(place, user)])
        self.actions = _rows(ActionForm, actions, 2 if actions else 3)(
            data,
            prefix="actions",
            initial=actions,
            form_kwargs={"assignees": people.people_at(place)},
        )
        self.impacts = _rows(ImpactForm, impacts, 0 if impacts else 1)(
            data,
            prefix="impacts",
            initial=impacts,
            form_kwargs={"places": places, "beside": beside, "cycle": trigger},
        )

    def is_valid(self) -> bool:
        """Whether everything can be read; every part is looked at, so that every error is shown."""
        return all([self.plan.is_valid(), self.actions.is_valid(), self.impacts.is_valid()])

    def draft(self) -> PlanDraft:
        """What was typed."""
        return PlanDraft(
            **self.plan.cleaned_data, actions=self.actions.drafts(), impacts=self.impacts.drafts()
        )


def _rows(form: type[forms.Form], initial: list[Any], extra: int) -> Any:
    return forms.formset_factory(form, formset=RowSet, extra=extra, can_delete=True, max_num=60)
