"""The loops of the simulated company: findings, plans and notices, told one story at a time.

Each story goes through the acts that people use, as the people who would do it, and stands or falls as a
whole. A story that was told before is passed over, so that a demo cut off half-way is finished by the next.

===============  =============================================================================
``stage``        who acts and where; dates that lie back
``pictures``     photos and sheets that serve as proof, drawn on the spot
``texts``        what the people of the finished plans wrote
``finished``     the plan that worked, the plan that did not, one proved and not yet closed
``waiting``      plans that wait for the leader, or came back
``underway``     a plan under way: late, behind, waiting for verification
``attention``    signals read and dismissed; findings without a cause, without a plan, given up
``told``         results issued, reports, announcements and who has read them
``office``       Excel files the administrator took in, a token for a program
``records``      a file with bad rows, and the nightly look at the archive
===============  =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.utils import translation

from bihuan.base.trail.act import together
from bihuan.config.demo.loops import attention, finished, office, records, told, underway, waiting

Report = Callable[[int, int], None]


class Story(NamedTuple):
    """One story: whether it was told, and how it goes."""

    is_told: Callable[[], bool]
    tell: Callable[[], object]
    # A story that brings its own transactions; it may be begun again wherever it was cut off.
    at_once: bool = True


STORIES = (
    Story(attention.earlier_are_settled, attention.settle_earlier),
    Story(told.is_issued, told.issue_results),
    Story(lambda: finished.is_told(finished.WORKED), finished.tell_worked),
    Story(lambda: finished.is_told(finished.FAILED), finished.tell_failed),
    Story(lambda: finished.is_told(finished.PROVED), finished.tell_proved),
    Story(waiting.lifts_are_told, waiting.tell_lifts),
    Story(waiting.owners_are_told, waiting.tell_owners),
    Story(waiting.returned_is_told, waiting.tell_returned),
    Story(underway.is_told, underway.tell),
    Story(attention.findings_are_told, attention.tell_findings),
    Story(attention.signals_are_told, attention.tell_signals),
    Story(told.are_announced, told.announce),
    Story(told.are_reported, told.report),
    Story(office.are_taken_in, office.take_in),
    Story(office.is_made, office.make_token),
    Story(records.is_imported, records.bring_in, at_once=False),
    Story(records.is_looked_after, records.look_after, at_once=False),
)


def untold() -> list[Story]:
    """The stories that are still to be told."""
    return [story for story in STORIES if not story.is_told()]


def tell(stories: list[Story], report: Report) -> None:
    """Tell stories in Chinese, the language of the people in them."""
    with translation.override("zh-hans"):
        for done, story in enumerate(stories, 1):
            if story.at_once:
                with together():
                    story.tell()
            else:
                story.tell()
            report(done, len(stories))
