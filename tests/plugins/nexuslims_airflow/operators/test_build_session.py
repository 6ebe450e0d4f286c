"""Task ``build_session`` and the list that it is mapped over."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.build_session import BuildSessionOperator
from nexuslims_airflow.operators.past_sessions import PastSessionsOperator
from nexuslims_core.errors import StorageError
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.writers.msa import write_msa

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

INSIDE = 1772447400.0  # 2026-03-02 10:30 UTC
DAY = {"since": "2026-03-02T00:00:00+00:00", "until": "2026-03-03T00:00:00+00:00"}


def past(**given: str) -> list[dict[str, Any]]:
    chosen = {"instruments": "[]", "sessions": "[]", "rebuild": "false", **given}
    return PastSessionsOperator(task_id="t", **DAY, **chosen).execute({"run_id": "r"})


def build(due: dict[str, Any], *, rebuild: str = "false", tries: int = 6, at: int = 1) -> dict[str, Any]:
    ti = SimpleNamespace(dag_id="d", run_id="r", map_index=0, try_number=at, max_tries=tries - 1)
    return BuildSessionOperator(task_id="t", due=due, rebuild=rebuild).execute({"ti": ti})


def with_a_file(site: "Site") -> None:
    write_msa(site.store / "Titan" / "a.msa", [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=INSIDE)


def test_without_a_destination_a_record_that_is_built_is_a_success(site: "Site") -> None:
    with_a_file(site)
    site.waits("s1")

    report = build(past()[0])

    assert report["status"] == RecordStatus.BUILT_NOT_EXPORTED


def test_a_session_that_is_left_is_skipped_with_its_reason(site: "Site") -> None:
    with_a_file(site)
    site.waits("s1")
    build(past()[0])

    with pytest.raises(AirflowSkipException, match="rebuild builds it again"):
        build(past()[0])


def test_rebuild_builds_it_again(site: "Site") -> None:
    with_a_file(site)
    site.waits("s1")
    build(past()[0])

    report = build(past(rebuild="true")[0], rebuild="true")

    assert report["attempt"] == 2


def test_no_files_is_nobodys_fault(site: "Site") -> None:
    site.waits("s1")

    with pytest.raises(AirflowSkipException, match="no file"):
        build(past()[0])


def test_what_a_person_must_mend_fails_for_good(site: "Site", booked_in: "Callable[[Harvester], None]") -> None:
    with_a_file(site)
    site.waits("s1")
    booked_in(Harvester.SHAREPOINT)

    with pytest.raises(AirflowFailException, match="NEXUSLIMS_SHAREPOINT_USER"):
        build(past()[0])


def test_a_share_that_is_away_is_tried_again(site: "Site") -> None:
    site.waits("s1")
    (site.store / "Titan").rmdir()

    with pytest.raises(StorageError):
        build(past()[0])


@pytest.mark.parametrize(("at", "status"), [(1, RecordStatus.TO_BE_BUILT), (6, RecordStatus.ERROR)])
def test_the_last_try_alone_closes_the_attempt(site: "Site", at: int, status: RecordStatus) -> None:
    with_a_file(site)
    site.waits("s1")
    due = past()[0]
    (site.data / "records").write_text("a file where the folder should be")

    with pytest.raises((StorageError, AirflowFailException)):
        build(due, at=at)

    assert site.database.summary("s1").status is status


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"instruments": "Titan"}, r"instruments is a list"),
        ({"sessions": "[1]"}, r"sessions is a list"),
        ({"rebuild": "perhaps"}, "rebuild is true or false"),
        ({"instruments": '["Nobody-0"]'}, "no instrument 'Nobody-0'"),
    ],
    ids=["no list", "a list of numbers", "no yes or no", "nobody's"],
)
def test_what_cannot_be_meant_is_said(site: "Site", given: dict[str, str], said: str) -> None:
    site.waits("s1")

    with pytest.raises(AirflowFailException, match=said):
        past(**given)


def test_a_list_of_instruments_leaves_the_others(site: "Site") -> None:
    site.waits("s1")

    assert [each["left"] for each in past(instruments='["Titan-1"]', sessions='[" s1 ", ""]')] == [None]


@pytest.mark.parametrize(("at", "asked"), [(1, []), (2, ["nexuslims_cdcs"])], ids=["first try", "second try"])
def test_a_connection_that_the_list_did_not_find_is_looked_for_by_later_tries_alone(
    site: "Site", monkeypatch: pytest.MonkeyPatch, at: int, asked: list[str]
) -> None:
    with_a_file(site)
    site.waits("s1")
    due = past()[0]
    names: list[str] = []

    def get_connection(conn_id: str) -> None:
        names.append(conn_id)
        raise AirflowNotFoundException(conn_id)

    monkeypatch.setattr(FacilityHook, "get_connection", staticmethod(get_connection))
    build(due, at=at)

    assert names == asked


def test_a_connection_that_is_there_is_asked_for_by_each_task(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_CDCS", "http://:token@127.0.0.1:9/")
    with_a_file(site)
    site.waits("s1")

    assert past()[0]["lacking"] == []
