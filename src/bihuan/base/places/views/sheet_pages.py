"""What every page about Excel files shares: sending one, what came of it, the rows to mend."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.ui.parts import Crumb, Verdict

from .. import sheets
from ..forms import UploadForm
from ..models import SheetImport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, name: str) -> HttpResponse:
    """An Excel file to keep; personal data in it is not kept by browsers or proxies."""
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"', "Cache-Control": "no-store"},
    )


def said_of(taken: SheetImport | None) -> str:
    """One sentence on what came of a file."""
    if taken is None:
        return ""
    if not taken.read:
        return _("The file holds no rows: nothing was taken in.")
    good = ngettext("%(n)d row was taken in.", "%(n)d rows were taken in.", taken.accepted) % {
        "n": taken.accepted
    }
    if not taken.rejected:
        return good
    return ngettext(
        "%(n)d row is to be mended, %(good)d went in.",
        "%(n)d rows are to be mended, %(good)d went in.",
        taken.rejected,
    ) % {"n": taken.rejected, "good": taken.accepted}


def verdict_of(taken: SheetImport) -> Verdict:
    """The answer at the top of the page of a file."""
    detail = _("%(created)d new, %(changed)d changed, %(unchanged)d there already.") % {
        "created": taken.created,
        "changed": taken.changed,
        "unchanged": taken.unchanged,
    }
    return Verdict(said_of(taken), "watch" if taken.rejected or not taken.read else "met", detail=detail)


def send(
    request: HttpRequest,
    *,
    take: Any,
    result: Any,
    verdict: Verdict,
    crumbs: list[Crumb],
    history: Any,
    template: str,
) -> HttpResponse:
    """The page that takes a file: ``take(content, filename)`` is the act, ``result(taken)`` where to go."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > sheets.MAX_BYTES:
                raise sheets.SheetError(_("The file is larger than 20 MB. Split it and send the parts."))
            return redirect(result(take(file.read(), file.name)))
        except sheets.SheetError as exc:
            form.add_error("file", str(exc))
    context = {
        "form": form,
        "verdict": verdict,
        "crumbs": crumbs,
        "history": [(taken, said_of(taken), result(taken)) for taken in history[:20]],
        "template_url": template,
    }
    return render(request, "places/send.html", context, status=422 if form.errors else 200)


def outcome(
    request: HttpRequest,
    taken: SheetImport,
    *,
    crumbs: list[Crumb],
    again: str,
    rows_url: str,
    more: Any = (),
) -> HttpResponse:
    """The page of a file: what went in, what is to be mended and how."""
    context = {
        "taken": taken,
        "verdict": verdict_of(taken),
        "crumbs": crumbs,
        "problems": taken.apart["problems"],
        "again": again,
        "rows_url": rows_url,
        "more": more,
    }
    return render(request, "places/outcome.html", context)
