"""`make up`, as a user has it: pages to log in to, records that appear by themselves, nothing left at the end."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from lxml import etree

from nexuslims_core.db.database import Database
from nexuslims_core.demo.airflow import DAG
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.states import RecordStatus

if TYPE_CHECKING:
    from tests.nexuslims_core.demo.conftest import Running

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow, pytest.mark.long]

LIMIT_S = 600
SETTLED_S = 11
READY = "Ctrl-C stops everything that this command started."
Start = Callable[[str, Path], "Running"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a blank in its name; what one test leaves in it, the next one finds."""
    return tmp_path_factory.mktemp("up") / "my demo"


class Pages:
    """Airflow's interface, for the one user whose login was printed."""

    def __init__(self, said: str) -> None:
        found = re.search(r"^Airflow  (\S+)  user (\S+), password (\S+)$", said, re.MULTILINE)
        assert found is not None, said
        self.url, self.user, self.password = found.groups()
        self.token = self.login(self.password).json()["access_token"]

    def login(self, password: str) -> requests.Response:
        login = {"username": self.user, "password": password}
        return requests.post(f"{self.url}/auth/token", json=login, timeout=60)

    def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        reply = requests.get(f"{self.url}/api/v2/{path}", headers=self._signed, timeout=60)
        reply.raise_for_status()
        return reply.json()

    def trigger(self) -> None:
        """Press the button of that name."""
        asked = {"logical_date": None}
        reply = requests.post(f"{self.url}/api/v2/dags/{DAG}/dagRuns", json=asked, headers=self._signed, timeout=60)
        reply.raise_for_status()

    def instances(self, task: str) -> list[dict[str, Any]]:
        """Return the instances of one task in all runs."""
        found: list[dict[str, Any]] = self.get(f"dags/{DAG}/dagRuns/~/taskInstances?limit=500")["task_instances"]
        return [each for each in found if each["task_id"] == task]

    def link(self, upload: dict[str, Any]) -> str:
        """Return where the link of an upload leads to."""
        instance = f"dagRuns/{upload['dag_run_id']}/taskInstances/{upload['task_id']}"
        return str(self.get(f"dags/{DAG}/{instance}/links?map_index={upload['map_index']}")["extra_links"]["Record"])

    @property
    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def wait_until_built(database: Database, session_identifier: str | None = None) -> dict[str, RecordStatus]:
    """Wait until no session waits, and return where each stands."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        statuses = {each.session_identifier: each.status for each in database.sessions()}
        waiting = [session_identifier] if session_identifier else list(statuses)
        if all(statuses[each] is not RecordStatus.TO_BE_BUILT for each in waiting):
            return statuses
        time.sleep(1)
    pytest.fail(f"still waiting after {LIMIT_S} s: {statuses}")


def type_in(said: str, folder: Path, file: Path) -> str:
    """Do what the printed lines say, with a file of ours, and return the session's id."""
    lines = said.splitlines()
    where, begin, copy, end = lines[next(i for i, line in enumerate(lines) if line.startswith("  cd ")) :][:4]

    def shell(command: str) -> str:
        environment = {"PATH": os.environ["PATH"], "USER": "zoe", "HOME": str(folder)}
        script = f"{where} && {command}"
        return subprocess.run(
            ["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    identifier = shell(begin)
    shell(copy.replace("YOUR-FILES", f"'{file}'"))
    time.sleep(1)  # a session that a person ends has lasted for a while
    shell(end.replace(" ID", f" {identifier}"))
    return identifier


def shown_previews(url: str) -> list[str]:
    """Return what a browser gets for each preview on a page of CDCS."""
    page = etree.HTML(requests.get(url, timeout=60).content)
    sources = [str(image.get("src")) for image in page.iterfind(".//img")]
    return [requests.get(source, timeout=60).headers["Content-Type"] for source in sources]


def is_listening(url: str) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was seen while `make up` ran, and what was left when it had ended.

    Attributes
    ----------
    built
        Where each session of the facility stood that nobody had asked for.
    added
        The session that was added with the printed commands, once it was built.
    links, urls
        Where Airflow's pages lead to, and where the records are.
    names
        The names of the sessions in Airflow's grid.
    previews
        What a browser gets for each preview on the page of the added record in CDCS.
    """

    built: list[RecordStatus]
    added: SessionSummary
    links: set[str]
    urls: set[str | None]
    names: set[str]
    previews: list[str]
    guessed_login: int
    second_command: tuple[int, str]
    code: int
    left: list[str]
    still_served: bool


@pytest.fixture(scope="module")
def day(start: Start, folder: Path) -> Day:
    """Start, log in, let the schedule build, add a session, look round, press Ctrl-C."""
    up = start("up", folder)
    said = up.wait_for(READY)
    pages = Pages(said)
    database = Database.open(f"sqlite:///{folder / 'data' / 'nexuslims.sqlite'}")
    built = wait_until_built(database)
    added = type_in(said, folder, folder / "filestore" / "Quanta" / "ben" / "316L" / "fracture 1.tif")
    time.sleep(SETTLED_S)
    pages.trigger()
    wait_until_built(database, added)
    uploads = [each for each in pages.instances("session.upload_record") if each["state"] == "success"]
    seen = {
        "built": sorted(built.values()),
        "added": database.summary(added),
        "links": {pages.link(upload) for upload in uploads},
        "urls": {each.url for each in database.sessions() if each.url},
        "names": {str(each["rendered_map_index"]) for each in pages.instances("session.claim")},
        "previews": shown_previews(str(database.summary(added).url)),
        "guessed_login": pages.login("guessed").status_code,
    }
    second = start("up", folder)
    second_command = (second.process.wait(60), second.said())
    code = up.stop()
    left, still_served = up.processes(), is_listening(pages.url)
    return Day(**seen, second_command=second_command, code=code, left=left, still_served=still_served)


def test_the_sessions_that_wait_are_built_by_the_schedule(day: Day) -> None:
    assert day.built == ["COMPLETED", "COMPLETED", "COMPLETED", "NO_FILES_FOUND"]


def test_a_session_that_is_added_with_the_printed_commands_is_built_too(day: Day) -> None:
    assert day.added.status is RecordStatus.COMPLETED
    assert day.added.user == "zoe"


def test_the_grid_names_sessions_for_people(day: Day) -> None:
    assert "FEI Titan TEM 2019-11-13 09:45 (ada)" in day.names


def test_the_pages_of_airflow_lead_to_each_record(day: Day) -> None:
    assert len(day.links) == 4
    assert day.links == day.urls


def test_the_page_of_a_record_in_cdcs_shows_its_preview(day: Day) -> None:
    assert day.previews == ["image/png"]


def test_nobody_gets_in_with_another_password(day: Day) -> None:
    assert day.guessed_login == 401


def test_a_second_command_on_the_folder_is_refused(day: Day) -> None:
    code, said = day.second_command

    assert code == 1
    assert "another `make demo` or `make up` uses" in said


def test_ctrl_c_ends_well_and_leaves_nothing_behind(day: Day) -> None:
    assert day.code == 0
    assert day.left == []
    assert not day.still_served


@pytest.fixture
def ports_in_use() -> Iterator[set[int]]:
    """The ports that `make up` wants, held by somebody."""
    held = []
    for port in (8080, 8000, 8090):
        with suppress(OSError):  # somebody else holds it already
            held.append(socket.create_server(("127.0.0.1", port)))
    yield {8080, 8000, 8090}
    for listener in held:
        listener.close()


def test_starts_again_beside_others_and_tells_which_part_ended(
    start: Start, folder: Path, ports_in_use: set[int]
) -> None:
    up = start("up", folder)
    said = up.wait_for(READY)
    ports = {int(port) for port in re.findall(r"^\w+ +http://127\.0\.0\.1:(\d+)", said, re.MULTILINE)}
    (scheduler,) = (pid for pid in _pids("airflow scheduler") if _belongs(pid, folder))

    os.kill(scheduler, signal.SIGKILL)
    code = up.process.wait(LIMIT_S)

    assert ports.isdisjoint(ports_in_use)
    assert code == 1
    assert "`airflow scheduler` ended by itself (-9)" in up.said()
    assert up.processes() == []


def _pids(command: str) -> list[int]:
    """Return the processes that run a command of Airflow and lead their session."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if command in words and os.getsid(int(entry.name)) == int(entry.name):
            found.append(int(entry.name))
    return found


def _belongs(pid: int, folder: Path) -> bool:
    return os.fsencode(f"AIRFLOW_HOME={folder / 'airflow'}") in Path(f"/proc/{pid}/environ").read_bytes()
