from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import writing
from nexuslims_core.errors import (
    ConfigurationError,
    ServiceUnavailableError,
    SessionStateError,
    UnknownInstrumentError,
    UnknownSessionError,
)
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.models import FindingKind
from nexuslims_core.sessions.states import RecordStatus

Waits = Callable[..., str]
HOUR = timedelta(hours=1)
SILENT = ServiceUnavailableError("it does not answer")


@pytest.fixture
def by_another_hand(database: Database, titan: Instrument) -> Callable[..., None]:
    """Insert a log as a program of the site would, past all checks of ours."""

    def insert(identifier: str, event: str, at: str, status: str = "TO_BE_BUILT") -> None:
        with writing(database.engine).begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type, record_status) "
                    "VALUES (:identifier, :pid, :at, :event, :status)"
                ),
                {"identifier": identifier, "pid": titan.instrument_pid, "at": at, "event": event, "status": status},
            )

    return insert


def test_what_was_made_can_be_opened_again(url: str, waits: Waits) -> None:
    waits("s1")

    database = Database.open(url)

    assert [session.session_identifier for session in database.waiting_sessions()] == ["s1"]
    database.engine.dispose()


def test_gives_an_instrument_back_as_it_was(database: Database) -> None:
    quanta = Instrument(
        instrument_pid="Quanta",
        schema_name="FEI Quanta 200",
        filestore_path="./Quanta",
        timezone="Europe/Berlin",
        harvester=Harvester.SHAREPOINT,
        api_url="https://calendar.example.org/_vti_bin/ListData.svc/Quanta",
        location="223/B117",
    )

    database.add_instrument(quanta)

    assert database.instrument("Quanta") == quanta
    assert [instrument.instrument_pid for instrument in database.instruments()] == ["FEI-Titan-TEM-635816", "Quanta"]


def test_adding_an_instrument_again_replaces_it(database: Database, waits: Waits, titan: Instrument) -> None:
    waits("s1")
    moved = Instrument(
        instrument_pid=titan.instrument_pid, schema_name="Titan", filestore_path="./T", timezone="UTC", location="B1"
    )

    database.add_instrument(moved)

    assert database.instruments() == (moved,)
    assert database.session("s1").instrument == moved


def test_says_that_there_is_no_such_instrument(database: Database) -> None:
    with pytest.raises(UnknownInstrumentError, match="absent"):
        database.instrument("absent")


def test_says_which_instruments_row_cannot_be_used(database: Database) -> None:
    with writing(database.engine).begin() as connection:
        connection.execute(text("UPDATE instruments SET timezone = 'Mars/Olympus'"))

    with pytest.raises(ConfigurationError, match="FEI-Titan-TEM-635816: 'Mars/Olympus' is no time zone"):
        database.instruments()


def test_lists_the_waiting_sessions_of_one_instrument(database: Database, waits: Waits) -> None:
    waits("s1")

    assert database.waiting_sessions("another") == ()
    assert len(database.waiting_sessions("FEI-Titan-TEM-635816")) == 1


def test_parks_logs_that_cannot_be_joined_and_builds_the_rest(
    database: Database, waits: Waits, by_another_hand: Callable[..., None]
) -> None:
    by_another_hand("broken", "END", "2026-03-02T10:00:00.000000+00:00")
    waits("whole")

    first = database.waiting_sessions()
    second = database.waiting_sessions()

    assert [session.session_identifier for session in first] == ["whole"]
    assert second == first
    (finding,) = database.findings("broken")
    assert (finding.kind, database.summary("broken").status) == (FindingKind.PARKED, RecordStatus.ERROR)
    assert database.summary("broken").error_sentence == finding.reason


def test_a_session_that_was_parked_is_built_when_its_logs_are_mended(
    database: Database, by_another_hand: Callable[..., None], ten: datetime
) -> None:
    by_another_hand("s1", "END", "2026-03-02T10:00:00.000000+00:00")
    database.waiting_sessions()
    by_another_hand("s1", "START", "2026-03-02T09:00:00.000000+00:00")

    database.requeue("s1", "the START was added", ten)

    assert [session.session_identifier for session in database.waiting_sessions()] == ["s1"]


def test_an_end_that_comes_after_the_record_leaves_it_completed_until_somebody_decides(
    database: Database, waits: Waits, by_another_hand: Callable[..., None], ten: datetime, lease: timedelta
) -> None:
    database.close(database.claim(waits("s1"), "run:0", ten, lease), RecordStatus.COMPLETED, ten)
    by_another_hand("s1", "END", "2026-03-02T14:00:00.000000+00:00")

    assert database.waiting_sessions() == ()

    assert "COMPLETED already" in database.findings("s1")[0].reason
    database.requeue("s1", "build it again", ten)
    assert database.waiting_sessions()[0].dt_to == ten.replace(hour=14, microsecond=0)


def test_an_instrument_with_a_wrong_row_stops_only_its_own_sessions(database: Database, waits: Waits) -> None:
    database.add_instrument(
        Instrument(instrument_pid="Quanta", schema_name="Quanta", filestore_path="./Q", timezone="UTC")
    )
    database.start_session("Quanta", "bob", datetime.fromisoformat("2026-03-02T10:00Z"), "s2")
    database.end_session("s2", datetime.fromisoformat("2026-03-02T11:00Z"))
    waits("s1")
    with writing(database.engine).begin() as connection:
        connection.execute(text("UPDATE instruments SET timezone = 'Mars' WHERE instrument_pid <> 'Quanta'"))

    assert [session.session_identifier for session in database.waiting_sessions()] == ["s2"]
    assert "cannot be used" in database.findings("s1")[0].reason


