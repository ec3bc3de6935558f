"""Model fields that hold personal data encrypted, and the blind index that finds it by exact value.

::

    phone = EncryptedCharField(_("phone"), max_length=40, blank=True)
    phone_index = BlindIndexField("phone", normalise="phone")

    Person.objects.filter(phone_index="138 1234 5678")     # finds +8613812345678

A value is bound to its model and field. Whoever renames either passes ``context="old.label|old_name"``, so
that what is stored still decrypts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import lookups
from django.db.models.signals import pre_save

from bihuan.base.privacy import cipher, normalise

NORMALISERS: dict[str, Callable[[str], str]] = {
    "phone": normalise.phone,
    "name": normalise.name,
    "exact": normalise.exact,
}
STORED = re.compile(r"k\d+\$[0-9a-f]{64}")


class _EmptyOnly(lookups.Exact):
    """The one comparison an encrypted column can answer: is it empty."""

    def get_prep_lookup(self) -> Any:
        if self.rhs == "":
            return ""
        raise FieldError(
            f"{self.lhs.output_field.name} is encrypted and cannot be searched; "
            "filter by its blind index, which is given the plain value."
        )


class EncryptedMixin(models.Field):
    """Text that leaves the program only encrypted."""

    personal = True

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self.context_given = context
        super().__init__(*args, **kwargs)

    @property
    def context(self) -> str:
        """What a value is bound to: model and field."""
        return self.context_given or f"{self.model._meta.label_lower}|{self.name}"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.context_given:
            kwargs["context"] = self.context_given
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "TextField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False):
            found.append(
                checks.Error(
                    "An encrypted field is different at every save, so it cannot be unique or indexed.",
                    hint="Make the BlindIndexField beside it unique.",
                    obj=self,
                    id="privacy.E001",
                )
            )
        return found

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return cipher.encrypt(str(value), self.context) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return cipher.decrypt(value, self.context) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        return _EmptyOnly

    def get_transform(self, lookup_name: str) -> None:
        return None


class EncryptedCharField(EncryptedMixin, models.CharField):
    """A short encrypted text; ``max_length`` holds for the text, not for what is stored."""


class EncryptedTextField(EncryptedMixin, models.TextField):
    """A long encrypted text."""


class BlindIndexField(models.CharField):
    """The keyed hash of another field, kept by the program; filter it by the plain value.

    Parameters
    ----------
    source: name of the encrypted field.
    normalise: ``phone`` (E.164), ``name`` or ``exact``.
    """

    def __init__(
        self, source: str = "", *, normalise: str = "exact", context: str = "", **kwargs: Any
    ) -> None:
        self.source, self.normalise, self.context_given = source, normalise, context
        kwargs |= {"max_length": 80, "editable": False, "blank": True}
        kwargs.setdefault("db_index", not kwargs.get("unique", False))
        if not kwargs.get("null"):
            kwargs.setdefault("default", "")
        super().__init__(**kwargs)

    @property
    def context(self) -> str:
        """What a hash is bound to: model and field."""
        return self.context_given or f"{self.model._meta.label_lower}|{self.name}"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for made_here in ("max_length", "editable", "blank"):
            kwargs.pop(made_here, None)
        kwargs |= {
            "source": self.source,
            "normalise": self.normalise,
            "db_index": getattr(self, "db_index", True),
        }
        if self.context_given:
            kwargs["context"] = self.context_given
        return name, path, args, kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            pre_save.connect(self._refuse_half_a_save, sender=cls, dispatch_uid=(cls, name))

    def normal(self, value: str) -> str:
        """``value`` in the form that is hashed; what is no phone number keeps its own text."""
        try:
            return NORMALISERS[self.normalise](value)
        except ValueError:
            return normalise.exact(value)

    def hash(self, value: str) -> str | None:
        """What stands in the column for the plain ``value``."""
        if not value:
            return None if self.null else ""
        return cipher.blind(self.normal(value), self.context)

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = self.hash(getattr(model_instance, self.source) or "")
        setattr(model_instance, self.attname, value)
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        return {"exact": BlindExact, "in": BlindIn}.get(lookup_name) or (
            super().get_lookup(lookup_name) if lookup_name == "isnull" else None
        )

    def _refuse_half_a_save(self, update_fields: Any = None, **kwargs: Any) -> None:
        if update_fields and self.source in update_fields and self.name not in update_fields:
            raise ValueError(f"save(update_fields=...) with {self.source} must name {self.name} too")


class BlindIn(lookups.In):
    """The column holds the hash of one of the plain values, under any key in use."""

    def get_prep_lookup(self) -> list[str]:
        field = self.lhs.output_field
        hashes: list[str] = []
        for value in self.rhs:
            if not value or STORED.fullmatch(str(value)):  # a copy of what stands in another row's column
                hashes.append(value)
            else:
                hashes += cipher.blinds(field.normal(str(value)), field.context)
        return hashes


class BlindExact(BlindIn):
    """The column holds the hash of the plain value, under any key in use."""

    lookup_name = "in"

    def __init__(self, lhs: Any, rhs: Any) -> None:
        super().__init__(lhs, [rhs])
