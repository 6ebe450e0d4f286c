"""A web server on 127.0.0.1 that behaves badly in one chosen way, whatever it is asked."""

import gzip
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from typing_extensions import override

from nexuslims_core.testing.servers.thread import ServerThread

_PIECE = b" " * 2**20
_PAUSE_S = 0.05
_HOLD_LIMIT_S = 60
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 20) for n in range(1, 12))
    + b"]><b>&a11;</b>"
)
ENTITY = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><b>&a;</b>'
SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Password</form></body></html>"


class Exchange(BaseHTTPRequestHandler):
    """One request to the server, and the bad answer to it."""

    server: "_Server"

    def _handle(self) -> None:
        misbehaving = self.server.misbehaving
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        misbehaving.seen.append(f"{self.command} {self.path} {self.headers.get('Authorization', '')}".strip())
        self.close_connection = True
        misbehaving.fault(self)

    do_GET = do_POST = do_PROPFIND = do_REPORT = _handle  # noqa: N815 - the names that http.server calls

    @property
    def elsewhere(self) -> str:
        """Address of another server."""
        return self.server.misbehaving.elsewhere

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send an answer; underscores in the names of headers are hyphens."""
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.server.misbehaving.sent_bytes += len(body)

    def stream(self, piece: bytes, times: int, pause_s: float = 0) -> None:
        """Send a piece again and again until the client has left, or the test is over."""
        for _ in range(times):
            if pause_s:
                self.wait(pause_s)
            self.wfile.write(piece)
            self.server.misbehaving.sent_bytes += len(piece)

    def wait(self, pause_s: float = _HOLD_LIMIT_S) -> None:
        """Stay silent for a while, or until the test is over."""
        if self.server.misbehaving.over.wait(pause_s):
            raise ConnectionAbortedError("the test is over")

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    misbehaving: "MisbehavingServer"

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that leave early are what this server is for."""


Fault = Callable[[Exchange], None]


@dataclass(kw_only=True)
class MisbehavingServer:
    """Runs inside a ``with``.

    Attributes
    ----------
    fault
        What it does to every request.
    elsewhere
        Where it redirects to.
    seen
        What it was asked, with the credentials that were shown.
    sent_bytes
        How much it could send.
    over
        Ends all waiting.
    """

    fault: Fault
    elsewhere: str = ""
    seen: list[str] = field(default_factory=list)
    sent_bytes: int = 0
    over: threading.Event = field(default_factory=threading.Event, repr=False)

    def __post_init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), Exchange)
        self._server.misbehaving = self
        self._thread = ServerThread(self._server)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start."""
        if self.fault is packed:
            _bomb()  # takes a second
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.over.set()
        self._thread.stop()


def silent(exchange: Exchange) -> None:
    """Say nothing."""
    exchange.wait()


def dripping(exchange: Exchange) -> None:
    """Send the body byte by byte."""
    exchange.answer(200, Content_Length="100000")
    exchange.stream(b" ", 100_000, _PAUSE_S)


def dripping_head(exchange: Exchange) -> None:
    """Send a header that does not end."""
    exchange.send_response(200)
    exchange.flush_headers()
    exchange.wfile.write(b"X-Slow: ")
    exchange.stream(b"x", 100_000, _PAUSE_S)


def half(exchange: Exchange) -> None:
    """Break off in the middle."""
    exchange.answer(200, b"BEGIN:VCALENDAR\r\n", Content_Length="10000")


def huge(exchange: Exchange) -> None:
    """Send 200 MiB."""
    exchange.answer(200, Content_Length=str(200 * len(_PIECE)))
    exchange.stream(_PIECE, 200)


def packed(exchange: Exchange) -> None:
    """Send 200 MiB that are packed into 200 kB."""
    exchange.answer(200, _bomb(), Content_Encoding="gzip")


@cache
def _bomb() -> bytes:
    return gzip.compress(_PIECE * 200)


def redirecting(exchange: Exchange) -> None:
    """Lead to another server."""
    exchange.answer(302, Location=f"{exchange.elsewhere}/stolen")


def redirecting_nowhere(exchange: Exchange) -> None:
    """Lead to what is no address."""
    exchange.answer(302, Location="https://[")


def answering(status: int, body: bytes = b"", kind: str = "text/html") -> Fault:
    """Give one answer."""
    return lambda exchange: exchange.answer(status, body, Content_Type=kind)


FAULTS: Mapping[str, Fault] = {
    "stays silent": silent,
    "drips its answer": dripping,
    "drips its head": dripping_head,
    "breaks off in the middle": half,
    "500": answering(500, b"<h1>Server Error (500)</h1>"),
    "429": answering(429),
    "garbage": answering(200, bytes(range(256)) * 8, "application/octet-stream"),
    "nothing": answering(200),
    "a login page": answering(200, SIGN_IN),
    "200 MB": huge,
    "200 MB, packed": packed,
    "an XML bomb": answering(200, BOMB, "application/xml"),
    "an external entity": answering(200, ENTITY, "application/xml"),
    "a redirect to another host": redirecting,
    "a redirect to no address": redirecting_nowhere,
    "401": answering(401),
    "403": answering(403),
    "404": answering(404),
}
"""What it may do, beside refusing every connection."""
