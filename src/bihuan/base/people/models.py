"""People, where they work and what they may do at which place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.base.places.models import Place
from bihuan.base.privacy.fields import BlindIndexField, EncryptedCharField

from .roles import Role

EVERYWHERE = "/"


class Named(models.Model):
    """A code and a name in both languages."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        if (get_language() or "").startswith("en") and self.name_en:
            return self.name_en
        return self.name_zh


class Department(Named):
    """A department 部门 of the company; departments form a tree of their own."""

    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("Department above"),
    )
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="heads",
        verbose_name=_("Head"),
    )


class Contractor(Named):
    """An outside firm 外包商 or team, and the service areas it works in."""

    service_areas = models.JSONField(_("Service areas"), default=list, blank=True)


class UserManager(BaseUserManager["User"]):
    """Finds people by employee number, which everybody has."""

    def create_user(self, employee_number: str, password: str | None = None, **fields: Any) -> User:
        """Insert a person; without a password nobody can sign in as them."""
        user = self.model(employee_number=employee_number, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in by employee number, phone or e-mail."""

    employee_number = models.CharField(_("Employee number"), max_length=40, unique=True)
    name = EncryptedCharField(_("Name"), max_length=80, blank=True)
    name_index = BlindIndexField("name", normalise="name")
    phone = EncryptedCharField(_("Phone"), max_length=32, blank=True)
    phone_index = BlindIndexField("phone", normalise="phone", unique=True, null=True)
    email = models.EmailField(_("E-mail"), unique=True, null=True, blank=True)
    language = models.CharField(_("Language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("Department")
    )
    contractor = models.ForeignKey(
        Contractor, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("Contractor")
    )
    is_active = models.BooleanField(_("In use"), default=True)
    must_change_password = models.BooleanField(default=False)
    session_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "employee_number"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["employee_number"]

    def __str__(self) -> str:
        return self.name or self.employee_number

    def __repr__(self) -> str:
        return f"<User: {self.employee_number}>"

    @property
    def trail_label(self) -> str:
        """What the trail calls the person: it is not encrypted, so never the name."""
        return self.employee_number

    def get_short_name(self) -> str:
        """What the page calls the person."""
        return self.name or self.employee_number

    get_full_name = get_short_name

    # -- sessions: a new password or a new session version ends every session there is

    def get_session_auth_hash(self) -> str:
        """What a session must carry to stay alive."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under earlier secret keys."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | bytes | None) -> str:
        value = f"{self.session_version}:{self.password}"
        return salted_hmac("bihuan.people.session", value, secret=secret, algorithm="sha256").hexdigest()

    # -- roles, read once and kept on the object, which lives for one request

    @property
    def grants(self) -> list[tuple[str, str]]:
        """The roles that count today, each with the path of the place it counts under."""
        if not hasattr(self, "_grants"):
            found = RoleGrant.objects.on(timezone.localdate()).filter(user_id=self.pk)
            self._grants = [
                (role, path or EVERYWHERE) for role, path in found.values_list("role", "place__path")
            ]
        return self._grants

    @property
    def first_role(self) -> Any:
        """The person's first role in words, in the order in which roles are listed; empty without any."""
        held = {role for role, _path in self.grants}
        return next((role.label for role in Role if role.value in held), "")

    def forget_grants(self) -> None:
        """Read the roles again at the next question."""
        self.__dict__.pop("_grants", None)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.forget_grants()
        super().refresh_from_db(*args, **kwargs)

    def has_role(self, role: str, place: Place | None = None) -> bool:
        """Whether the person holds the role at the place (or above it); without a place, anywhere."""
        return self.has_any_role(role, place=place)

    def has_any_role(self, *roles: str, place: Place | None = None) -> bool:
        """Whether the person holds one of the roles at the place; without a place, anywhere."""
        return self.is_active and any(
            role in roles and (place is None or place.path.startswith(path)) for role, path in self.grants
        )

    def paths_as(self, *roles: str) -> list[str]:
        """Paths of the places where the person holds one of these roles."""
        if not self.is_active:
            return []
        return sorted({path for role, path in self.grants if role in roles})

    def visible_paths(self) -> list[str]:
        """Paths of the places where the person holds any role; ``/`` is everywhere."""
        return self.paths_as(*Role.values)

    def sees_path(self, path: str) -> bool:
        """Whether a place with this path lies within the person's places."""
        return any(path.startswith(above) for above in self.visible_paths())

    def sees(self, place: Place) -> bool:
        """Whether the place lies within the person's places."""
        return self.sees_path(place.path)


class RoleGrantQuerySet(models.QuerySet):
    def on(self, day: date) -> RoleGrantQuerySet:
        """Grants that count on this day."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )


class RoleGrant(models.Model):
    """A role given to a person at a place and everything under it; no place means everywhere."""

    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants")
    role = models.CharField(_("Role"), max_length=20, choices=Role.choices)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Place")
    )
    valid_from = models.DateField(_("First day"), null=True, blank=True)
    valid_to = models.DateField(_("Last day"), null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        ordering = ["role", "place__code", "pk"]
        indexes = [models.Index(fields=["role", "place"], name="grant_role_place")]
        constraints = [
            models.CheckConstraint(
                name="grant_days_in_order",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.place_id or EVERYWHERE}"


class ApiToken(models.Model):
    """A bearer token of a person for programs; only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("Name"), max_length=80)
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class SignInFailure(models.Model):
    """One attempt to sign in that has not succeeded; keys are keyed hashes, so no identifier is kept."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["key", "at"], name="failure_key_at"),
            models.Index("at", name="failure_at"),
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.at:%Y-%m-%d %H:%M:%S}"
