from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.reuse import renamed
from nexuslims_core.sessions.states import RecordStatus

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def logs(*events: tuple[str, float]) -> list[SessionLog]:
    """Make logs from their kinds and hours since the day began."""
    return [
        SessionLog(
            session_identifier="s1",
            instrument_pid="Titan",
            timestamp=DAY + timedelta(hours=hour),
            event_type=EventType(event),
            record_status=RecordStatus.TO_BE_BUILT,
            id_session_log=number,
        )
        for number, (event, hour) in enumerate(events)
    ]


def told(own: Sequence[SessionLog], **later: Sequence[SessionLog]) -> list[tuple[int | None, str]]:
    names = {f"s1#reused-{name[1:]}": found for name, found in later.items()}
    return [(each.log.id_session_log, each.session_identifier) for each in renamed("s1", own, names)]


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(logs(), id="none"),
        pytest.param(logs(("START", 10), ("START", 11), ("END", 12), ("END", 13)), id="a logger that was restarted"),
        pytest.param(logs(("END", 9), ("START", 10), ("END", 12)), id="an END before the START"),
        pytest.param(logs(("START", 10), ("END", 12), ("START", 12), ("END", 14)), id="a START at the END"),
        pytest.param(logs(("START", 10), ("END", 10), ("START", 11), ("END", 14)), id="an END at the START"),
    ],
)
def test_leaves_alone_what_is_one_session(own: list[SessionLog]) -> None:
    assert told(own) == []


def test_a_start_after_an_end_begins_another_session() -> None:
    own = logs(("START", 10), ("END", 12), ("START", 34), ("START", 35), ("END", 36), ("START", 58))

    moved = told(own)

    assert moved == [(2, "s1#reused-2"), (3, "s1#reused-2"), (4, "s1#reused-2"), (5, "s1#reused-3")]


def test_an_end_goes_to_the_session_that_runs_by_then() -> None:
    own = logs(("START", 10), ("END", 12), ("END", 33), ("END", 36))

    moved = told(own, _2=logs(("START", 34)))

    assert moved == [(3, "s1#reused-2")]


def test_a_further_session_gets_a_number_that_is_free() -> None:
    own = logs(("START", 10), ("END", 12), ("START", 20), ("END", 21))

    moved = told(own, _2=logs(("START", 34), ("END", 35)))

    assert moved == [(2, "s1#reused-3"), (3, "s1#reused-3")]
