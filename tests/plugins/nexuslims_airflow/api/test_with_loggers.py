"""What the loggers of instruments say, said to a real Airflow: by their client, and by the command itself."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.errors import AuthenticationError
from nexuslims_core.logger.client import AirflowLogbook
from nexuslims_core.sessions.states import RecordStatus
from tests.servers.faulty_proxy import FaultyProxy, lose_answer_by_cut
from tests.servers.logbook_contract import INSTRUMENT, LogbookContract, begins

if TYPE_CHECKING:
    from tests.plugins.nexuslims_airflow.conftest import Served

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]


def password_of(role: str) -> str:
    return f"password of {role}"


@pytest.fixture
def logbook(served: "Served") -> AirflowLogbook:
    return AirflowLogbook(url=served.url, user="user", password=password_of("user"), timeout_s=60)


class TestContract(LogbookContract):
    """The plugin keeps it as the server that stands in for it does."""


@pytest.mark.parametrize(("role", "password"), [("viewer", password_of("viewer")), ("user", "wrong")])
def test_who_may_not_write_hears_so(served: "Served", role: str, password: str) -> None:
    with pytest.raises(AuthenticationError):
        AirflowLogbook(url=served.url, user=role, password=password, timeout_s=60).write(begins())


def test_a_start_whose_answer_was_lost_is_written_once(served: "Served", logbook: AirflowLogbook) -> None:
    start = begins()
    with FaultyProxy(served.url) as proxy:
        proxy.faults["POST", "/nexuslims/api/sessions/start"] = [lose_answer_by_cut]
        logbook.url = proxy.url

        written = logbook.write(start)

    assert written.start == start.at
    assert served.database.summary(start.session).status is RecordStatus.WAITING_FOR_END


def test_a_session_that_was_logged_without_a_network_is_written_down_later(served: "Served", tmp_path: Path) -> None:
    """The command, in processes of its own, on a computer that has the logger's settings and no others."""

    def nexuslims(url: str, *words: str) -> str:
        settings = {"API_URL": url, "USER": "user", "PASSWORD": password_of("user"), "API_TIMEOUT": "60"}
        env = {f"NEXUSLIMS_{name}": value for name, value in settings.items()} | {"HOME": str(tmp_path)}
        command = (sys.executable, "-m", "nexuslims_core.cli.main", "sessions", *words)
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    unplugged = "http://127.0.0.1:9"
    session = nexuslims(unplugged, "start", "--instrument", INSTRUMENT, "--user", "ada").strip()
    kept = nexuslims(unplugged, "end", session)

    said = nexuslims(served.url, "send")

    assert (kept, said) == (f"{session} is kept here, will be sent later.\n", "Sent 2, 0 kept here.\n")
    assert served.database.session(session).user == "ada"
