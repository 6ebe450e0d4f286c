"""Airflow as the demo starts it."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from nexuslims_core.demo.airflow import MIGRATE, RUN, Airflow, AirflowFailedError


@pytest.fixture
def airflow(tmp_path: Path) -> Airflow:
    home = tmp_path / "airflow"
    return Airflow(
        home=home,
        metadata_url=f"sqlite:///{home / 'airflow.sqlite'}",
        facility={"NEXUSLIMS_DATA_PATH": "/data"},
        port=8123,
    )


def test_nothing_of_another_airflow_or_facility_reaches_it(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_CDCS", "https://cdcs.example.org")
    monkeypatch.setenv("NEXUSLIMS_CDCS_URL", "https://cdcs.example.org")

    environment = airflow.environment()

    assert {"AIRFLOW__CORE__EXECUTOR", "AIRFLOW_CONN_NEXUSLIMS_CDCS", "NEXUSLIMS_CDCS_URL"}.isdisjoint(environment)
    assert environment["NEXUSLIMS_DATA_PATH"] == "/data"
    assert environment["AIRFLOW_HOME"] == str(airflow.home)


def test_it_serves_this_machine_only(airflow: Airflow) -> None:
    environment = airflow.environment()

    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__API__BASE_URL"] == airflow.url == "http://127.0.0.1:8123"


def test_the_password_is_made_once_and_only_its_owner_can_read_it(airflow: Airflow) -> None:
    first, second = airflow.password, airflow.password

    assert first == second
    assert len(first) >= 12
    assert stat.S_IMODE((airflow.home / "password.json").stat().st_mode) == 0o600


def test_two_airflows_have_different_secrets(airflow: Airflow, tmp_path: Path) -> None:
    other = Airflow(home=tmp_path / "other", metadata_url="sqlite://")

    name = "AIRFLOW__API_AUTH__JWT_SECRET"
    assert airflow.environment()[name] != other.environment()[name]
    assert airflow.password != other.password


def test_each_command_has_a_log_of_its_own(airflow: Airflow) -> None:
    commands = [MIGRATE, RUN, ("scheduler", "--skip-serve-logs"), ("api-server",)]

    assert [airflow.log(words).name for words in commands] == [
        "db-migrate.log",
        "dags-test.log",
        "scheduler.log",
        "api-server.log",
    ]


@pytest.mark.airflow
@pytest.mark.slow
def test_a_command_that_fails_is_told_with_the_end_of_its_log(airflow: Airflow, tmp_path: Path) -> None:
    broken = Airflow(home=airflow.home, metadata_url=f"sqlite:///{tmp_path / 'absent' / 'airflow.sqlite'}")

    with pytest.raises(AirflowFailedError, match="`airflow db migrate` failed") as raised, broken.preparing():
        pass

    assert "unable to open database file" in str(raised.value)


def test_its_own_settings_can_be_others_than_the_demos(airflow: Airflow) -> None:
    changed = replace(airflow, options={"CORE__EXECUTOR": "CeleryExecutor", "CORE__PARALLELISM": "8"})

    environment = changed.environment()

    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert environment["AIRFLOW__CORE__PARALLELISM"] == "8"
    assert airflow.environment()["AIRFLOW__CORE__PARALLELISM"] == "4"
