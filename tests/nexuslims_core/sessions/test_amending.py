from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core.sessions.amending import Amendment, changes, was_taken_out
from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.own_logs import OwnLogs
from nexuslims_core.sessions.states import RecordStatus

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
TIMES = st.integers(0, 6).map(lambda hour: TEN + timedelta(hours=hour)) | st.just(NO_TIME)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[SessionLog, ...]:
    events = st.sampled_from([EventType.START, EventType.END])
    told = draw(st.lists(st.tuples(events, TIMES, st.sampled_from(["Titan", "Quanta"])), min_size=1, max_size=6))
    return tuple(
        SessionLog(
            id_session_log=number,
            session_identifier="s1",
            instrument_pid=pid,
            timestamp=time,
            event_type=event,
            record_status=RecordStatus.ERROR,
            user="ada",
        )
        for number, (event, time, pid) in enumerate(told)
    )


AMENDMENTS = st.builds(
    Amendment,
    start=st.none() | st.integers(-2, 3).map(lambda hour: TEN + timedelta(hours=hour)),
    end=st.none() | st.integers(4, 9).map(lambda hour: TEN + timedelta(hours=hour)),
    instrument_pid=st.none() | st.just("Titan"),
)


def applied(amendment: Amendment, logs: tuple[SessionLog, ...]) -> tuple[SessionLog, ...]:
    done = changes(amendment, logs)
    touched = {change.before for change in done}
    return tuple(log for log in logs if log not in touched) + tuple(change.after for change in done if change.after)


@given(AMENDMENTS, sessions())
def test_what_a_person_says_counts(amendment: Amendment, logs: tuple[SessionLog, ...]) -> None:
    own = OwnLogs.of("s1", applied(amendment, logs))

    assert amendment.start in (None, own.starts[0].timestamp if own.starts else None)
    assert amendment.end in (None, own.ends[-1].timestamp if own.ends else None)
    assert amendment.instrument_pid is None or {log.instrument_pid for log in own.every} == {"Titan"}


@given(AMENDMENTS, sessions())
def test_said_again_it_changes_nothing(amendment: Amendment, logs: tuple[SessionLog, ...]) -> None:
    after = applied(amendment, logs)
    kept = [log for log in after if log.id_session_log is not None]
    numbered = tuple(kept) + tuple(
        replace(log, id_session_log=100 + number)
        for number, log in enumerate(each for each in after if each.id_session_log is None)
    )

    assert changes(amendment, numbered) == ()


@given(AMENDMENTS, sessions(), st.text(max_size=20))
def test_every_log_that_changes_is_told_with_all_that_it_said(
    amendment: Amendment, logs: tuple[SessionLog, ...], reason: str
) -> None:
    for change in changes(amendment, logs):
        told = change.told(UTC, reason)

        if change.before:
            assert was_taken_out(change.before.id_session_log or 0, [told]) is (change.after is None)
            for said in (change.before.timestamp.isoformat(), change.before.instrument_pid, "ada", "ERROR"):
                assert said in told


def test_a_log_of_another_number_was_not_taken_out() -> None:
    sentence = "Taken out by hand: log 12, the END at 2026-03-02T10:00:00+00:00 by log 1, the ada on T, ERROR: slip."

    assert [number for number in range(20) if was_taken_out(number, [sentence])] == [12]
