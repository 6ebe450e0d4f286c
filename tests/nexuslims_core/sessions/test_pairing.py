from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.pairing import pair
from nexuslims_core.sessions.states import RecordStatus

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
TITAN = Instrument(instrument_pid="Titan", schema_name="Titan", filestore_path="./Titan", timezone="Europe/Berlin")
QUANTA = Instrument(instrument_pid="Quanta", schema_name="Quanta", filestore_path="./Quanta", timezone="UTC")
KNOWN = (TITAN, QUANTA)


def log(event: str, at: datetime, **changes: object) -> SessionLog:
    values = {
        "session_identifier": "s1",
        "instrument_pid": "Titan",
        "timestamp": at,
        "event_type": EventType(event),
        "record_status": RecordStatus.TO_BE_BUILT,
    }
    return SessionLog(**(values | changes))


def start(at: datetime, **changes: object) -> SessionLog:
    return log("START", at, **changes)


def end(at: datetime, **changes: object) -> SessionLog:
    return log("END", at, **changes)


def test_joins_a_start_and_an_end_into_one_session() -> None:
    logs = (end(TEN + HOUR, user="bob"), start(TEN, user="ada"))

    paired = pair(logs, KNOWN)

    (session,) = paired.sessions
    assert (session.dt_from, session.dt_to, session.user, session.instrument) == (TEN, TEN + HOUR, "ada", TITAN)
    assert paired.findings == paired.waiting == ()


def test_no_logs_make_no_sessions() -> None:
    paired = pair((), KNOWN)

    assert (paired.sessions, paired.findings, paired.waiting) == ((), (), ())


def test_a_start_without_an_end_waits_for_it() -> None:
    paired = pair([start(TEN)], KNOWN)

    assert paired.waiting == ("s1",)
    assert paired.sessions == paired.findings == ()


@pytest.mark.parametrize(
    "logs",
    [
        pytest.param((start(TEN), start(TEN), end(TEN + HOUR), end(TEN + HOUR)), id="every row twice"),
        pytest.param((start(TEN), start(TEN + HOUR / 2), end(TEN + HOUR)), id="a second START"),
        pytest.param((start(TEN), end(TEN + HOUR / 2), end(TEN + HOUR)), id="a second END"),
        pytest.param((end(TEN - HOUR), start(TEN), end(TEN + HOUR)), id="an END from before the START"),
        pytest.param(
            (start(TEN, record_status=RecordStatus.WAITING_FOR_END), end(TEN + HOUR)), id="a START left waiting"
        ),
        pytest.param((start(TEN), end(TEN + HOUR), log("RECORD_GENERATION", TEN + 2 * HOUR)), id="built before"),
        pytest.param(
            (
                start(TEN, record_status=RecordStatus.WAITING_FOR_END),
                end(TEN + HOUR, record_status=RecordStatus.WAITING_FOR_END),
            ),
            id="all left waiting",
        ),
        pytest.param(
            (
                start(TEN, record_status=RecordStatus.COMPLETED),
                end(TEN + HOUR, record_status=RecordStatus.COMPLETED),
                end(TEN + HOUR / 2),
            ),
            id="an END within what was built",
        ),
    ],
)
def test_heals_what_a_restarted_logger_leaves(logs: tuple[SessionLog, ...]) -> None:
    paired = pair(logs, KNOWN)

    (session,) = paired.sessions
    assert (session.dt_from, session.dt_to) == (TEN, TEN + HOUR)


@pytest.mark.parametrize(
    ("logs", "reason"),
    [
        pytest.param((end(TEN),), "has no START", id="no START"),
        pytest.param((start(TEN), end(TEN - HOUR)), "not after its start", id="END before START"),
        pytest.param((start(TEN), end(TEN)), "not after its start", id="zero length"),
        pytest.param((start(TEN), end(TEN + HOUR, instrument_pid="Quanta")), "Quanta, Titan", id="two instruments"),
        pytest.param((start(TEN, instrument_pid="X"), end(TEN + HOUR, instrument_pid="X")), "'X'", id="unknown"),
        pytest.param(
            (start(TEN, record_status=RecordStatus.COMPLETED), end(TEN + HOUR)), "COMPLETED already", id="late END"
        ),
    ],
)
def test_parks_what_no_rule_heals_with_its_reason(logs: tuple[SessionLog, ...], reason: str) -> None:
    paired = pair(logs, KNOWN)

    (finding,) = paired.findings
    assert finding.session_identifier == "s1"
    assert reason in finding.reason
    assert paired.sessions == ()


@pytest.mark.parametrize(
    ("logs", "mend"),
    [
        pytest.param((end(TEN),), "--start TIME s1", id="no START"),
        pytest.param((start(TEN), end(NO_TIME)), "--end TIME s1", id="no time"),
        pytest.param((start(TEN), end(TEN - HOUR)), "--start TIME --end TIME s1", id="END before START"),
        pytest.param((start(TEN), end(TEN + HOUR, instrument_pid="Quanta")), "--instrument PID s1", id="instruments"),
        pytest.param((start(TEN), end(TEN + 31 * 24 * HOUR)), "--end TIME s1", id="more than a month"),
    ],
)
def test_a_reason_names_the_command_that_mends_it(logs: tuple[SessionLog, ...], mend: str) -> None:
    (finding,) = pair(logs, KNOWN).findings

    assert f": correct that with `nexuslims sessions amend {mend}`" in finding.reason


def test_the_logs_of_nemo_are_corrected_there() -> None:
    nemo = replace(TITAN, harvester=Harvester.NEMO, api_url="https://nemo.example.org/api/tools/?id=1")
    event = "https://nemo.example.org/api/usage_events/?id=3"

    (finding,) = pair((end(TEN, session_identifier=event),), (nemo,)).findings

    assert finding.reason.endswith("has no START: correct it in NEMO, then requeue the session")


