"""Every setting Bihuan reads, in one list: its name, default, meaning and check.

A value comes from the environment (``BIHUAN_...``), then from ``bihuan.toml`` (``BIHUAN_CONFIG``, or in
``BIHUAN_HOME``, or in the working folder), then from the default. ``docs/settings.md`` is made from it.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    """One setting. ``parse`` turns text into the value and raises ``ValueError`` with the way to mend it."""

    name: str
    default: Any
    doc: str
    parse: Callable[[str], Any] = str
    secret: bool = False  # its value may hold a password and is never shown

    @property
    def toml_key(self) -> str:
        """The key in ``bihuan.toml``: the name without the prefix, in lower case."""
        return self.name.removeprefix("BIHUAN_").lower()


def flag(text: str) -> bool:
    """Parse yes/no."""
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("write true or false")


def words(text: str) -> list[str]:
    """Parse a comma-separated list."""
    return [word.strip() for word in text.split(",") if word.strip()]


def zone(text: str) -> str:
    """Parse a time zone name."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError("write a zone such as Asia/Shanghai") from exc
    return text


def web_address(text: str) -> str:
    """Parse the address people open Bihuan at."""
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("write https://bihuan.example.com")
    return text.rstrip("/")


def smtp_address(text: str) -> str:
    """Check the address of a mail server."""
    from bihuan.base.notices import addresses  # knows no Django, like this module

    if text:
        addresses.smtp(text)
    return text


def sms_address(text: str) -> str:
    """Check the address of an SMS gateway."""
    from bihuan.base.notices import addresses  # as above

    if text:
        addresses.http(text)
    return text


def json_text(text: str) -> str:
    """Check that a text is JSON."""
    import json

    try:
        json.loads(text)
    except ValueError as exc:
        raise ValueError("write JSON") from exc
    return text


def engine(text: str) -> str:
    """Check what evaluates: the embedded engine, or the address of a cluster's master."""
    if text != "duckdb":
        from bihuan.measure.engine import engine_name  # loads DuckDB and Ibis: only where it is needed

        engine_name(text)
    return text


def memory(text: str) -> str:
    """Check an amount of memory as Java writes it."""
    if not re.fullmatch(r"[1-9]\d*[mg]", text):
        raise ValueError("write an amount such as 4g or 900m")
    return text


def pairs(text: str) -> dict[str, str]:
    """Parse ``name=value`` pairs with commas between."""
    found = {}
    for word in words(text):
        name, sign, value = word.partition("=")
        if not (name.strip() and sign):
            raise ValueError("write name=value, with commas between")
        found[name.strip()] = value.strip()
    return found


