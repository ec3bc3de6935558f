"""Django's settings, made from ``bihuan.config.options``."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from bihuan.config import options

_values = options.load()
BIHUAN_HOME: Path = _values["BIHUAN_HOME"]
BIHUAN_DATABASE: str = _values["BIHUAN_DATABASE"]
BIHUAN_ARCHIVE: str = _values["BIHUAN_ARCHIVE"]
BIHUAN_ENGINE: str = _values["BIHUAN_ENGINE"]
BIHUAN_SPARK_MEMORY: str = _values["BIHUAN_SPARK_MEMORY"]
BIHUAN_SPARK_CORES: int = _values["BIHUAN_SPARK_CORES"]
BIHUAN_SPARK_DRIVER_MEMORY: str = _values["BIHUAN_SPARK_DRIVER_MEMORY"]
BIHUAN_SPARK_DRIVER_HOST: str = _values["BIHUAN_SPARK_DRIVER_HOST"]
BIHUAN_SPARK_CONF: dict[str, str] = _values["BIHUAN_SPARK_CONF"]
BIHUAN_TIME_ZONE: str = _values["BIHUAN_TIME_ZONE"]
BIHUAN_LANGUAGE: str = _values["BIHUAN_LANGUAGE"]
BIHUAN_HOSTS: list[str] = _values["BIHUAN_HOSTS"]
BIHUAN_BIND: str = _values["BIHUAN_BIND"]
BIHUAN_WORKERS: int = _values["BIHUAN_WORKERS"]
BIHUAN_HTTPS: bool = _values["BIHUAN_HTTPS"]
BIHUAN_DEBUG: bool = _values["BIHUAN_DEBUG"]
BIHUAN_URL: str = _values["BIHUAN_URL"]
BIHUAN_SMTP_URL: str = _values["BIHUAN_SMTP_URL"]
BIHUAN_MAIL_FROM: str = _values["BIHUAN_MAIL_FROM"]
BIHUAN_APPRISE_URLS: list[str] = _values["BIHUAN_APPRISE_URLS"]
BIHUAN_SMS_URL: str = _values["BIHUAN_SMS_URL"]
BIHUAN_SMS_BODY: str = _values["BIHUAN_SMS_BODY"]
BIHUAN_PUBLIC_DATA: str = _values["BIHUAN_PUBLIC_DATA"]
PACKAGE = Path(__file__).resolve().parent.parent


def _secret(name: str) -> str:
    """A secret of this installation, made on first use, readable by its owner alone."""
    path = BIHUAN_HOME / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(f".{secrets.token_hex(4)}")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # whoever comes second reads what the first one wrote
            path.hardlink_to(partial)
        partial.unlink()
    return path.read_text()


def _database(url: str) -> dict:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": BIHUAN_HOME / "bihuan.sqlite3",
            "TEST": {
                "NAME": str(BIHUAN_HOME / "tests.sqlite3")
            },  # in memory, threads would not wait for locks
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit(
            "BIHUAN_DATABASE: write postgresql://user:password@host:port/name, or leave it empty"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


SECRET_KEY = _secret("secret.key")
DEBUG = BIHUAN_DEBUG
ALLOWED_HOSTS = BIHUAN_HOSTS
DATABASES = {"default": _database(BIHUAN_DATABASE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ARCHIVE_URL = BIHUAN_ARCHIVE or str(BIHUAN_HOME / "archive")
RESULTS_URL = str(BIHUAN_HOME / "results")
MEDIA_ROOT = BIHUAN_HOME / "files"

BIHUAN_APPS = [
    "bihuan.base.ui",
    "bihuan.base.documents",
    "bihuan.base.notices",
    "bihuan.base.people",
    "bihuan.base.places",
    "bihuan.base.files",
    "bihuan.base.jobs",
    "bihuan.base.chain",
    "bihuan.base.calendars",
    "bihuan.base.privacy",
    "bihuan.base.trail",
    "bihuan.standards",
    "bihuan.collect.records",
    "bihuan.collect.upkeep",
    "bihuan.assess",
    "bihuan.improve",
    "bihuan.web",
    "bihuan.config",
]
INSTALLED_APPS = [
    *BIHUAN_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bihuan.base.ui.language.LanguageMiddleware",
    "bihuan.config.start.middleware.StartMiddleware",
    "bihuan.base.people.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bihuan.base.ui.choice.ChoiceMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "bihuan.base.ui.forms.Renderer"
CSRF_FAILURE_VIEW = "bihuan.base.ui.views.csrf_failure"
ROOT_URLCONF = "bihuan.config.urls"
WSGI_APPLICATION = "bihuan.config.wsgi.application"
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["bihuan.base.people.backend.Backend"]
LOGIN_URL = "/signin/"
LOGIN_REDIRECT_URL = "/"

TIME_ZONE = BIHUAN_TIME_ZONE
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = BIHUAN_LANGUAGE
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "config" / "locale"]
LANGUAGE_COOKIE_NAME = "bihuan_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = BIHUAN_HOME / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if BIHUAN_HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
