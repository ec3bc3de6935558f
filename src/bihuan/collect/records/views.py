"""Pages of the import: the list, a new file, its columns, its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.base.documents import excel
from bihuan.base.people.access import get_or_404, require_role
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Column, Filter, ListPage, Pager
from bihuan.base.ui.parts import Button, Crumb, Empty
from bihuan.collect.records import actions, guess, labels, queries, reasons, shown, wizard
from bihuan.collect.records.forms import ColumnsForm, MappingTextForm, ReadingForm, UploadForm
from bihuan.collect.records.importer import load_mapping, open_batch
from bihuan.collect.records.mapping import MappingError, MappingSpec
from bihuan.collect.records.models import IMPORTERS, ImportBatch, Mapping
from bihuan.collect.records.reading import Source, UnreadableFileError
from bihuan.collect.records.states import ImportState
from bihuan.collect.records.uploads import on_disk

importers_only = require_role(*IMPORTERS)


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    return get_or_404(queries.imports(request.user), pk=pk)


@require_GET
@importers_only
def imports(request: HttpRequest) -> Any:
    """Every import, the newest first."""
    rows = queries.imports(request.user)
    page = ListPage(
        request,
        rows,
        columns=[
            Column("made_at", pgettext("import", "Received at"), sort="made_at"),
            Column(
                "file_name", _("File"), sort="file_name", url=lambda b: reverse("import", kwargs={"pk": b.pk})
            ),
            Column("table", _("Goes into"), value=lambda b: labels.table(b.table) if b.table else ""),
            Column("source", _("System"), sort="source"),
            Column("state", _("State"), value=lambda b: b.get_state_display(), sort="state"),
            Column("accepted", pgettext("import", "Accepted"), sort="accepted", numeric=True),
            Column("rejected", pgettext("import", "To mend"), sort="rejected", numeric=True),
            Column("made_by", _("Sent by"), value=lambda b: b.made_by.get_short_name() if b.made_by else ""),
        ],
        filters=[
            Filter("state", _("State"), choices=ImportState.choices),
            Filter("table", _("Goes into"), choices=list(labels.TABLES.items())),
            Filter("q", _("Find"), kind="search", fields=("file_name", "source"), hint=_("File or system")),
        ],
        caption=_("Imports"),
    )
    if page.wants_export:
        return page.export("imports")
    new_file = Button(_("Bring in a file"), reverse("import_new"), icon="upload", primary=True)
    context = {
        "verdict": shown.list_verdict(rows, new_file),
        "list": page,
        "kept": Mapping.objects.visible_to(request.user),
        "crumbs": [Crumb(_("Imports"))],
        "empty": Empty(
            _("Nothing has been brought in yet"),
            _("Work orders, inspections and answers from other systems come in as files."),
            new_file,
        ),
    }
    return render(request, "records/imports.html", context)


@require_http_methods(["GET", "POST"])
@importers_only
def new(request: HttpRequest) -> HttpResponse:
    """Send a file; ``?mends=`` sends the mended rows of an earlier import."""
    earlier = _batch(request, int(request.GET["mends"])) if request.GET.get("mends", "").isdigit() else None
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if earlier:
        del form.fields["mapping"], form.fields["mapping_file"]
    if request.method == "POST" and form.is_valid():
        batch = _receive(request, form, earlier)
        if earlier and earlier.mapping_text:
            return _begin(request, batch, earlier.mapping_text, earlier.mapping)
        return redirect("import_columns", pk=batch.pk)
    crumbs = [Crumb(_("Imports"), reverse("imports")), Crumb(_("New file"))]
    context = {"form": form, "earlier": earlier, "crumbs": crumbs, "verdict": shown.new_verdict(earlier)}
    return render(request, "records/new.html", context)


def _receive(request: HttpRequest, form: UploadForm, earlier: ImportBatch | None) -> ImportBatch:
    values = form.cleaned_data
    kept = values.get("mapping")
    text = values.get("mapping_file") or (kept.text if kept else "")
    with on_disk(values["file"]) as path:
        return actions.receive_import(
            actor=request.user,
            path=path,
            name=Path(values["file"].name).name,
            mapping_text=text,
            mapping=kept,
            mends=earlier,
        )


@require_http_methods(["GET", "POST"])
@importers_only
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the columns are, look at the first rows, and begin."""
    batch = _batch(request, pk)
    if batch.state not in {ImportState.RECEIVED, ImportState.REJECTED} or (batch.job and not batch.ended):
        return redirect("import", pk=batch.pk)
    options: dict[str, Any] = {
        name: request.GET[name] for name in ("encoding", "sheet") if request.GET.get(name)
    }
    if request.GET.get("header", "").isdigit():
        options["header"] = max(int(request.GET["header"][:3]), 1)
    batch.options = options
    crumbs = [Crumb(_("Imports"), reverse("imports")), Crumb(batch.file_name)]
    context: dict[str, Any] = {"batch": batch, "crumbs": crumbs}
    try:
        source = open_batch(batch)
    except UnreadableFileError as error:
        context |= {"verdict": shown.unreadable_verdict(error), "reading": ReadingForm(initial=options)}
        return render(request, "records/columns.html", context)
    initial = {**options, "sheet": source.sheet, "header": source.header}
    context |= {"source": source, "reading": ReadingForm(initial=initial, source=source)}
    return _columns(request, batch, source, context)