def test_a_late_log_that_changes_nothing_joins_the_state_of_the_others() -> None:
    built = RecordStatus.BUILT_NOT_EXPORTED
    logs = (start(TEN, record_status=built), end(TEN + HOUR, record_status=built), start(TEN + HOUR / 2))

    paired = pair(logs, KNOWN)

    assert (paired.standings, paired.unsettled) == ({"s1": built}, {"s1"})


def test_says_of_each_log_that_was_passed_over_what_became_of_it() -> None:
    logs = (start(TEN), start(TEN + HOUR / 2), end(TEN + HOUR), end(TEN + 2 * HOUR), end(TEN + 2 * HOUR))

    (session,) = pair(logs, KNOWN).sessions

    assert session.remarks == (
        "The START at 2026-03-02T11:30:00+01:00 was passed over: an earlier one counts.",
        "The END at 2026-03-02T12:00:00+01:00 was passed over: a later one counts.",
        "The END at 2026-03-02T13:00:00+01:00 was written more than once and counts once.",
    )


def test_a_session_without_a_fault_has_no_remarks() -> None:
    paired = pair((start(TEN), end(TEN + HOUR)), KNOWN)

    assert (paired.sessions[0].remarks, paired.healed, paired.unsettled) == ((), (), frozenset())


@pytest.mark.parametrize("insisted", [frozenset(), frozenset({"s1"})], ids=["at first", "when a person insists"])
def test_a_session_of_more_than_a_month_is_parked_at_first(insisted: frozenset[str]) -> None:
    logs = (start(TEN), end(TEN + 31 * 24 * HOUR))

    paired = pair(logs, KNOWN, insisted)

    assert bool(paired.sessions) is bool(insisted)
    assert bool(paired.findings) is not bool(insisted)


def test_a_session_that_is_parked_stops_no_other() -> None:
    broken = (end(TEN, session_identifier="broken"),)
    whole = (start(TEN, session_identifier="whole"), end(TEN + HOUR, session_identifier="whole"))

    paired = pair(broken + whole, KNOWN)

    assert [session.session_identifier for session in paired.sessions] == ["whole"]
    assert [finding.session_identifier for finding in paired.findings] == ["broken"]


def test_sessions_come_by_start_then_by_identifier() -> None:
    times = {"b": TEN, "a": TEN, "c": TEN - HOUR}
    logs = [
        log
        for name, at in times.items()
        for log in (start(at, session_identifier=name), end(at + HOUR, session_identifier=name))
    ]

    paired = pair(logs, KNOWN)

    assert [session.session_identifier for session in paired.sessions] == ["c", "a", "b"]


def test_a_millionth_of_a_second_makes_a_session() -> None:
    logs = (start(TEN), end(TEN + timedelta(microseconds=1)))

    paired = pair(logs, KNOWN)

    assert paired.sessions[0].dt_to - paired.sessions[0].dt_from == timedelta(microseconds=1)


def test_a_session_over_the_end_of_summer_time_keeps_its_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    logs = (
        start(datetime(2026, 10, 25, 2, 30, tzinfo=berlin)),
        end(datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin)),
    )

    paired = pair(logs, KNOWN)

    assert paired.sessions[0].dt_to - paired.sessions[0].dt_from == timedelta(minutes=40)


_logs = st.builds(
    log,
    st.sampled_from([*EventType]),
    st.integers(0, 5).map(lambda hours: TEN + hours * HOUR),
    session_identifier=st.sampled_from(["s1", "s2", "s3"]),
    instrument_pid=st.sampled_from(["Titan", "Quanta", "unknown"]),
    record_status=st.sampled_from([*RecordStatus]),
    user=st.sampled_from([None, "ada", ""]),
)


@given(st.lists(_logs, max_size=12))
def test_each_session_is_in_exactly_one_place_whatever_the_logs(logs: list[SessionLog]) -> None:
    paired = pair(logs, KNOWN)

    told = [session.session_identifier for session in paired.sessions]
    told += [finding.session_identifier for finding in paired.findings]
    told += paired.waiting
    named = {log.session_identifier for log in logs if log.event_type is not EventType.RECORD_GENERATION}
    assert sorted(told) == sorted(named | {each.session_identifier for each in paired.renamed})
    assert set(told) == paired.standings.keys()


@given(st.lists(_logs, max_size=12))
def test_no_log_of_a_session_is_dropped(logs: list[SessionLog]) -> None:
    paired = pair(logs, KNOWN)

    later = {each.session_identifier: each.log for each in paired.renamed if each.log.event_type is EventType.START}
    starts = {log.session_identifier for log in logs if log.event_type is EventType.START}
    assert starts | later.keys() <= paired.standings.keys()
    assert all(session.dt_from < session.dt_to for session in paired.sessions)


@given(st.lists(_logs, max_size=8), st.randoms())
def test_the_order_of_the_logs_does_not_matter(logs: list[SessionLog], chance: object) -> None:
    numbered = [log_with_number(entry, number) for number, entry in enumerate(logs)]
    shuffled = list(numbered)
    chance.shuffle(shuffled)

    paired = pair(shuffled, KNOWN)

    assert paired == pair(numbered, KNOWN)


def log_with_number(entry: SessionLog, number: int) -> SessionLog:
    return log(
        entry.event_type,
        entry.timestamp,
        session_identifier=entry.session_identifier,
        instrument_pid=entry.instrument_pid,
        record_status=entry.record_status,
        user=entry.user,
        id_session_log=number,
    )