def test_tells_a_session_that_is_not_known_from_one_that_has_not_ended(
    database: Database, titan: Instrument, ten: datetime
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    with pytest.raises(UnknownSessionError):
        database.session("absent")
    with pytest.raises(UnknownSessionError):
        database.summary("absent")
    with pytest.raises(SessionStateError, match="has not ended"):
        database.session("s1")


def test_a_failure_is_forgotten_when_its_stage_begins_again_and_only_then(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)
    database.note_failure(claim, "find_files", "StorageError", "the share\0 is \udcff gone")

    database.renew(claim, "finish", ten, lease)
    told = database.attempt(claim)
    database.renew(claim, "find_files", ten, lease)
    forgotten = database.attempt(claim)

    assert (told.error_stage, told.error_type) == ("find_files", "StorageError")
    assert told.error_sentence == "the share� is � gone"
    assert (forgotten.error_stage, forgotten.error_type, forgotten.error_sentence) == (None, None, None)


def test_counts_come_one_by_one(database: Database, waits: Waits, ten: datetime, lease: timedelta) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    database.note_counts(claim, files=37)
    database.note_counts(claim, activities=13, unreadable=0)

    attempt = database.attempt(claim)
    assert (attempt.files, attempt.activities, attempt.datasets, attempt.unreadable) == (37, 13, None, 0)


def test_nothing_is_noted_on_an_attempt_that_has_ended(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    from nexuslims_core.errors import ClaimLostError

    claim = database.claim(waits("s1"), "run:0", ten, lease)
    database.close(claim, RecordStatus.ERROR, ten)

    with pytest.raises(ClaimLostError, match="ended as ERROR"):
        database.note_record(claim, Path("/data/records/a.xml"), "0" * 64)


def test_a_publication_is_proven_only_while_the_last_try_succeeded(
    database: Database, waits: Waits, ten: datetime
) -> None:
    receipt = Receipt(destination="cdcs", record_id="17", url="https://cdcs.example.org/data?id=17", sha256="a" * 64)
    waits("s1")

    database.note_publication_failed("s1", "cdcs", "title", SILENT, ten)
    before = database.publication("s1", "cdcs")
    database.note_publication("s1", receipt, "title", ten)
    proven = database.publication("s1", "cdcs")
    database.begin_publication("s1", "cdcs", "title", "b" * 64, ten)
    database.note_publication_failed("s1", "cdcs", "title", SILENT, ten)

    assert (before, proven, database.publication("s1", "cdcs")) == (None, receipt, None)
    assert database.summary("s1").url == receipt.url


def test_knows_the_titles_that_other_sessions_hold(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)
    database.note_record(claim, Path("/data/records/2026/2026-03-02_Titan_%1.xml"), "0" * 64)
    database.note_publication_failed("s2", "cdcs", "published", SILENT, ten)

    assert database.title_taken("2026-03-02_Titan_%1", "s3")
    assert not database.title_taken("2026-03-02_Titan_%1", "s1")
    assert not database.title_taken("2026-03-02_Titan_%", "s3")
    assert database.title_taken("published", "s1")


def test_lists_what_became_of_each_session(database: Database, waits: Waits, ten: datetime, lease: timedelta) -> None:
    waits("waits", at=ten + HOUR)
    claim = database.claim(waits("built", user=None), "run:0", ten, lease)
    database.note_record(claim, Path("/data/records/a.xml"), "0" * 64)
    database.note_failure(claim, "upload_record", "PublishingError", "refused")
    database.close(claim, RecordStatus.ERROR, ten)

    built, waiting = database.sessions()

    assert (built.session_identifier, built.status, built.attempts, built.user) == ("built", "ERROR", 1, None)
    assert (built.error_sentence, built.record_path) == ("refused", Path("/data/records/a.xml"))
    assert (waiting.session_identifier, waiting.status, waiting.error_sentence) == ("waits", "TO_BE_BUILT", None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({"status": RecordStatus.TO_BE_BUILT}, ["late"], id="status"),
        pytest.param({"status": RecordStatus.ERROR}, ["early"], id="error"),
        pytest.param({"instrument": "another"}, [], id="instrument"),
        pytest.param({"since": datetime.fromisoformat("2026-03-02T12:00Z")}, ["late"], id="since"),
        pytest.param({"until": datetime.fromisoformat("2026-03-02T12:00Z")}, ["early"], id="until"),
        pytest.param({}, ["early", "late"], id="all"),
    ],
)
def test_lists_only_what_is_wanted(
    database: Database, waits: Waits, ten: datetime, lease: timedelta, wanted: dict[str, object], found: list[str]
) -> None:
    waits("late", at=ten + 5 * HOUR)
    database.close(database.claim(waits("early"), "run:0", ten, lease), RecordStatus.ERROR, ten)

    assert [summary.session_identifier for summary in database.sessions(**wanted)] == found
