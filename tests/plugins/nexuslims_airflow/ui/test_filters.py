from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.ui.filters import LARGEST_NUMBER, Filters, number
from nexuslims_core.sessions.states import RecordStatus

pytestmark = pytest.mark.airflow


def test_days_are_whole_and_of_the_instruments_clock() -> None:
    wanted = Filters(since="2026-03-02", until="2026-03-02").wanted(ZoneInfo("Europe/Berlin"))

    assert wanted.since == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert wanted.until is not None
    assert wanted.until.astimezone(UTC) == datetime(2026, 3, 2, 22, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize("said", [{"since": "yesterday"}, {"until": "0001-01-01"}, {"status": "GONE"}], ids=str)
def test_what_cannot_be_understood_is_left_out_and_said(said: dict[str, str]) -> None:
    filters = Filters(**said)

    wanted = filters.wanted()

    assert filters.complaint
    assert (wanted.since, wanted.until, wanted.statuses) == (None, None, frozenset())


def test_nothing_filled_in_chooses_everything() -> None:
    filters = Filters()

    assert filters.complaint is None
    assert not filters.any
    assert filters.wanted().user is None


def test_a_state_is_chosen_by_the_word_of_the_database() -> None:
    assert Filters(status="ERROR").wanted().statuses == {RecordStatus.ERROR}


@pytest.mark.parametrize("said", ["", "-1", "1.5", "٣", "9" * 30, "1e3", str(LARGEST_NUMBER + 1)])
def test_what_is_no_number_of_a_row_is_none(said: str) -> None:
    assert number(said) is None
