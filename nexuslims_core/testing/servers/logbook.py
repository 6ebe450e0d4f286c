"""What a logger meets at the facility, without Airflow: a login, and two calls that write sessions down.

The same contract tests run against it and against the plugin in a real Airflow. Left out: roles, cookies, a database.
"""

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from typing_extensions import override

from nexuslims_core.sessions.clocks import CLOCKS_DIFFER, by_the_clock
from nexuslims_core.testing.servers.thread import ServerThread

Answer = tuple[int, Mapping[str, object]]


@dataclass(kw_only=True)
class WrittenSession:
    """One session as the server has it."""

    instrument: str
    user: str | None
    start: datetime
    end: datetime | None = None


@dataclass(kw_only=True)
class LogbookServer:
    """Runs between ``__enter__`` and ``__exit__`` on a port of 127.0.0.1.

    Attributes
    ----------
    instruments
        Persistent id to the IANA name of the zone of its clock.
    user, password
        The one account.
    port
        0 takes a free one.
    sessions
        What was written down, by id; may be looked at and changed while it runs.
    """

    instruments: Mapping[str, str]
    user: str = "logger"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    port: int = 0
    sessions: dict[str, WrittenSession] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self._one_at_a_time = threading.Lock()

    @property
    def url(self) -> str:
        """Its address, as that of an Airflow."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self.port), _Exchange)
        self._server.logbook = self
        self.port = self._server.server_port
        self._thread = ServerThread(self._server)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.stop()

    def answer(self, path: str, token: str | None, body: bytes) -> Answer:
        """Return the status and the document of the answer to one call."""
        asked = json.loads(body)
        if path == "/auth/token":
            return self._login(asked)
        if token != f"Bearer {self.token}":
            return _error(401, "NotLoggedInError", "log in first")
        with self._one_at_a_time:
            if path == "/nexuslims/api/sessions/start":
                return self._start(**asked)
            if path == "/nexuslims/api/sessions/end":
                return self._end(**asked)
        return 404, {"detail": "Not Found"}

    def _login(self, asked: Mapping[str, str]) -> Answer:
        if (asked.get("username"), asked.get("password")) != (self.user, self.password):
            return 401, {"detail": "Invalid credentials"}
        return 201, {"access_token": self.token}

    def _start(
        self,
        id: str,  # noqa: A002 - as it travels
        instrument: str,
        user: str | None,
        at: str | None = None,
        called_at: str | None = None,
    ) -> Answer:
        if not id.strip():
            return _error(422, "UnusableBodyError", "id: it must be one line of readable text")
        if instrument not in self.instruments:
            return _error(404, "UnknownInstrumentError", f"no instrument {instrument!r}")
        known = self.sessions.get(id)
        written = known.start if known and known.end is None else None
        start = self._moment(at, instrument) or written or self._moment(called_at, instrument) or datetime.now(UTC)
        if known is None and start > datetime.now(UTC) + CLOCKS_DIFFER:
            return _error(409, "SessionStateError", f"session {id} cannot start at {start}, which is still to come")
        said = WrittenSession(instrument=instrument, user=user, start=start, end=known.end if known else None)
        if known not in (None, said):
            return _error(409, "SessionStateError", f"session {id} is in the logbook already")
        self.sessions[id] = said
        document = {"session": id, "instrument": instrument, "user": user, "start": start.isoformat()}
        return 200, document | {"status": "WAITING_FOR_END"}

    def _end(self, id: str, at: str | None = None, called_at: str | None = None) -> Answer:  # noqa: A002 - as above
        known = self.sessions.get(id)
        if known is None:
            return _error(404, "UnknownSessionError", f"no session {id!r}")
        began, pid = known.start, known.instrument
        end = self._moment(at, pid, began) or known.end or self._moment(called_at, pid, began) or datetime.now(UTC)
        if known.end not in (None, end):
            return _error(409, "SessionStateError", f"session {id} has ended already")
        if end <= known.start:
            return _error(409, "SessionStateError", f"session {id} cannot end before it started")
        if known.end is None and end > datetime.now(UTC) + CLOCKS_DIFFER:
            return _error(409, "SessionStateError", f"session {id} cannot end at {end}, which is still to come")
        known.end = end
        document = {"session": id, "status": "TO_BE_BUILT", "start": known.start.isoformat()}
        return 200, document | {"end": end.isoformat()}

    def _moment(self, text: str | None, instrument: str, after: datetime | None = None) -> datetime | None:
        if text is None:
            return None
        zone = ZoneInfo(self.instruments[instrument])
        return by_the_clock(datetime.fromisoformat(text), zone, after=after).astimezone(UTC)


def _error(status: int, kind: str, sentence: str) -> Answer:
    return status, {"error": {"type": kind, "sentence": sentence}}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    logbook: LogbookServer

    @override
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that leave early."""


class _Exchange(BaseHTTPRequestHandler):
    server: _Server

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, document = self.server.logbook.answer(self.path, self.headers.get("Authorization"), body)
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
