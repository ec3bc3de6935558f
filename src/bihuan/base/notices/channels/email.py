"""E-mail by SMTP."""

from __future__ import annotations

import smtplib
import ssl

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from bihuan.base.notices import addresses, setup
from bihuan.base.notices.channels import NotSent, wording
from bihuan.base.notices.models import Outbox
from bihuan.base.notices.states import Reason

TIMEOUT_SECONDS = 30
PERMANENT = 500


class Email:
    """One connection to the mail server."""

    def __init__(self) -> None:
        where = addresses.smtp(setup.setting("BIHUAN_SMTP_URL"))
        self._sender = setup.setting("BIHUAN_MAIL_FROM") or f"bihuan@{where.host}"
        self._server = EmailBackend(
            host=where.host,
            port=where.port,
            username=where.user,
            password=where.password,
            use_tls=where.starttls,
            use_ssl=where.tls,
            timeout=TIMEOUT_SECONDS,
        )

    def send(self, message: Outbox) -> None:
        """Send it, or raise ``NotSent``."""
        user = message.user
        if user is None or not user.is_active or not user.email:
            raise NotSent(Reason.NO_ADDRESS, final=True)
        self._open()
        mail = EmailMessage(
            subject=message.title,
            body=wording.long(message),
            from_email=self._sender,
            to=[user.email],
            headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        )
        try:
            self._server.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            raise _answered(*next(iter(error.recipients.values()))) from None
        except smtplib.SMTPSenderRefused as error:  # our own address: the others would fare no better
            raise NotSent(Reason.REFUSED_FOR_NOW, _text(error.smtp_error), down=True) from None
        except smtplib.SMTPResponseException as error:
            raise _answered(error.smtp_code, error.smtp_error) from None
        except ValueError as error:  # an address with a line break, a host name that cannot be
            raise NotSent(Reason.REFUSED, addresses.without_addresses(str(error)), final=True) from None
        except (smtplib.SMTPException, OSError):
            self.close()
            raise NotSent(Reason.UNREACHABLE, down=True) from None

    def _open(self) -> None:
        try:
            self._server.open()
        except smtplib.SMTPAuthenticationError as error:
            self.close()
            raise NotSent(Reason.SIGN_IN, _text(error.smtp_error), down=True) from None
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise NotSent(Reason.UNREACHABLE, error.verify_message, down=True) from None
        except (smtplib.SMTPException, OSError):
            self.close()
            raise NotSent(Reason.UNREACHABLE, down=True) from None

    def close(self) -> None:
        """Take leave of the server, however it fares."""
        try:
            self._server.close()
        except (smtplib.SMTPException, OSError):
            self._server.connection = None


def _answered(code: int, words: bytes | str) -> NotSent:
    """What the server's answer means: 4xx not now, 5xx never."""
    answer = f"{code} {_text(words)}"
    if code >= PERMANENT:
        return NotSent(Reason.REFUSED, answer, final=True)
    return NotSent(Reason.REFUSED_FOR_NOW, answer)


def _text(words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return addresses.without_addresses(text)
