"""Tasks ``publish_pending``, ``complete_reservations`` and ``requeue_late``, each on what it is there for."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException

from nexuslims_airflow.operators.complete_reservations import CompleteReservationsOperator
from nexuslims_airflow.operators.publish_pending import PublishPendingOperator
from nexuslims_airflow.operators.requeue_late import RequeueLateOperator
from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.sessions.states import RecordStatus
from tests.plugins.conftest import BEGUN

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow
RUN = {"run_id": "r"}


@pytest.fixture
def ended(site: "Site") -> "Site":
    """A facility with session ``s1``, in whose folder no file was found an hour ago."""
    claim = site.database.claim(site.waits("s1"), "h", datetime.now(UTC) - timedelta(hours=1), timedelta(hours=2))
    site.database.note_failure(claim, "find_files", "NoFilesFoundError", "no file")
    site.database.close(claim, RecordStatus.NO_FILES_FOUND, datetime.now(UTC) - timedelta(hours=1))
    return site


def test_a_session_goes_back_when_its_files_came_late(ended: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_SETTLE", "0")
    monkeypatch.setenv("NEXUSLIMS_LATE", "100000")
    _write_inside(ended.store / "Titan" / "late.msa")

    put_back = RequeueLateOperator(task_id="t").execute(RUN)

    assert put_back == {"s1": "1 file came after it was built, such as 'late.msa'"}
    assert ended.database.summary("s1").status is RecordStatus.TO_BE_BUILT


def test_a_session_goes_back_when_its_calendar_answers(site: "Site") -> None:
    claim = site.database.claim(site.waits("s1"), "h", datetime.now(UTC), timedelta(hours=1))
    site.database.note_missing_reservation(claim, "it was away")
    site.database.note_record(claim, site.data / "record.xml", "0" * 64)
    site.database.note_failure(claim, "upload_record", ServiceUnavailableError.__name__, "away")
    site.database.close(claim, RecordStatus.BUILT_NOT_EXPORTED, datetime.now(UTC))

    assert CompleteReservationsOperator(task_id="t").execute(RUN) == ["s1"]


@pytest.mark.usefixtures("site")
def test_a_destination_without_credentials_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_CDCS_URL", "http://127.0.0.1:9")

    with pytest.raises(AirflowFailException, match="NEXUSLIMS_CDCS_TOKEN"):
        PublishPendingOperator(task_id="t").execute(RUN)


def _write_inside(path: Path) -> None:
    path.write_text("#FORMAT      : EMSA/MAS Spectral Data File\n")
    os.utime(path, (BEGUN.timestamp() + 60,) * 2)
