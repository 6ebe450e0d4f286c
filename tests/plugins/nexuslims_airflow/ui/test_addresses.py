import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.ui.addresses import Addresses

pytestmark = pytest.mark.airflow
AT = Addresses(own="/airflow/nexuslims", airflow="/airflow")


def test_a_task_of_the_group_has_its_log() -> None:
    log = AT.task_log("nexuslims_build_records/scheduled__2026-03-02T10:00:00+00:00/3", "find_files")

    run = "scheduled__2026-03-02T10%3A00%3A00%2B00%3A00"
    assert log == f"/airflow/dags/nexuslims_build_records/runs/{run}/tasks/session.find_files/mapped/3"


def test_an_attempt_of_a_backfill_has_the_log_of_its_one_task() -> None:
    log = AT.task_log("nexuslims_backfill_records/b 1/0", "find_files")

    assert log == "/airflow/dags/nexuslims_backfill_records/runs/b%201/tasks/build_session/mapped/0"


def test_an_attempt_of_another_dag_has_its_run() -> None:
    assert AT.task_log("nexuslims_other/r/0", None) == "/airflow/dags/nexuslims_other/runs/r"


@pytest.mark.parametrize("holder", ["", "lab-pc/4711/123.5", "a/b", "nexuslims_x", "nexuslims_x/run/first"])
def test_an_attempt_by_hand_has_none(holder: str) -> None:
    assert AT.task_log(holder, "find_files") is None


def test_what_is_empty_is_left_out_of_an_address() -> None:
    assert AT.page("sessions", user="a&b", status="") == "/airflow/nexuslims/sessions?user=a%26b"


def test_what_was_done_is_told_beside_whatever_names_the_session() -> None:
    assert AT.session("s1", done="no run") == "/airflow/nexuslims/sessions/s1?done=no+run"
    assert AT.session("a/b", done="ended") == "/airflow/nexuslims/session?id=a%2Fb&done=ended"
