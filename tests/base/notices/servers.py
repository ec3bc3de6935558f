"""Real servers on this machine for messages to go to: SMTP and HTTP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Mailbox:
    """Keeps what it took; ``before`` and ``after`` are called with the number of messages taken so far."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuse: dict[str, str] = {}
        self.before: Callable[[int], Any] = lambda taken: None
        self.after: Callable[[int], Any] = lambda taken: None
        self.leaving: Callable[[int], Any] = lambda taken: None

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802
        self.before(len(self.mails))
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.after(len(self.mails))
        return "250 taken"

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        self.leaving(len(self.mails))
        return "221 Bye"

    @property
    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.mails]

    @property
    def receivers(self) -> list[str]:
        return [mail["To"] for mail in self.mails]


@contextmanager
def smtp(mailbox: Mailbox, port: int = 0) -> Iterator[str]:
    """A mail server in front of the mailbox; gives its address."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


class Gateway:
    """Keeps what was posted to it; ``answers`` are given in turn, then 200. ``hang_up`` gives none at all."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.headers: list[Any] = []
        self.answers: list[int] = []
        self.hang_up = False


@contextmanager
def http(gateway: Gateway) -> Iterator[str]:
    """An HTTP server in front of the gateway; gives its host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.bodies.append(json.loads(body))
            gateway.headers.append(dict(self.headers))
            if gateway.hang_up:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(gateway.answers.pop(0) if gateway.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
