"""What the pages of the import say: verdicts, figures, progress."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bihuan.base.jobs.models import Job
from bihuan.base.jobs.states import JobState
from bihuan.base.ui.formats import number
from bihuan.base.ui.parts import Button, Figure, Progress, Step, Verdict
from bihuan.collect.records import queries, reasons
from bihuan.collect.records.models import ImportBatch
from bihuan.collect.records.reading import UnreadableFileError
from bihuan.collect.records.states import ImportState


def list_verdict(rows: Any, button: Button) -> Verdict:
    """How many imports wait for somebody."""
    waiting = rows.filter(state=ImportState.HAS_ISSUES)
    count = waiting.count()
    if not count:
        sentence = _("No import waits for rows to be mended.") if rows.exists() else _("Nothing is in yet.")
        return Verdict(sentence, "met" if rows.exists() else "none", buttons=(button,))
    to_mend = sum(waiting.values_list("rejected", flat=True))
    return Verdict(
        ngettext(
            "%(count)s import waits: [[%(rows)s rows to mend]]",
            "%(count)s imports wait: [[%(rows)s rows to mend]]",
            count,
        )
        % {"count": number(count), "rows": number(to_mend)},
        "watch",
        detail=_("The good rows are in. Download the others, mend them and send them again."),
        buttons=(button,),
    )


def new_verdict(earlier: ImportBatch | None) -> Verdict:
    """What is asked for."""
    if earlier is None:
        return Verdict(
            _("Bring in a file of records"),
            "acc",
            detail=_("Good rows go in; bad rows are kept apart, each with what is wrong and how to mend it."),
        )
    return Verdict(
        _("Send the mended rows of “%(file)s”") % {"file": earlier.file_name},
        "acc",
        detail=_("Rows that are in already are not counted twice, so the whole file may come again, too."),
    )


def unreadable_verdict(error: UnreadableFileError) -> Verdict:
    """The file cannot be opened."""
    return Verdict(
        _("The file [[cannot be read]]"), "miss", detail=reasons.say_file(error.code, error.params)
    )


def columns_verdict(preview: Any, wrong: list[str]) -> Verdict:
    """Whether the first rows would go in."""
    if preview is None:
        return Verdict(
            _("[[Some columns are still missing]]") if wrong else _("Say what the columns are"),
            "watch" if wrong else "acc",
            detail=_("Choose the column of the file for each line that needs one."),
        )
    if preview.bad:
        return Verdict(
            ngettext(
                "Of the first %(read)s rows [[%(bad)s would be kept apart]]",
                "Of the first %(read)s rows [[%(bad)s would be kept apart]]",
                preview.bad,
            )
            % {"read": number(preview.read), "bad": number(preview.bad)},
            "watch",
            detail=_("Look at what is marked: is it the row, or was the wrong column chosen?"),
        )
    return Verdict(
        _("The first %(read)s rows would all go in") % {"read": number(preview.read)},
        "met",
        detail=_("Compare a row or two with the file, then bring all of it in."),
    )


def verdict(batch: ImportBatch, job: Job | None) -> Verdict:
    """What became of the file."""
    if batch.problem:
        again = Button(_("Send another file"), reverse("import_new"), icon="upload", primary=True)
        columns = Button(_("Change the columns"), reverse("import_columns", kwargs={"pk": batch.pk}))
        return Verdict(
            _("The file [[was sent back whole]]"),
            "miss",
            detail=queries.file_problem(batch),
            buttons=(columns, again),
        )
    if not batch.ended:
        return _running_verdict(batch, job)
    numbers = {"accepted": number(batch.accepted), "rejected": number(batch.rejected)}
    if batch.rejected and batch.state != ImportState.ACCEPTED:
        send = f"{reverse('import_new')}?mends={batch.pk}"
        rows = reverse("import_rows", kwargs={"pk": batch.pk, "kind": "xlsx"})
        return Verdict(
            ngettext(
                "%(accepted)s rows went in, [[%(rejected)s row to mend]]",
                "%(accepted)s rows went in, [[%(rejected)s rows to mend]]",
                batch.rejected,
            )
            % numbers,
            "watch" if batch.accepted else "miss",
            detail=_("Mend these rows and send them once more; nothing is counted twice."),
            buttons=(
                Button(_("Download these rows"), rows, icon="download"),
                Button(_("Send the mended rows"), send, icon="upload", primary=True),
            ),
        )
    if batch.rejected:
        return Verdict(_("The rows of this file were [[mended and are in]]"), "met")
    if batch.accepted and batch.unchanged == batch.facts:
        return Verdict(
            _("All %(accepted)s rows [[were in already]]") % numbers,
            "met",
            detail=_("The archive is as it was before; nothing is counted twice."),
        )
    return Verdict(
        ngettext(
            "%(accepted)s row [[went in]]", "%(accepted)s rows [[went in]], none to mend", batch.accepted
        )
        % numbers,
        "met",
    )


def _running_verdict(batch: ImportBatch, job: Job | None) -> Verdict:
    if job is not None and not job.ended:
        return Verdict(_("“%(file)s” is on its way in") % {"file": batch.file_name}, "acc", "prov")
    start = reverse("import_start", kwargs={"pk": batch.pk})
    return Verdict(
        _("The work on “%(file)s” [[was cut off]]") % {"file": batch.file_name},
        "miss",
        detail=(job.error if job and job.error else _("Nothing is lost: go on, and it begins again."))[:300],
        buttons=(Button(_("Go on with the import"), start, icon="player-play", post=True, primary=True),),
    )


def figures(batch: ImportBatch) -> list[Figure]:
    """The numbers of a finished import; the first is the sum of the next three."""
    found = [
        Figure(pgettext("import", "Rows read"), number(batch.read)),
        Figure(pgettext("import", "Accepted"), number(batch.accepted)),
        Figure(pgettext("import", "To mend"), number(batch.rejected), tone="watch" if batch.rejected else ""),
    ]
    if batch.skipped:
        found.append(Figure(_("Left out by the mapping"), number(batch.skipped)))
    if batch.facts:
        found += [
            Figure(pgettext("import", "New facts"), number(batch.added)),
            Figure(pgettext("import", "Changed"), number(batch.replaced)),
            Figure(pgettext("import", "Were in already"), number(batch.unchanged)),
        ]
    if batch.late:
        found.append(
            Figure(
                pgettext("import", "Late"),
                number(batch.late),
                note=_("their cycle was closed; issued results stay"),
            )
        )
    if batch.snapshot is not None:
        found.append(Figure(_("Snapshot"), number(batch.snapshot)))
    return found


def progress(batch: ImportBatch, job: Job | None) -> Progress | None:
    """How far the work has come."""
    if job is None or job.ended:
        return None
    names = [_("Read and check the rows"), _("Enter new places"), _("Put the facts into the archive")]
    at = max(job.step, 1)
    states = ["done" if n < at else "running" if n == at and job.state == JobState.RUNNING else "waiting"
              for n in (1, 2, 3)]  # fmt: skip
    counted = _("%(done)s of %(total)s %(unit)s") if job.total else _("%(done)s %(unit)s so far")
    return Progress(
        title=_("Step %(step)s of 3: %(name)s") % {"step": at, "name": names[min(at, 3) - 1]},
        done=job.done or (at - 1) * 33,
        total=job.total or 100,
        counted=counted % {"done": number(job.done), "total": number(job.total), "unit": job.unit}
        if job.done
        else "",
        steps=tuple(Step(name, state) for name, state in zip(names, states, strict=True)),
        poll=reverse("import_progress", kwargs={"pk": batch.pk}),
    )
