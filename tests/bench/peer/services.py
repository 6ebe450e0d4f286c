"""The calendar and the record server that the peer cannot do without, as small as it accepts them: NEMO and CDCS.

They answer at once, in a thread of the measuring process, whose CPU time is not counted. That favours the peer.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

TOOL = 1
_USER = {"id": 1, "username": "ada", "first_name": "Ada", "last_name": "Bench", "email": "ada@example.org"}
_ANSWERS = {"title": "user_input", "type": "textbox"}
_QUESTIONS = {
    "project_id": "bench",
    "experiment_title": "Thirty-nine files",
    "experiment_purpose": "To measure",
    "data_consent": "Agree",
}


def _reservation(begun: str, ended: str) -> dict[str, Any]:
    told = {name: {**_ANSWERS, "user_input": answer} for name, answer in _QUESTIONS.items()}
    sample = {"sample_name": "gold", "sample_or_pid": "Sample Name", "sample_details": "on carbon"}
    told["sample_group"] = {"type": "group", "user_input": {"0": sample}}
    people = {"user": 1, "creator": 1, "project": 1, "tool": TOOL, "cancelled_by": None}
    return {"id": 1, "start": begun, "end": ended, "creation_time": begun, "question_data": told, **people}


@contextmanager
def nemo_and_cdcs(begun: str, ended: str) -> Iterator[str]:
    """Serve both, with one reservation between two ISO 8601 times, and give the address that they are below."""
    nothing: list[object] = []
    known: dict[str, object] = {
        "/api/": {},
        "/api/tools/": [{"id": TOOL, "name": "Bench STEM"}],
        "/api/users/": [_USER],
        "/api/projects/": [{"id": 1, "name": "Bench", "application_identifier": "bench"}],
        "/api/reservations/": [_reservation(begun, ended)],
        "/api/usage_events/": nothing,
        "/rest/workspace/read_access/": [{"id": 1, "title": "Global Public Workspace"}],
        "/rest/template-version-manager/global/": [{"id": 1, "current": "1"}],
        "/rest/data/": {"id": "1"},
        "/rest/data/1/assign/1": {},
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = known.get(urlsplit(self.path).path)
            body = json.dumps(answer).encode()
            created = self.command == "POST"
            self.send_response(404 if answer is None else 201 if created else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