OPTIONS: tuple[Option, ...] = (
    Option(
        "BIHUAN_HOME", "~/.local/share/bihuan", "Folder that holds all data: database, archive, files, keys."
    ),
    Option(
        "BIHUAN_DATABASE",
        "",
        "Database URL, `postgresql://user:password@host:port/name`. Empty: SQLite in the home folder.",
    ),
    Option(
        "BIHUAN_ARCHIVE",
        "",
        "Where the data archive lies: a folder or any fsspec URL. Empty: `archive/` in the home folder.",
    ),
    Option(
        "BIHUAN_ENGINE",
        "duckdb",
        "What evaluates: `duckdb`, embedded, or the master of a Spark cluster, `spark://host:7077`.",
        engine,
    ),
    Option("BIHUAN_SPARK_MEMORY", "2g", "Memory of each executor on a Spark cluster.", memory),
    Option(
        "BIHUAN_SPARK_CORES", 0, "Cores of the cluster an evaluation may take; 0: all that are free.", int
    ),
    Option("BIHUAN_SPARK_DRIVER_MEMORY", "2g", "Memory of Spark's own process on this machine.", memory),
    Option(
        "BIHUAN_SPARK_DRIVER_HOST",
        "",
        "Name or address at which the workers reach this machine. Empty: its host name.",
    ),
    Option(
        "BIHUAN_SPARK_CONF",
        {},
        "Further settings of Spark, `name=value` with commas between.",
        pairs,
        secret=True,
    ),
    Option(
        "BIHUAN_TIME_ZONE",
        "Asia/Shanghai",
        "The company's time zone: pages show it, months and quarters follow it.",
        zone,
    ),
    Option("BIHUAN_LANGUAGE", "zh-hans", "Language of a first visit: `zh-hans` or `en`."),
    Option(
        "BIHUAN_HOSTS",
        ["127.0.0.1", "localhost"],
        "Host names the server answers to, comma-separated.",
        words,
    ),
    Option("BIHUAN_BIND", "127.0.0.1:8000", "Address and port of `bihuan serve`."),
    Option("BIHUAN_WORKERS", 2, "Web processes of `bihuan serve`.", int),
    Option("BIHUAN_HTTPS", False, "Served behind HTTPS: cookies only over HTTPS, HSTS on.", flag),
    Option(
        "BIHUAN_DEBUG", False, "Show tracebacks in the browser. Never on a server that others reach.", flag
    ),
    Option(
        "BIHUAN_URL",
        "",
        "Address people open Bihuan at, such as `https://bihuan.example.com`; links in messages use it.",
        web_address,
    ),
    Option(
        "BIHUAN_SMTP_URL",
        "",
        "Mail server, `smtps://user:password@host:port`; `smtp+tls://` for STARTTLS. Empty: no e-mail.",
        smtp_address,
        secret=True,
    ),
    Option("BIHUAN_MAIL_FROM", "", "Sender of e-mails, such as `闭环 <bihuan@example.com>`."),
    Option(
        "BIHUAN_APPRISE_URLS",
        [],
        "Group robots that are told of announcements: apprise addresses, comma-separated.",
        words,
        secret=True,
    ),
    Option(
        "BIHUAN_SMS_URL",
        "",
        "SMS gateway, `https://user:password@host/path`, for people without e-mail. Empty: no SMS.",
        sms_address,
        secret=True,
    ),
    Option(
        "BIHUAN_SMS_BODY",
        '{"phone": "{phone}", "text": "{text}", "id": "{id}"}',
        "JSON posted to the gateway for each SMS, with `{phone}`, `{text}` and `{id}` filled in.",
        json_text,
        secret=True,
    ),
    Option(
        "BIHUAN_PUBLIC_DATA",
        "../shared/data",
        "Folder with the public data sets that examples, tests and benchmarks read.",
    ),
)
BY_NAME = {option.name: option for option in OPTIONS}


def read_file(home: Path) -> dict[str, Any]:
    """The settings in ``bihuan.toml``, or nothing when there is no such file."""
    named = os.environ.get("BIHUAN_CONFIG")
    for path in [Path(named)] if named else [home / "bihuan.toml", Path("bihuan.toml")]:
        if path.is_file():
            return tomllib.loads(path.read_text(encoding="utf-8"))
    return {}


def load() -> dict[str, Any]:
    """Every setting by name, parsed. Raises ``SystemExit`` with a sentence on a value that does not fit."""
    home = Path(os.environ.get("BIHUAN_HOME") or BY_NAME["BIHUAN_HOME"].default).expanduser().resolve()
    file = read_file(home)
    values: dict[str, Any] = {}
    for option in OPTIONS:
        raw = os.environ.get(option.name, file.get(option.toml_key))
        try:
            values[option.name] = option.default if raw is None else parse(option, raw)
        except ValueError as exc:
            shown = "" if option.secret else f"={raw!r}"
            raise SystemExit(f"{option.name}{shown}: {exc}") from exc
    values["BIHUAN_HOME"] = home
    return values


def parse(option: Option, raw: Any) -> Any:
    """Parse text from the environment; a typed TOML value of the default's type passes as it is."""
    if isinstance(raw, type(option.default)) and not isinstance(raw, str):
        return raw
    return option.parse(str(raw))
