"""Whether the trail still is what was written: ``verify()`` reads it all and lists what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from bihuan.base.trail import headlog, seal
from bihuan.base.trail.models import Entry, Head

BATCH = 2000


@dataclass(frozen=True)
class Problem:
    """One fault. ``code``: altered, removed, reordered, cut_off, exchanged, head, key."""

    code: str
    sequence: int | None
    message: str

    def __str__(self) -> str:
        return self.message


def verify() -> list[Problem]:
    """Check every entry, the head, and what was written outside the database; an empty list is a sound trail.

    What each entry says is sealed with the key, in order, each with the hash of the one before. The last
    entries are covered by the lines of ``trail/head.log``: an entry that no line covers yet is in order (the
    program was killed between commit and line), a line without its entry is not.
    """
    head = Head.objects.filter(pk=Head.ONLY).first()
    if head is None:
        return list(_without_head())
    try:
        secret = seal.key()
    except seal.TrailError as exc:
        return [Problem("key", None, str(exc))]
    return [*_chain(head, secret), *_outside(head)]


def _without_head() -> Iterator[Problem]:
    if Entry.objects.exists():
        yield Problem("head", None, _("The row that names the end of the trail is gone from the database."))
    elif any(True for _anchor in headlog.read()):
        yield Problem("cut_off", None, _("The trail in the database is empty, but it has had entries."))


def _chain(head: Head, secret: bytes) -> Iterator[Problem]:
    """Read all entries in order, each against its own seal and the entry before."""
    expected, previous = 1, ""
    for entry in Entry.objects.order_by("sequence").iterator(chunk_size=BATCH):
        if entry.sequence != expected:
            yield _gap(expected, entry.sequence - 1)
        elif entry.previous != previous and _elsewhere(entry):
            yield _problem("reordered", entry, _("Entry %(n)s stood at another place in the trail."))
            expected, previous = entry.sequence + 1, entry.hash
            continue
        if entry.hash != seal.seal(entry, head.chain, secret):
            yield _problem("altered", entry, _("Entry %(n)s was changed after it was written."))
        elif entry.sequence == expected and entry.previous != previous:
            yield _problem("altered", entry, _("Entry %(n)s does not follow from the entry before it."))
        expected, previous = entry.sequence + 1, entry.hash
    if head.sequence >= expected:
        yield Problem("cut_off", expected, _cut_off(expected, head.sequence))
    elif (head.sequence, head.hash) != (expected - 1, previous):
        yield Problem(
            "head", head.sequence, _("The row that names the end of the trail does not fit its last entry.")
        )


def _elsewhere(entry: Entry) -> bool:
    """Whether the entry follows from one that stands somewhere else than right before it."""
    if not entry.previous:
        return entry.sequence != 1
    return Entry.objects.filter(hash=entry.previous).exclude(sequence=entry.sequence - 1).exists()


def _outside(head: Head) -> Iterator[Problem]:
    """Compare the lines written outside the database with the entries."""
    batch: dict[int, str] = {}
    foreign: set[str] = set()
    missing: list[int] = []
    for anchor in headlog.read():
        if anchor.chain != head.chain:
            foreign.add(anchor.chain)
            continue
        batch[anchor.sequence] = anchor.hash
        if len(batch) >= BATCH:
            yield from _compare(batch, missing)
            batch = {}
    yield from _compare(batch, missing)
    if missing:
        yield Problem("cut_off", min(missing), _cut_off(min(missing), max(missing)))
    for chain in sorted(foreign):
        yield Problem(
            "exchanged",
            None,
            _(
                "The file %(path)s belongs to another trail (%(chain)s): the database was exchanged, or "
                "emptied and begun anew. If you did that yourself, put the old file away and start again."
            )
            % {"path": headlog.path(), "chain": chain[:8]},
        )


def _compare(batch: dict[int, str], missing: list[int]) -> Iterator[Problem]:
    stored = dict(Entry.objects.filter(sequence__in=batch).values_list("sequence", "hash"))
    for sequence, digest in sorted(batch.items()):
        if sequence not in stored:
            missing.append(sequence)
        elif stored[sequence] != digest:
            yield Problem(
                "altered",
                sequence,
                _("Entry %(n)s is not the one that was written down outside the database.") % {"n": sequence},
            )


def _gap(first: int, last: int) -> Problem:
    if first == last:
        return Problem("removed", first, _("Entry %(n)s was removed.") % {"n": first})
    return Problem(
        "removed",
        first,
        _("Entries %(first)s to %(last)s were removed.") % {"first": first, "last": last},
    )


def _cut_off(first: int, last: int) -> str:
    return _("The end of the trail was cut off: entries %(first)s to %(last)s are gone.") % {
        "first": first,
        "last": last,
    }


def _problem(code: str, entry: Entry, text: str) -> Problem:
    return Problem(code, entry.sequence, text % {"n": entry.sequence})
