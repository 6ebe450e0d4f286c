from datetime import UTC, datetime, timedelta

from nexuslims_core import codec
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.explaining import Explanation, explain
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.states import RecordStatus

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
SUMMARY = SessionSummary(
    session_identifier="s1",
    instrument_pid="T-1",
    dt_from=TEN,
    dt_to=TEN + timedelta(hours=1),
    user=None,
    status=RecordStatus.COMPLETED,
    url="https://cdcs/data?id=1",
)


def test_an_explanation_names_the_instrument_and_its_zone() -> None:
    titan = Instrument(instrument_pid="T-1", schema_name="Titan", filestore_path="./T", timezone="Europe/Berlin")

    told = explain(Books(summary=SUMMARY, instrument=titan), TEN, timedelta())

    assert (told.instrument, told.timezone) == ("Titan", "Europe/Berlin")
    assert told.next.sentence == "Nothing is left to do: its record is at https://cdcs/data?id=1."


def test_an_instrument_without_a_usable_row_is_called_by_its_id() -> None:
    told = explain(Books(summary=SUMMARY), TEN, timedelta())

    assert (told.instrument, told.timezone) == ("T-1", "UTC")


def test_an_explanation_travels_as_json() -> None:
    told = explain(Books(summary=SUMMARY), TEN, timedelta())

    assert codec.decode(Explanation, codec.encode(told)) == told
