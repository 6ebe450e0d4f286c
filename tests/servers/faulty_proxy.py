"""A reverse proxy that fails on purpose: a fault is what it does to one request; all others are passed on.

The server behind it is the real one: whatever a fault does to the client, it has done what reached it.
"""

import http.client
import json
import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from nexuslims_core.testing.servers.thread import ServerThread

HOLD_LIMIT_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    location: str = ""
    retry_after: str = ""


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

    def forward_half(self) -> None:
        """Let the server behind see half of what was asked, and the end of the connection."""
        host, port = self.server.proxy.upstream.split(":")
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items() if name != "Connection")
        whole = f"{self.command} {self.path} HTTP/1.1\r\n{head}\r\n".encode() + self.asked
        with socket.create_connection((host, int(port)), timeout=60) as upstream:
            upstream.sendall(whole[: len(whole) - len(self.asked) // 2 - 1])

    def answer(self, reply: Reply, *, cut_after: int | None = None) -> None:
        """Send an answer, or only the first bytes of its body."""
        self._head(reply)
        self.end_headers()
        self.wfile.write(reply.body[:cut_after])

    def drip(self, reply: Reply, pause_s: float) -> None:
        """Send an answer's body byte by byte, until it is whole or the client has left."""
        self.answer(reply, cut_after=0)
        for byte in reply.body:
            self._wait(pause_s)
            self.wfile.write(bytes([byte]))

    def drip_head(self, reply: Reply, pause_s: float) -> None:
        """Send an answer's first line and then a header that does not end, until the client has left."""
        self.send_response(reply.status)
        self.flush_headers()
        self.wfile.write(b"X-Slow: ")
        while True:
            self._wait(pause_s)
            self.wfile.write(b"x")

    def _wait(self, pause_s: float) -> None:
        if self.server.proxy.over.wait(pause_s):
            raise ConnectionAbortedError("the test is over")

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.location:
            self.send_header("Location", reply.location)
        if reply.retry_after:
            self.send_header("Retry-After", reply.retry_after)

    def cut(self) -> None:
        """Close the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Let the connection end as that of a machine that crashed does: the client gets a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def kill_client(self) -> None:
        """Have the client's process killed."""
        self.server.proxy.kill()

    def hold(self) -> None:
        """Stay silent until the test is over."""
        self.server.proxy.over.wait(HOLD_LIMIT_S)


Fault = Callable[[Exchange], None]
BUSY = Reply(status=503, body=b"<html>busy</html>", kind="text/html")
TOO_MANY = Reply(status=429, body=b'{"detail": "Request was throttled."}', retry_after="1")
BAD_GATEWAY = Reply(status=502, body=b"<html>Bad Gateway</html>", kind="text/html")
TIME_OUT = Reply(status=504, body=b"<html>Gateway Time-out</html>", kind="text/html")
CRASH = Reply(status=500, body=b"<h1>Server Error (500)</h1>", kind="text/html")
LOCKED = Reply(status=500, body=b'{"message": "database is locked"}')
DRIP_S = 0.05


def pass_on(exchange: Exchange) -> None:
    exchange.answer(exchange.forward())


def answer(reply: Reply) -> Fault:
    """Answer this, and let nothing through."""
    return lambda exchange: exchange.answer(reply)


def lose_answer_with(reply: Reply) -> Fault:
    """Let it be done, and answer this instead."""

    def fault(exchange: Exchange) -> None:
        exchange.forward()
        exchange.answer(reply)

    return fault


lose_answer_with_504 = lose_answer_with(TIME_OUT)


def lose_answer_by_cut(exchange: Exchange) -> None:
    exchange.forward()
    exchange.cut()


def lose_answer_by_reset(exchange: Exchange) -> None:
    exchange.forward()
    exchange.reset()


def lose_answer_in_the_middle(exchange: Exchange) -> None:
    exchange.answer(exchange.forward(), cut_after=20)


def lose_answer_in_silence(exchange: Exchange) -> None:
    exchange.forward()
    exchange.hold()


def lose_answer_in_drips(exchange: Exchange) -> None:
    exchange.drip(exchange.forward(), DRIP_S)


def lose_answer_in_its_head(exchange: Exchange) -> None:
    exchange.drip_head(exchange.forward(), DRIP_S)


def stay_silent(exchange: Exchange) -> None:
    exchange.hold()


def cut_before_storing(exchange: Exchange) -> None:
    exchange.cut()


def reset_before_storing(exchange: Exchange) -> None:
    exchange.reset()


def lose_half_of_the_request(exchange: Exchange) -> None:
    exchange.forward_half()
    exchange.cut()


def kill_before_storing(exchange: Exchange) -> None:
    exchange.kill_client()
    exchange.cut()


def kill_in_the_request(exchange: Exchange) -> None:
    exchange.kill_client()
    exchange.forward_half()
    exchange.cut()


def kill_after_storing(exchange: Exchange) -> None:
    exchange.forward()
    exchange.kill_client()
    exchange.cut()


NETWORK_FAULTS: dict[str, Fault] = {
    "time-out, not stored": stay_silent,
    "time-out, stored": lose_answer_in_silence,
    "reset, not stored": reset_before_storing,
    "reset, stored": lose_answer_by_reset,
    "cut, not stored": cut_before_storing,
    "cut, stored": lose_answer_by_cut,
    "half the request arrives": lose_half_of_the_request,
    "half an answer": lose_answer_in_the_middle,
    "slow drip of the answer": lose_answer_in_drips,
    "slow drip of its head": lose_answer_in_its_head,
    "502, not stored": answer(BAD_GATEWAY),
    "502, stored": lose_answer_with(BAD_GATEWAY),
    "504, not stored": answer(TIME_OUT),
    "504, stored": lose_answer_with(TIME_OUT),
    "500 of the proxy, stored": lose_answer_with(CRASH),
    "500, database is locked": answer(LOCKED),
    "429, wait a second": answer(TOO_MANY),
    "503, busy": answer(BUSY),
}
"""What passes: the client is alive afterwards, and need not be told."""

KILLS: dict[str, Fault] = {
    "killed before the request": kill_before_storing,
    "killed in the request": kill_in_the_request,
    "killed after the request": kill_after_storing,
}


def rewritten(change: Callable[[list[Any]], list[Any]]) -> Fault:
    """Answer what the server behind answers, a list, with a change to it."""

    def fault(exchange: Exchange) -> None:
        reply = exchange.forward()
        found = json.loads(reply.body)
        changed = change(found) if isinstance(found, list) else found
        exchange.answer(replace(reply, body=json.dumps(changed).encode()))

    return fault


TEMPLATE_FAULTS: dict[str, Fault] = {
    "template missing": rewritten(lambda _: []),
    "several templates": rewritten(lambda found: [*found, *({**each, "title": "another"} for each in found)]),
}
"""What a CDCS says of its templates that an administrator changes, or changed by mistake."""


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


def _nobody() -> None:
    raise AssertionError("this proxy was not told whom to kill")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: "FaultyProxy"

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that leave early are what this proxy is for."""


class FaultyProxy:
    """Runs between ``__enter__`` and ``__exit__`` on a free port of 127.0.0.1.

    ``faults["POST", "/rest/data/"]`` lists what happens to the next such requests, ``seen`` what was asked. ``kill`` is
    what kills the client, ``client`` the number of its process. With ``tls`` it speaks HTTPS.
    """

    def __init__(self, upstream_url: str, tls: ssl.SSLContext | None = None) -> None:
        self.upstream = urlsplit(upstream_url).netloc
        self.faults: defaultdict[tuple[str, str], list[Fault]] = defaultdict(list)
        self.seen: list[tuple[str, str]] = []
        self.over = threading.Event()
        self.kill: Callable[[], None] = _nobody
        self.client = 0
        self._scheme = "https" if tls else "http"
        self._server = _Server(("127.0.0.1", 0), Exchange)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.proxy = self
        self._thread = ServerThread(self._server)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._thread.stop()
