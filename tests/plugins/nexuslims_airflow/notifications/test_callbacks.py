"""What Airflow calls, with the contexts that it calls it with."""

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.servers.smtp import SmtpServer, text_of

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.comms import TaskStatesResult

from nexuslims_airflow.notifications.callbacks import run_ended, task_failed

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow
RUN = "scheduled__2026-03-02T10:00:00+00:00"


@pytest.fixture
def mail(site: "Site", smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> SmtpServer:
    assert site.data
    for name, value in smtp.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org")
    return smtp


def _ti(task_id: str) -> SimpleNamespace:
    return SimpleNamespace(task_id=task_id, dag_id="nexuslims_build_records", run_id=RUN)


def test_a_task_that_failed_is_told_with_its_reason_and_its_log(mail: SmtpServer) -> None:
    task_failed({"ti": _ti("harvest_usage"), "exception": AirflowFailException("NEMO refuses the token: set it")})

    (message,) = mail.mails
    assert message["Subject"] == "[NexusLIMS] the task nexuslims_build_records.harvest_usage fails"
    assert "NEMO refuses the token: set it" in text_of(message)
    run = "scheduled__2026-03-02T10%3A00%3A00%2B00%3A00"
    log = f"https://airflow.example.org/dags/nexuslims_build_records/runs/{run}/tasks/harvest_usage"
    assert log in text_of(message)


def test_an_error_that_is_not_ours_is_told_by_its_name_alone(mail: SmtpServer) -> None:
    task_failed({"ti": _ti("due_sessions"), "exception": RuntimeError("postgresql://me:secret@db")})

    assert "it ended with RuntimeError: its log says more" in text_of(mail.mails[0])
    assert "secret" not in str(mail.mails[0])


@pytest.mark.parametrize("task", ["session.find_files", "build_session"])
def test_a_task_of_a_session_is_left_to_the_end_of_its_attempt(mail: SmtpServer, task: str) -> None:
    task_failed({"ti": _ti(task), "exception": None})

    assert mail.mails == []


@pytest.mark.parametrize("task", ["session.claim", "session.finish"])
def test_what_keeps_an_attempt_from_its_beginning_or_end_is_told(mail: SmtpServer, task: str) -> None:
    task_failed({"ti": _ti(task), "exception": AirflowFailException("the database is away")})

    assert mail.subjects == [f"[NexusLIMS] the task nexuslims_build_records.{task} fails"]


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The states of the run's tasks, as the process that calls the callback hears them from its parent."""
    from airflow.sdk.execution_time import task_runner

    told: dict[str, str] = {}
    comms = SimpleNamespace(send=lambda *_, **__: TaskStatesResult(task_states={RUN: dict(told)}))
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", comms, raising=False)
    return told


def test_the_end_of_a_run_tells_of_tasks_that_were_killed_once_and_when_they_work_again(
    mail: SmtpServer, states: dict[str, str]
) -> None:
    context = {"dag": SimpleNamespace(dag_id="nexuslims_build_records"), "run_id": RUN}
    states |= {"scan_storage_0": "success", "scan_storage_1": "failed", "session.find_files_0": "failed"}
    for _ in range(2):
        run_ended(context)
    states["scan_storage_1"] = "success"
    run_ended(context)

    name = "the task nexuslims_build_records.scan_storage fails"
    assert mail.subjects == [f"[NexusLIMS] {name}", f"[NexusLIMS] over: {name}"]
    assert "its process was killed" in text_of(mail.mails[0])


def test_without_a_facility_nobody_is_told_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, states: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NEXUSLIMS_DATA_PATH", raising=False)

    run_ended({"dag": SimpleNamespace(dag_id="nexuslims_housekeeping"), "run_id": RUN})

    assert states == {}
    assert "people cannot be told of run" in caplog.text
