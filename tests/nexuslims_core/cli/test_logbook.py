import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.testing.servers.logbook import LogbookServer, WrittenSession
from tests.nexuslims_core.conftest import Lab, Nexuslims
from tests.servers.faulty_proxy import FaultyProxy, lose_answer_in_silence

PID = "FEI-Titan-TEM-635816"
START = ("sessions", "start", "--instrument", PID, "--user", "ada")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def airflow() -> Iterator[LogbookServer]:
    with LogbookServer(instruments={PID: "America/New_York"}) as running:
        yield running


@pytest.fixture
def queue(tmp_path: Path, airflow: LogbookServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The queue of an instrument's computer, which has the logger's own settings and no others."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "queue"
    for name, value in {
        "API_URL": airflow.url,
        "USER": airflow.user,
        "PASSWORD": airflow.password,
        "QUEUE_PATH": str(folder),
    }.items():
        monkeypatch.setenv(f"NEXUSLIMS_{name}", value)
    return folder


@pytest.fixture
def unplugged(queue: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, while the network is away."""
    monkeypatch.setenv("NEXUSLIMS_API_URL", "http://127.0.0.1:9")
    return queue


@pytest.mark.usefixtures("queue")
def test_a_session_is_started_and_ended_over_http(airflow: LogbookServer, nexuslims: Nexuslims) -> None:
    started = nexuslims(*START, "--at", "2026-03-02T07:00")
    ended = nexuslims("sessions", "end", started.out.strip(), "--at", "2026-03-02T13:00Z", "--json")

    assert airflow.sessions == {
        started.out.strip(): WrittenSession(instrument=PID, user="ada", start=NOON, end=NOON.replace(hour=13))
    }
    assert ended.document == {
        "session": started.out.strip(),
        "status": "TO_BE_BUILT",
        "queued": False,
        "start": "2026-03-02T12:00:00+00:00",
        "end": "2026-03-02T13:00:00+00:00",
    }


def test_a_session_without_a_network_is_kept_and_sent_with_its_own_time(
    queue: Path, airflow: LogbookServer, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_API_URL", "http://127.0.0.1:9")
    kept = nexuslims(*START, "--id", "s1", "--at", "2026-03-02T12:00Z")
    document = nexuslims("sessions", "end", "s1", "--at", "2026-03-02T13:00Z", "--json").document
    monkeypatch.setenv("NEXUSLIMS_API_URL", airflow.url)

    nexuslims(*START, "--id", "s2")

    assert (kept.code, kept.out, "kept here, will be sent later: " in kept.err) == (0, "s1\n", True)
    assert (document["session"], document["queued"], document["end"]) == ("s1", True, "2026-03-02T13:00:00+00:00")
    assert (list(airflow.sessions), airflow.sessions["s1"].start) == (["s1", "s2"], NOON)
    assert not list(queue.glob("*.json"))


def test_a_wrong_password_keeps_the_session_and_says_what_to_mend(
    queue: Path, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_PASSWORD", "tell-nobody")

    said = nexuslims("sessions", "end", "s1")

    assert (said.code, said.out) == (1, "s1 is kept here, will be sent when this is mended.\n")
    assert "correct NEXUSLIMS_USER and NEXUSLIMS_PASSWORD" in said.err
    assert [b"tell-nobody" in path.read_bytes() for path in queue.glob("*.json")] == [False]


@pytest.mark.usefixtures("unplugged")
def test_an_end_that_is_kept_says_so(nexuslims: Nexuslims) -> None:
    said = nexuslims("sessions", "end", "s1")

    assert (said.code, said.out) == (0, "s1 is kept here, will be sent later.\n")


def test_what_is_refused_is_set_aside_with_its_reason(queue: Path, nexuslims: Nexuslims) -> None:
    said = nexuslims("sessions", "end", "s1", "--json")

    assert (said.code, said.document["error"]["type"]) == (1, "UnknownSessionError")
    assert [path.read_text()[:15] for path in (queue / "refused").glob("*.txt")] == ["no session 's1'"]


@pytest.mark.usefixtures("queue")
def test_an_earlier_refusal_does_not_fail_what_comes_after(
    nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch, airflow: LogbookServer
) -> None:
    monkeypatch.setenv("NEXUSLIMS_API_URL", "http://127.0.0.1:9")
    nexuslims("sessions", "end", "never")
    monkeypatch.setenv("NEXUSLIMS_API_URL", airflow.url)

    said = nexuslims(*START, "--id", "s1")

    assert (said.code, said.out) == (0, "s1\n")
    assert said.err.startswith("nexuslims: an earlier entry was refused and set aside: no session 'never'")


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59Z"])
@pytest.mark.usefixtures("queue")
def test_a_year_that_no_clock_shows_is_wrong_usage(nexuslims: Nexuslims, at: str) -> None:
    assert nexuslims("sessions", "end", "s1", "--at", at).code == 2


@pytest.mark.usefixtures("queue")
def test_an_id_that_is_no_text_is_wrong_usage(nexuslims: Nexuslims) -> None:
    assert nexuslims("sessions", "end", "s\udcff").code == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*START, "--id", ""), "a session cannot be called ''"),
        ((*START, "--id", "a\nb"), "a session cannot be called 'a\\nb'"),
        ((*START[:-1], " "), "a user cannot be called ' '"),
        (("sessions", "start", "--instrument", "", "--user", "ada"), "an instrument cannot be called ''"),
        (("sessions", "end", " "), "a session cannot be called ' '"),
    ],
    ids=["no id", "two lines", "no user", "no instrument", "the end of no id"],
)
@pytest.mark.parametrize("reached", [True, False], ids=["online", "offline"])
def test_a_name_that_nobody_can_read_is_refused_at_once_with_one_sentence(
    request: pytest.FixtureRequest, nexuslims: Nexuslims, words: tuple[str, ...], sentence: str, *, reached: bool
) -> None:
    queue: Path = request.getfixturevalue("queue" if reached else "unplugged")

    said = nexuslims(*words)

    assert (said.code, said.out, sentence in said.err) == (2, "", True)
    assert not queue.exists()


def test_an_unknown_setting_is_refused_on_an_instruments_computer_too(
    unplugged: Path, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_QUEU_PATH", str(unplugged))

    said = nexuslims("sessions", "end", "s1")

    assert (said.code, "do you mean NEXUSLIMS_QUEUE_PATH?" in said.err) == (1, True)


def test_a_database_that_does_not_answer_is_waited_for(
    lab: Lab, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_DB_URL", "postgresql://nobody@127.0.0.1:9/nexuslims")
    kept = nexuslims(*START, "--id", "s1", "--at", "2026-03-02T12:00Z", "--json")
    monkeypatch.delenv("NEXUSLIMS_DB_URL")

    nexuslims("sessions", "send")

    assert (kept.code, kept.document["queued"]) == (0, True)
    assert Database.open(lab.settings().database_url).summary("s1").dt_from == NOON


def test_it_starts_without_what_an_instruments_computer_need_not_have(unplugged: Path) -> None:
    heavy = ("sqlalchemy", "alembic", "numpy", "lxml", "rich", "h5py", "nexuslims_core.db")
    script = f"""
import sys
from nexuslims_core.cli.main import main
main({[*START, "--id", "s1"]!r})
print([name for name in {heavy} if name in sys.modules])
"""

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)

    assert ended.stdout.splitlines() == ["s1", "[]"]
    assert len(list(unplugged.glob("*.json"))) == 1


def test_a_command_that_is_killed_loses_nothing(
    queue: Path, airflow: LogbookServer, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultyProxy(airflow.url) as proxy:
        proxy.faults["POST", "/nexuslims/api/sessions/start"] = [lose_answer_in_silence]
        monkeypatch.setenv("NEXUSLIMS_API_URL", proxy.url)
        command = subprocess.Popen([sys.executable, "-m", "nexuslims_core.cli.main", *START, "--id", "s1"])
        while "s1" not in airflow.sessions:
            time.sleep(0.02)
        command.kill()
        command.wait()

        said = nexuslims("sessions", "send")

    assert (said.out, list(airflow.sessions)) == ("Sent 1, 0 kept here.\n", ["s1"])
    assert not list(queue.glob("*.json"))


def test_a_broken_row_of_one_instrument_holds_up_its_own_sessions_alone(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Broken"))
    with lab.database.engine.begin() as connection:
        connection.execute(text("UPDATE instruments SET timezone = 'Mars/Olympus' WHERE instrument_pid = 'Broken'"))

    kept = nexuslims("sessions", "start", "--instrument", "Broken", "--user", "ada", "--id", "held")
    written = nexuslims(*START, "--id", "goes on")
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Broken"))
    sent = nexuslims("sessions", "send")

    assert (kept.code, "no time zone" in kept.err, "its row with `nexuslims instruments add" in kept.err) == (1, 1, 1)
    assert (written.code, written.out) == (0, "goes on\n")
    assert (sent.code, lab.database.summary("held").user) == (0, "ada")
