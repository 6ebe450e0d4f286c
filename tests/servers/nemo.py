"""Fixtures that give a test a real NEMO: installed and prepared once per checkout, started once per run."""

import fcntl
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from nexuslims_core.testing.servers import nemo as package
from nexuslims_core.testing.servers.nemo import NemoServer
from nexuslims_core.testing.servers.nemo.installing import REQUIREMENTS, make_venv

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "nemo"


@pytest.fixture(scope="session")
def nemo_python() -> Path:
    """The Python of an environment in which NEMO is installed."""
    return make_venv(CACHE, lambda _: None)


@pytest.fixture(scope="session")
def prepared_nemo_home(nemo_python: Path) -> Path:
    """The home of a NEMO that was started and stopped, with its first contents; copy it."""
    inside = sorted((Path(package.__file__).parent / "inside").glob("*.py"))
    made_from = b"".join(path.read_bytes() for path in (REQUIREMENTS, *inside))
    prepared = CACHE / f"home-{hashlib.sha256(made_from).hexdigest()[:16]}"
    with (CACHE / "home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not prepared.exists():
            for old in CACHE.glob("home-*"):
                shutil.rmtree(old)
            draft = CACHE / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            NemoServer(home=draft, python=nemo_python).prepare()
            draft.rename(prepared)
    return prepared


@pytest.fixture(scope="session")
def nemo(nemo_python: Path, prepared_nemo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NemoServer]:
    """A NEMO in New York that runs; what happens in it outlives a test, so every test takes a tool of its own."""
    home = shutil.copytree(prepared_nemo_home, tmp_path_factory.mktemp("nemo") / "home")
    with NemoServer(home=home, python=nemo_python) as server:
        yield server


@dataclass(frozen=True, slots=True, kw_only=True)
class NemoTool:
    """A tool of a NEMO that belongs to one test, and what people and their administrator do with it."""

    server: NemoServer
    number: int

    @property
    def api_url(self) -> str:
        return f"{self.server.api}tools/?id={self.number}"

    def session(self, event: int) -> str:
        """Return the identifier of the session that an event is."""
        return f"{self.server.api}usage_events/?id={event}"

    def used(self, start: datetime, end: datetime | None = None, *, user: str = "ada", **more: object) -> int:
        """Switch it on, and off again where an end is given; return the event's number."""
        person = self._person(user)
        event = {"user": person, "operator": person, "project": 1, "tool": self.number, **more}
        times = {"start": start.isoformat(), "end": end.isoformat() if end else None}
        return int(self._asked("POST", "usage_events/", event | times)["id"])

    def ended(self, event: int, end: datetime) -> None:
        """Switch it off."""
        self.changed(event, end=end.isoformat())

    def changed(self, event: int, **values: object) -> None:
        """Correct an event afterwards, as administrators do."""
        if isinstance(values.get("user"), str):
            values["user"] = self._person(str(values["user"]))
        self._asked("PATCH", f"usage_events/{event}/", values)

    def deleted(self, event: int) -> None:
        """Delete an event."""
        self._asked("DELETE", f"usage_events/{event}/")

    def booked(
        self, start: datetime, end: datetime, *, user: str = "ada", question_data: object = None, **more: object
    ) -> int:
        """Book it, and answer the site's questions; return the reservation's number."""
        person = self._person(user)
        said = {"user": person, "creator": person, "project": 1, "tool": self.number, "short_notice": False, **more}
        times = {"start": start.isoformat(), "end": end.isoformat()}
        number = int(self._asked("POST", "reservations/", said | times)["id"])
        if question_data is not None:
            self._answered(number, json.dumps(question_data, indent="\t"))
        return number

    def cancelled(self, reservation: int) -> None:
        """Cancel a reservation, as its user does."""
        self.rebooked(reservation, cancelled=True)

    def rebooked(self, reservation: int, **values: object) -> None:
        """Change a reservation as NEMO or an administrator does."""
        self._asked("PATCH", f"reservations/{reservation}/", values)

    def _answered(self, reservation: int, form: str) -> None:
        """Keep answers where NEMO's own pages keep them: its REST interface takes none."""
        with closing(sqlite3.connect(self.server.home / "nemo.sqlite3", timeout=20)) as base, base:
            base.execute("UPDATE NEMO_reservation SET question_data = ? WHERE id = ?", (form, reservation))

    def _person(self, username: str) -> int:
        return int(self._asked("GET", f"users/?username={username}")[0]["id"])

    def _asked(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - any JSON
        return ask_as_administrator(self.server, method, path, document)


def ask_as_administrator(server: NemoServer, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - any JSON
    """Let NEMO do something, and return its answer."""
    signed = {"Authorization": f"Token {server.access.admin_token}"}
    reply = requests.request(method, f"{server.api}{path}", json=document, headers=signed, timeout=30)
    assert reply.ok, reply.text
    return reply.json() if reply.content else None


@pytest.fixture
def new_nemo_tool(nemo: NemoServer) -> Callable[[], NemoTool]:
    """Bring another tool into NEMO."""

    def bring() -> NemoTool:
        named = {"name": f"Tool {uuid4().hex}", "_category": "TEM", "_location": "here", "_serial": "1"}
        owned = {"_phone_number": "1", "_primary_owner": 1}
        return NemoTool(server=nemo, number=ask_as_administrator(nemo, "POST", "tools/", named | owned)["id"])

    return bring


@pytest.fixture
def nemo_tool(new_nemo_tool: Callable[[], NemoTool]) -> NemoTool:
    """A tool that nobody has used."""
    return new_nemo_tool()
