"""``plan``: act on an improvement plan as a person, refused exactly where the page and the API refuse."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from bihuan.base.people.models import User
from bihuan.base.trail.act import Refused
from bihuan.config import home
from bihuan.config.commands.output import json_option, say_json
from bihuan.improve.actions import perform
from bihuan.improve.models import ImprovementPlan
from bihuan.improve.states import PLAN_MOVES


@click.command(help=_("Act on an improvement plan: submit, approve, return, start, evaluate, close ..."))
@click.argument("code")
@click.argument("act", type=click.Choice(list(PLAN_MOVES)))
@click.option("--as", "number", required=True, help=_("Employee number of the person who acts."))
@click.option("--reason", default="", help=_("Why; returning a plan needs it."))
@click.option("--fingerprint", default="", help=_("Fingerprint of the version that is approved."))
@json_option
def plan(code: str, act: str, number: str, reason: str, fingerprint: str, as_json: bool) -> None:
    """Carry out one act; status 1 when it is refused."""
    home.prepare()
    actor = User.objects.filter(employee_number=number, is_active=True).first()
    subject = ImprovementPlan.objects.filter(code=code).first()
    if actor is None:
        _refuse(_("Nobody has the employee number %(number)s.") % {"number": number}, "no_person", as_json)
    if subject is None:
        _refuse(_("There is nothing here that you may see."), "not_visible", as_json)
    try:
        perform(subject, act, actor=actor, reason=reason, fingerprint=fingerprint)
    except Refused as refusal:
        _refuse(str(refusal), refusal.code, as_json)
    found = ImprovementPlan.objects.get(code=code)
    if as_json:
        say_json({"plan": found.code, "state": found.state})
    else:
        click.echo(
            _("Plan %(code)s is now “%(state)s”.") % {"code": found.code, "state": found.get_state_display()}
        )


def _refuse(sentence: str, code: str, as_json: bool) -> None:
    if as_json:
        say_json({"refused": code, "detail": sentence})
    else:
        click.echo(sentence, err=True)
    raise click.exceptions.Exit(1)


COMMANDS = (plan,)
