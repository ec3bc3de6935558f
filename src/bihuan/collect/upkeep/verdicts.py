"""The sentence that each page of the archive says first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.archive.manifest import Line
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Button, Empty, Verdict
from bihuan.collect.upkeep import display
from bihuan.collect.upkeep.models import Check, Reminder
from bihuan.collect.upkeep.queries import ProjectLine, SourceLine
from bihuan.collect.upkeep.states import CheckState

DIMENSIONS = "dimensions"  # the note of a batch that only brings places and calendars up to date
IMPORT = re.compile(r"import (?P<n>\d+): (?P<source>.*)", re.DOTALL)
TOO_OLD = timedelta(days=2)  # a nightly check that is older than this did not run


@dataclass(frozen=True)
class BatchLine:
    """One batch as the list shows it."""

    line: int
    at: datetime
    actor: str
    note: str
    partitions: int
    added: int
    replaced: int
    withdrawn: int

    @classmethod
    def of(cls, line: Line) -> BatchLine:
        """A line of the manifest, summed over its partitions."""
        return cls(
            line.line,
            datetime.fromisoformat(line.time),
            line.actor,
            note_words(line.note),
            len(line.parts),
            sum(part.added for part in line.parts),
            sum(part.replaced for part in line.parts),
            sum(part.withdrawn for part in line.parts),
        )

    @property
    def words(self) -> str:
        """What the search looks in."""
        return f"{self.actor} {self.note}".casefold()


def note_words(note: str) -> str:
    """The note of a batch in the reader's language, where we wrote it."""
    if note == DIMENSIONS:
        return _("Places and calendars before an evaluation")
    if found := IMPORT.fullmatch(note):
        return _("Import %(n)s, %(source)s") % found.groupdict()
    return note


def nothing_yet() -> Empty:
    """The archive before the first import."""
    return Empty(
        _("No facts yet"),
        _("Facts come in with imports; they are counted every night."),
        Button(_("Bring in a file"), "/imports/", icon="database-import"),
    )


def overview(
    lines: Sequence[SourceLine],
    reminders: Sequence[Reminder],
    check: Check | None,
    *,
    may_check: bool,
    now: datetime,
) -> Verdict:
    """Damage first, then what is missing, then whether anybody looked."""
    again = (
        (Button(_("Check now"), reverse("archive_check"), icon="refresh", post=True),) if may_check else ()
    )
    if check is not None and check.state == CheckState.DAMAGED:
        return _damaged(check, again)
    if not lines:
        return Verdict(_("The archive holds no facts of these places yet."), buttons=again)
    told = _told(lines, check)
    if reminders:
        return _lacking(reminders, told, now)
    if check is None:
        return Verdict(_("The archive has [[never been checked]]."), tone="watch", detail=told, buttons=again)
    if now - check.at > TOO_OLD:
        days = (now - check.at).days
        sentence = _("The archive has [[not been checked for %(days)s]].") % {"days": display.days(days)}
        return Verdict(sentence, tone="watch", detail=told, buttons=again)
    return Verdict(
        _("The archive is whole, and [[nothing is missing]]."), tone="met", detail=told, buttons=again
    )


def _damaged(check: Check, buttons: tuple[Button, ...]) -> Verdict:
    count = sum(not problem["harmless"] for problem in check.problems)
    sentence = ngettext(
        "The archive is damaged [[in %(n)d place]].", "The archive is damaged [[in %(n)d places]].", count
    )
    detail = _(
        "Put the files named below back from a backup, then check again. Results already issued stand."
    )
    return Verdict(sentence % {"n": count}, tone="miss", detail=detail, buttons=buttons)


def _lacking(reminders: Sequence[Reminder], told: str, now: datetime) -> Verdict:
    projects = len({reminder.place_id for reminder in reminders})
    days = max(0, (now - min(reminder.made_at for reminder in reminders)).days)
    sentence = ngettext(
        "[[%(n)d project]] lacks data that it used to have; the oldest gap is %(days)s old.",
        "[[%(n)d projects]] lack data that they used to have; the oldest gap is %(days)s old.",
        projects,
    ) % {"n": projects, "days": display.days(days)}
    button = Button(_("See what is missing"), reverse("archive_missing"), primary=True)
    return Verdict(sentence, tone="watch", detail=told, buttons=(button,))


def _told(lines: Sequence[SourceLine], check: Check | None) -> str:
    facts = sum(line.rows for line in lines)
    numbers = {"facts": formats.number(facts), "sources": formats.number(len(lines))}
    if check is None:
        return _("%(facts)s facts, %(sources)s sources.") % numbers
    numbers |= {"at": formats.moment(check.at), "snapshot": formats.number(check.snapshot)}
    return _("%(facts)s facts, %(sources)s sources; checked on %(at)s at snapshot %(snapshot)s.") % numbers


def missing(count: int) -> Verdict:
    """The list of gaps."""
    if not count:
        return Verdict(_("[[Nothing is missing]] here."), tone="met")
    sentence = ngettext("[[%(n)d gap]] is open.", "[[%(n)d gaps]] are open.", count) % {"n": count}
    detail = _("A gap closes by itself the night after its data came in.")
    return Verdict(sentence, tone="watch", detail=detail)


def batches(rows: Sequence[BatchLine]) -> Verdict:
    """The list of batches."""
    if not rows:
        return Verdict(_("Nothing was published yet."))
    sentence = ngettext(
        "[[%(n)s snapshot]]; the last one of %(at)s.",
        "[[%(n)s snapshots]]; the last one of %(at)s.",
        len(rows),
    ) % {"n": formats.number(len(rows)), "at": formats.moment(rows[0].at)}
    return Verdict(
        sentence, tone="acc", glyph="met", detail=_("Each batch is one snapshot; none is ever changed.")
    )


def source(table: str, source: str, lines: Sequence[ProjectLine]) -> Verdict:
    """One source over its projects."""
    lacking = sum(bool(line.reminders) for line in lines)
    numbers = {"table": display.table(table), "source": source, "all": len(lines), "n": lacking}
    if lacking:
        sentence = ngettext(
            "%(table)s from %(source)s: [[%(n)d of %(all)d projects]] lacks data.",
            "%(table)s from %(source)s: [[%(n)d of %(all)d projects]] lack data.",
            lacking,
        )
        return Verdict(sentence % numbers, tone="watch")
    return Verdict(_("%(table)s from %(source)s: [[nothing is missing]].") % numbers, tone="met")


def project(line: ProjectLine, source: str) -> Verdict:
    """One project of one source."""
    names = {"project": line.name, "source": source}
    if line.place is None:
        return Verdict(
            _("“%(project)s” has facts from %(source)s, but [[is not among the places]].") % names,
            tone="watch",
            detail=_("Enter the project under places with this code; its facts then belong to it."),
        )
    if line.reminders:
        first = line.reminders[0]
        sentence = _("%(project)s: [[%(gap)s]] from %(source)s.") % {**names, "gap": display.gap(first)}
        told = {"who": display.reminded(first), "at": formats.day(first.made_at)}
        return Verdict(sentence, tone="watch", detail=_("Reminded on %(at)s: %(who)s.") % told)
    return Verdict(
        _("%(project)s has everything that %(source)s used to bring; [[nothing is missing]].") % names,
        tone="met",
    )
