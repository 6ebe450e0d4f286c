"""A reverse proxy that fails on purpose: a fault is what it does to one request; all others are passed on."""

import http.client
import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

HOLD_LIMIT_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    location: str = ""


class Exchange(BaseHTTPRequestHandler):
    """One request on its way through."""

    server: "_Server"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _handle(self) -> None:
        proxy = self.server.proxy
        self.asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        proxy.seen.append((self.command, path))
        faults = proxy.faults[self.command, path]
        fault = faults.pop(0) if faults else pass_on
        fault(self)

    do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 - the names that http.server calls

    def forward(self) -> Reply:
        """Let the server behind do what was asked, and return its answer."""
        upstream = http.client.HTTPConnection(self.server.proxy.upstream, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name not in {"Connection", "Accept-Encoding"}}
        try:
            upstream.request(self.command, self.path, self.asked, headers)
            reply = upstream.getresponse()
            return Reply(status=reply.status, body=reply.read(), kind=reply.headers.get("Content-Type", ""))
        finally:
            upstream.close()

    def answer(self, reply: Reply, *, cut_after: int | None = None) -> None:
        """Send an answer, or only its first bytes."""
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.location:
            self.send_header("Location", reply.location)
        self.end_headers()
        self.wfile.write(reply.body[:cut_after])

    def cut(self) -> None:
        """Close the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def hold(self) -> None:
        """Stay silent until the test is over."""
        self.server.proxy.over.wait(HOLD_LIMIT_S)


Fault = Callable[[Exchange], None]


def pass_on(exchange: Exchange) -> None:
    exchange.answer(exchange.forward())


def answer(reply: Reply) -> Fault:
    """Answer this, and let nothing through."""
    return lambda exchange: exchange.answer(reply)


def lose_answer_with_504(exchange: Exchange) -> None:
    exchange.forward()
    exchange.answer(Reply(status=504, body=b"<html>Gateway Time-out</html>", kind="text/html"))


def lose_answer_by_cut(exchange: Exchange) -> None:
    exchange.forward()
    exchange.cut()


def lose_answer_in_the_middle(exchange: Exchange) -> None:
    exchange.answer(exchange.forward(), cut_after=20)


def lose_answer_in_silence(exchange: Exchange) -> None:
    exchange.forward()
    exchange.hold()


def cut_before_storing(exchange: Exchange) -> None:
    exchange.cut()


def answer_504_and_store_later(go: threading.Event, stored: threading.Event) -> Fault:
    """Answer 504 at once; what was asked is done only after ``go``, and ``stored`` says that it was."""

    def fault(exchange: Exchange) -> None:
        def later() -> None:
            go.wait(HOLD_LIMIT_S)
            exchange.forward()
            stored.set()

        threading.Thread(target=later, daemon=True).start()
        exchange.answer(Reply(status=504, body=b"", kind="text/html"))

    return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: "FaultyProxy"

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that leave early are what this proxy is for."""


class FaultyProxy:
    """Runs between ``__enter__`` and ``__exit__`` on a free port of 127.0.0.1.

    ``faults["POST", "/rest/data/"]`` lists what happens to the next such requests, ``seen`` what was asked.
    """

    def __init__(self, upstream_url: str) -> None:
        self.upstream = urlsplit(upstream_url).netloc
        self.faults: defaultdict[tuple[str, str], list[Fault]] = defaultdict(list)
        self.seen: list[tuple[str, str]] = []
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Exchange)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
