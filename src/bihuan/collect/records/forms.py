"""Forms of the import: the file, and what its columns are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bihuan.collect.records import guess, labels
from bihuan.collect.records.importer import load_mapping
from bihuan.collect.records.models import Mapping
from bihuan.collect.records.reading import Source

MAX_MAPPING = 200_000


class UploadForm(forms.Form):
    """A file, and how it is to be read where that is known already."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV (also packed as .gz), Excel or Parquet. The encoding is found out by itself."),
        error_messages={"required": _("Choose a file.")},
    )
    mapping = forms.ModelChoiceField(
        Mapping.objects.none(),
        label=_("Mapping"),
        required=False,
        empty_label=_("Find out from the headings"),
        help_text=_("How the columns of this make of file are read."),
    )
    mapping_file = forms.FileField(
        label=_("Mapping file"), required=False, help_text=_("A YAML file, when you have one of your own.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["mapping"]
        field.queryset = Mapping.objects.visible_to(user)
        field.label_from_instance = lambda mapping: f"{mapping.title}（{labels.table(mapping.table)}）"

    def clean_mapping_file(self) -> str:
        """The text of the mapping, checked."""
        upload = self.cleaned_data.get("mapping_file")
        if not upload:
            return ""
        if upload.size > MAX_MAPPING:
            raise ValidationError(_("A mapping file is a small text file. Choose the right one."))
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationError(_("Save the mapping file as UTF-8.")) from error
        return load_mapping(text + "\n").as_yaml()


class ReadingForm(forms.Form):
    """How the file is to be opened."""

    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[
            ("", _("Find out")), ("utf-8", "UTF-8"), ("gb18030", "GB18030 / GBK"), ("utf-16", "UTF-16"),
            ("big5", "Big5"),
        ],
    )  # fmt: skip
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header = forms.IntegerField(
        label=_("Row of the headings"), min_value=1, max_value=100, required=False, initial=1
    )

    def __init__(self, *args: Any, source: Source | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sheets = list(source.sheets) if source else []
        sheet: Any = self.fields["sheet"]
        sheet.choices = [(name, name) for name in sheets]
        if not sheets:
            del self.fields["sheet"]
        else:
            del self.fields["encoding"]
        if source is not None and source.kind == "parquet":
            self.fields.pop("encoding", None)
            self.fields.pop("header", None)


class ColumnsForm(forms.Form):
    """Which column of the file is which column of the table."""

    table = forms.ChoiceField(label=_("What the file holds"), choices=labels.TABLES.items)
    source = forms.SlugField(
        label=_("Name of the system"),
        max_length=40,
        help_text=_("Small letters, digits and _. It stays the same for every file of this system."),
    )

    def __init__(self, *args: Any, source: Source, table: str, file_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file = source
        headings = [("", _("— not in the file —")), *((c, c) for c in source.columns)]
        guessed = guess.columns(table, source.columns)
        needed = guess.needed(table)
        for target in guess.targets_of(table):
            name = labels.target(target)
            self.fields[f"to_{target}"] = forms.ChoiceField(
                label=name,
                required=target in needed,
                choices=headings,
                initial=guessed.get(target, ""),
                error_messages={"required": _("Choose the column for “%(target)s”.") % {"target": name}},
            )
        self.fields["table"].initial = table
        self.fields["source"].initial = guess.source_name(file_name, table)

    def clean_source(self) -> str:
        """The name of the system in small letters."""
        return self.cleaned_data["source"].lower().strip("-_")

    @property
    def found_fields(self) -> list[Any]:
        """What must be answered, and what a column was found or chosen for."""
        return [field for field in self if field.field.required or field.value()]

    @property
    def other_fields(self) -> list[Any]:
        """The rest, which few files have."""
        return [field for field in self if not (field.field.required or field.value())]

    def answers(self) -> dict[str, Any]:
        """What was answered, for ``wizard.raw_mapping``."""
        values = self.cleaned_data
        return {
            "table": values["table"],
            "source": values["source"],
            "columns": {n.removeprefix("to_"): values[n] for n in self.fields if n.startswith("to_")},
        }


class MappingTextForm(forms.Form):
    """The mapping as a file, to be read and changed."""

    text = forms.CharField(
        label=_("Mapping file"),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "bh-mono"}),
    )

    def clean_text(self) -> str:
        """The mapping, checked."""
        text = self.cleaned_data["text"]
        return load_mapping(text + "\n").as_yaml()
