"""What our errors mean to Airflow."""

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from nexuslims_airflow.operators.finish import FinishOperator
from nexuslims_airflow.operators.stage import translated
from nexuslims_core import errors

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("kind", [errors.NoFilesFoundError, errors.NoConsentError, errors.ClaimedElsewhereError])
def test_an_end_that_is_nobodys_fault_skips(kind: type[Exception]) -> None:
    with pytest.raises(AirflowSkipException, match=r"^why$"):
        translated(lambda: _raise(kind("why")))


@pytest.mark.parametrize(
    "kind",
    [
        errors.ConfigurationError,
        errors.DatabaseError,
        errors.SessionStateError,
        errors.ClaimLostError,
        errors.AuthenticationError,
        errors.UnexpectedAnswerError,
        errors.InvalidRecordError,
        errors.PublishingError,
    ],
)
def test_what_a_person_must_mend_fails_without_another_try(kind: type[Exception]) -> None:
    with pytest.raises(AirflowFailException, match=r"^what to do$") as raised:
        translated(lambda: _raise(kind("what to do")))

    assert isinstance(raised.value.__cause__, kind)


@pytest.mark.parametrize("kind", [errors.StorageError, errors.ServiceUnavailableError])
def test_what_may_pass_is_raised_as_it_is_so_that_airflow_tries_again(kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"^in a while$"):
        translated(lambda: _raise(kind("in a while")))


def test_a_fault_of_ours_is_not_disguised() -> None:
    with pytest.raises(ZeroDivisionError):
        translated(lambda: 1 / 0)


def test_what_went_well_is_returned() -> None:
    assert translated(lambda: 42) == 42


def test_a_missing_setting_fails_the_task_at_once(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    task = FinishOperator(task_id="finish", claim=site.claimed())
    monkeypatch.delenv("NEXUSLIMS_FILESTORE_PATH")

    with pytest.raises(AirflowFailException, match="NEXUSLIMS_FILESTORE_PATH is not set"):
        task.execute({})
