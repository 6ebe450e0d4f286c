from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.mending import faults
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding, SessionLog, SessionSummary
from nexuslims_core.sessions.states import RecordStatus

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
START, END = EventType.START, EventType.END
TITAN = Instrument(instrument_pid="Titan", schema_name="Titan", filestore_path="./Titan", timezone="America/New_York")
AMEND = "nexuslims sessions amend"
REQUEUE = "nexuslims sessions requeue s1"

Row = tuple[EventType, datetime]


def _books(
    *rows: Row,
    status: RecordStatus = RecordStatus.ERROR,
    instrument: Instrument | None = TITAN,
    name: str = "s1",
    pids: Sequence[str] = (),
    states: Sequence[RecordStatus] = (),
) -> Books:
    logs = [
        SessionLog(
            id_session_log=row,
            session_identifier=name,
            instrument_pid=pids[row] if pids else "Titan",
            timestamp=time,
            event_type=event,
            record_status=states[row] if states else status,
        )
        for row, (event, time) in enumerate(rows)
    ]
    logs.sort(key=lambda log: log.timestamp)
    summary = SessionSummary(
        session_identifier=name, instrument_pid="Titan", dt_from=TEN, dt_to=None, user="ada", status=status
    )
    parked = SessionFinding(session_identifier=name, reason="parked", kind=FindingKind.PARKED, found_at=NOW)
    return Books(summary=summary, instrument=instrument, logs=tuple(logs), findings=(parked,))


def _told(books: Books) -> list[tuple[int | None, str]]:
    return [(fault.log.id_session_log, fault.says) for fault in faults(books, NOW)]


def _lines(books: Books) -> list[str]:
    return list(dict.fromkeys(command.line for fault in faults(books, NOW) for command in fault.commands))


@pytest.mark.parametrize(
    ("books", "told", "lines"),
    [
        (_books((END, TEN)), [(0, "has no START")], [f"{AMEND} --start TIME s1"]),
        (
            _books((START, TEN), (END, NO_TIME)),
            [(1, "has no time that can be read")],
            [f"{AMEND} --end TIME s1"],
        ),
        (
            _books((START, TEN), (END, NO_TIME), (END, TEN + HOUR)),
            [(1, "has no time that can be read")],
            [f"{AMEND} --end TIME s1", f"{AMEND} --drop-log 1 s1"],
        ),
        (
            _books((START, TEN), (END, TEN + HOUR), pids=("Titan", "Quanta")),
            [(1, "is on another instrument than the session, Quanta")],
            [f"{AMEND} --drop-log 1 s1", f"{AMEND} --instrument Titan s1", f"{AMEND} --instrument Quanta s1"],
        ),
        (
            _books((START, TEN), (END, TEN + HOUR), instrument=None),
            [(0, "names an instrument that is not known, or whose row cannot be used")],
            ["nexuslims instruments add FILE.toml", REQUEUE, f"{AMEND} --instrument PID s1"],
        ),
        (
            _books((START, TEN), (END, TEN)),
            [(1, "is not after the START, log 0")],
            [f"{AMEND} --end TIME s1", f"{AMEND} --start TIME s1"],
        ),
        (
            _books((START, TEN), (END, TEN + 31 * 24 * HOUR)),
            [(1, "is 31 days after the START")],
            [f"{AMEND} --end TIME s1", f"{AMEND} --start TIME s1", REQUEUE],
        ),
        (
            _books(
                (START, TEN),
                (END, TEN + HOUR),
                (END, TEN + 2 * HOUR),
                states=[RecordStatus.COMPLETED, RecordStatus.COMPLETED, RecordStatus.ERROR],
            ),
            [(2, "came when the session was COMPLETED already")],
            [f"{AMEND} --drop-log 2 s1", REQUEUE],
        ),
        (
            _books((START, NOW + HOUR), status=RecordStatus.WAITING_FOR_END),
            [(0, "is still to come")],
            [f"{AMEND} --start TIME s1"],
        ),
        (
            _books((START, NOW + HOUR), (END, NOW + 2 * HOUR), status=RecordStatus.TO_BE_BUILT),
            [(0, "is still to come"), (1, "is still to come")],
            [f"{AMEND} --start TIME --end TIME s1"],
        ),
    ],
    ids=[
        "no start",
        "no time",
        "no time beside one that has",
        "two instruments",
        "no known instrument",
        "too early an end",
        "too long",
        "too late",
        "a start to come",
        "a session to come",
    ],
)
def test_a_fault_is_told_of_the_log_that_has_it_with_what_mends_it(
    books: Books, told: list[tuple[int, str]], lines: list[str]
) -> None:
    assert (_told(books), _lines(books)) == (told, lines)


@pytest.mark.parametrize("status", [*RecordStatus])
def test_logs_that_make_a_session_have_no_fault(status: RecordStatus) -> None:
    assert faults(_books((START, TEN), (END, TEN + HOUR), status=status), NOW) == ()


@pytest.mark.parametrize("status", sorted({*RecordStatus} - {RecordStatus.ERROR}))
def test_nothing_is_wrong_with_what_was_built_as_long_as_it_was_asked_for(status: RecordStatus) -> None:
    assert faults(_books((START, TEN), (END, TEN + 40 * 24 * HOUR), status=status), NOW) == ()


def test_a_clock_that_is_a_little_ahead_is_no_fault() -> None:
    books = _books((START, NOW + timedelta(minutes=4)), status=RecordStatus.WAITING_FOR_END)

    assert faults(books, NOW) == ()


def test_what_nemo_counts_is_mended_there() -> None:
    nemo = Instrument(
        instrument_pid="Titan", schema_name="T", filestore_path="./T", timezone="UTC", harvester=Harvester.NEMO
    )
    books = _books((START, TEN), (END, TEN), instrument=nemo, name="https://nemo/api/usage_events/?id=3")

    assert (len(_told(books)), _lines(books)) == (1, [])
