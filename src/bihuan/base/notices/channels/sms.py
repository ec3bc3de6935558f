"""SMS through the HTTP gateway of a provider: one POST of JSON for each message.

``BIHUAN_SMS_BODY`` is the JSON to send; in its texts ``{phone}`` (such as +8613812345678), ``{text}`` and
``{id}`` are filled in. The id also goes out as ``Idempotency-Key``. Any answer 2xx means taken.
"""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any
from urllib.parse import unquote

from bihuan.base.notices import addresses, setup
from bihuan.base.notices.channels import NotSent, wording
from bihuan.base.notices.models import Outbox
from bihuan.base.notices.states import Reason

TIMEOUT_SECONDS = 20
SIGN_IN = {401, 403}
LATER = {408, 425, 429}


class Sms:
    """A gateway; each message has a connection of its own."""

    def __init__(self) -> None:
        self._where = addresses.http(setup.setting("BIHUAN_SMS_URL"))
        self._template = json.loads(setup.setting("BIHUAN_SMS_BODY"))

    def send(self, message: Outbox) -> None:
        """Send it, or raise ``NotSent``."""
        user = message.user
        if user is None or not user.is_active or not user.phone:
            raise NotSent(Reason.NO_ADDRESS, final=True)
        values = {"phone": str(user.phone), "text": wording.short(message), "id": str(message.id)}
        body = json.dumps(filled(self._template, values), ensure_ascii=False).encode()
        _judge(self._post(body, str(message.id)))

    def _post(self, body: bytes, number: str) -> int:
        where = self._where
        maker = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        connection = maker(where.hostname or "", where.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.connect()
        except OSError:
            raise NotSent(Reason.UNREACHABLE, down=True) from None
        path = (where.path or "/") + (f"?{where.query}" if where.query else "")
        try:
            connection.request("POST", path, body, self._headers(number))
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            # It may have been taken all the same, and a gateway need not know our id.
            raise NotSent(Reason.LEFT_OPEN, final=True) from None
        finally:
            connection.close()

    def _headers(self, number: str) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": number}
        if self._where.username:
            pair = f"{unquote(self._where.username)}:{unquote(self._where.password or '')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return headers

    def close(self) -> None:
        """Nothing is kept open."""


def filled(template: Any, values: dict[str, str]) -> Any:
    """The template with its placeholders filled, at any depth."""
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if isinstance(template, str):
        return _in_text(template, values)
    return template


def _in_text(template: str, values: dict[str, str]) -> str:
    parts = template.split("{")
    text = parts[0]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        text += values[name] + rest if closed and name in values else "{" + part
    return text


def _judge(status: int) -> None:
    answer = f"HTTP {status}"
    if status in SIGN_IN:
        raise NotSent(Reason.SIGN_IN, answer, down=True)
    if status in LATER or status >= 500:
        raise NotSent(Reason.REFUSED_FOR_NOW, answer)
    if not 200 <= status < 300:
        raise NotSent(Reason.REFUSED, answer, final=True)