def _columns(request: HttpRequest, batch: ImportBatch, source: Source, context: dict) -> HttpResponse:
    kept = queries.kept_mapping(request.user, source.fingerprint)
    text = batch.mapping_text or (kept.text if kept and "guess" not in request.GET else "")
    if text:
        form: Any = MappingTextForm(request.POST or None, initial={"text": text})
        answered = form.is_valid() if form.is_bound else True
        text = form.cleaned_data["text"] if form.is_bound and answered else text
    else:
        asked = request.POST.get("table") or request.GET.get("table", "")
        table = asked if asked in labels.TABLES else guess.table(source.columns)
        form = ColumnsForm(request.POST or None, source=source, table=table, file_name=batch.file_name)
        answered = form.is_valid() if form.is_bound else True
        text = _text_of(form, source) if answered else ""
    spec, wrong = _checked(text, source)
    if request.method == "POST" and spec and answered and request.POST.get("do") == "import":
        name = kept if kept and kept.text == text else None
        mapping = name or actions.keep_mapping(actor=request.user, text=text, fingerprint=source.fingerprint)
        return _begin(request, batch, text, mapping)
    found = wizard.preview(source, spec, request.user) if spec else None
    context |= {"form": form, "wrong": wrong, "preview": found, "kept": kept, "text": text}
    context["verdict"] = shown.columns_verdict(found, wrong)
    context["labels"] = {head: labels.target(head) for head in found.heads} if found else {}
    return render(request, "records/columns.html", context)


def _text_of(form: ColumnsForm, source: Source) -> str:
    """The mapping file of a form; of its guesses before anything was answered."""
    if form.is_bound:
        answers = form.answers()
    else:
        fields = {n.removeprefix("to_"): f.initial for n, f in form.fields.items() if n.startswith("to_")}
        answers = {
            "table": form.fields["table"].initial,
            "source": form.fields["source"].initial,
            "columns": fields,
        }
    raw = wizard.raw_mapping(answers)
    chosen: dict[str, Any] = {"header": source.header} if source.header > 1 else {}
    if source.sheet and len(source.sheets) > 1:
        chosen["sheet"] = source.sheet
    return wizard.as_yaml({**raw, "file": chosen} if chosen else raw)


def _checked(text: str, source: Source) -> tuple[MappingSpec | None, list[str]]:
    """A mapping that can be used on the file, or what is wrong with it in words."""
    if not text:
        return None, []
    try:
        spec = MappingSpec.load(text + "\n", zone=settings.TIME_ZONE)
    except MappingError as error:
        return None, wizard.explain(error)
    lacking = spec.missing_from(source.columns)
    return (None, [reasons.say_file("file_columns", {"columns": lacking})]) if lacking else (spec, [])


def _begin(request: HttpRequest, batch: ImportBatch, text: str, mapping: Mapping | None) -> HttpResponse:
    try:
        actions.choose_mapping(batch, actor=request.user, text=text, mapping=mapping, options=batch.options)
        actions.start_import(batch, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("import", pk=batch.pk)


@require_POST
@importers_only
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with an import whose work was cut off."""
    batch = _batch(request, pk)
    try:
        actions.start_import(batch, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("import", pk=batch.pk)


@require_GET
@importers_only
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of a file: how many rows went in, which have to be mended, and how."""
    batch = _batch(request, pk)
    job = queries.job_of(batch)
    if not batch.ended and job is None:
        return redirect("import_columns", pk=batch.pk)
    pager = Pager.of(request, sum(batch.reasons.values()))
    context = {
        "batch": batch,
        "crumbs": [Crumb(_("Imports"), reverse("imports")), Crumb(batch.file_name, tag=f"#{batch.pk}")],
        "verdict": shown.verdict(batch, job),
        "figures": shown.figures(batch) if batch.ended else [],
        "progress": shown.progress(batch, job) if not batch.ended else None,
        "problems": queries.problems(batch, pager.offset, pager.size),
        "pager": pager,
        "counts": [(reasons.label(code), number) for code, number in batch.reasons.items()],
        "left_out": batch.left_out.items(),
    }
    return render(request, "records/import.html", context)


@require_GET
@importers_only
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The state of the work, asked for every two seconds; at its end the page loads itself anew."""
    batch = _batch(request, pk)
    job = queries.job_of(batch)
    if batch.ended or job is None or job.ended:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "ui/parts/progress.html", {"progress": shown.progress(batch, job)})


@require_GET
@importers_only
def rows(request: HttpRequest, pk: int, kind: str) -> Any:
    """The rows turned away, with what is wrong and how to mend it, as a file to send again."""
    batch = _batch(request, pk)
    if kind not in {"csv", "xlsx"} or not batch.rejected:
        raise Http404
    heads, table = queries.rejected_table(batch)
    return excel.download(f"import-{batch.pk}-rows-to-mend", heads, table, kind=kind)


@require_GET
@importers_only
def mapping_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The mapping an import used, as a file."""
    batch = _batch(request, pk)
    if not batch.mapping_text:
        raise Http404
    return _yaml(batch.mapping_text)


@require_GET
@importers_only
def kept_mapping(request: HttpRequest, name: str) -> HttpResponse:
    """A kept mapping, as a file."""
    return _yaml(get_or_404(Mapping.objects.visible_to(request.user), name=name).text)


def _yaml(text: str) -> HttpResponse:
    try:
        name = load_mapping(text + "\n").name
    except ValidationError:
        name = "mapping"
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.yaml"'},
    )
