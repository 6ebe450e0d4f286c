from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.models import EventType, Session, SessionLog
from nexuslims_core.sessions.overlaps import MOST_NAMED, overlap_remarks
from nexuslims_core.sessions.states import RecordStatus

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
TITAN = Instrument(instrument_pid="Titan", schema_name="Titan", filestore_path="./Titan", timezone="Europe/Berlin")
SESSION = Session(session_identifier="s1", instrument=TITAN, dt_from=TEN, dt_to=TEN + timedelta(hours=2))


def log(event: str, hours: float, identifier: str = "other", pid: str = "Titan", user: str | None = None) -> SessionLog:
    return SessionLog(
        session_identifier=identifier,
        instrument_pid=pid,
        timestamp=TEN + timedelta(hours=hours),
        event_type=EventType(event),
        record_status=RecordStatus.COMPLETED,
        user=user,
    )


@pytest.mark.parametrize(
    "span",
    [(-1, 1), (1, 3), (-1, 3), (0.5, 1), (0, 2), (1, None), (0, None)],
    ids=["before", "after", "around", "within", "the same", "open", "open from the START"],
)
def test_names_a_session_that_overlaps(span: tuple[float, float | None]) -> None:
    start, end = span
    logs = [log("START", start)] if end is None else [log("END", end), log("START", start)]

    assert len(overlap_remarks(SESSION, logs)) == 1


@pytest.mark.parametrize(
    "logs",
    [
        pytest.param([log("START", -2), log("END", 0)], id="ends when it starts"),
        pytest.param([log("START", 2), log("END", 3)], id="starts when it ends"),
        pytest.param([log("START", -1)], id="never ended, begun before"),
        pytest.param([log("END", 1)], id="never started"),
        pytest.param([log("START", 0, "s1"), log("END", 2, "s1")], id="itself"),
        pytest.param([log("START", 0, pid="Quanta"), log("END", 2, pid="Quanta")], id="elsewhere"),
        pytest.param([log("START", (NO_TIME - TEN) / timedelta(hours=1)), log("END", 1)], id="no time"),
    ],
)
def test_names_no_session_that_does_not(logs: list[SessionLog]) -> None:
    assert overlap_remarks(SESSION, logs) == ()


def test_says_who_and_when_by_the_instruments_clock() -> None:
    logs = [log("START", 1, user="bob"), log("END", 3)]

    (remark,) = overlap_remarks(SESSION, logs)

    assert remark == (
        "Another session of bob on the instrument, other, ran from 2026-03-02T12:00:00+01:00 to "
        "2026-03-02T14:00:00+01:00: a file of their common time may belong to either."
    )


def test_a_record_names_only_so_many() -> None:
    logs = [
        log(event, hour, f"{'x' * 999}{number}") for number in range(50) for event, hour in (("START", 0), ("END", 1))
    ]

    remarks = overlap_remarks(SESSION, logs)

    assert len(remarks) == MOST_NAMED + 1
    assert remarks[-1] == "30 more sessions on the instrument overlapped this one."
    assert max(map(len, remarks)) < 400
