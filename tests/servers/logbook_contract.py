"""What every logbook promises a logger, whatever is behind it; a test class inherits it and says which one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from nexuslims_core.errors import SessionStateError, UnknownInstrumentError, UnknownSessionError
from nexuslims_core.logger.entries import REFUSALS, Entry, Event, Logbook

INSTRUMENT = "Titan-1"
ZONE = "Europe/Berlin"


def begins(at: str = "2026-03-02T10:00:00+00:00", **given: str) -> Entry:
    said = {"session": str(uuid4()), "instrument": INSTRUMENT, "user": "ada"} | given
    return Entry(event=Event.START, at=datetime.fromisoformat(at), **said)


def ends(session: str, at: str = "2026-03-02T12:00:00+00:00") -> Entry:
    return Entry(event=Event.END, at=datetime.fromisoformat(at), session=session)


class LogbookContract:
    """The fixture ``logbook`` has the instrument above, whose clock runs in the zone above."""

    def test_a_session_starts_and_ends(self, logbook: Logbook) -> None:
        start = begins()

        started, ended = logbook.write(start), logbook.write(ends(start.session))

        assert (started.session, started.status, started.start) == (start.session, "WAITING_FOR_END", start.at)
        assert (ended.status, ended.end) == ("TO_BE_BUILT", datetime(2026, 3, 2, 12, tzinfo=UTC))

    @pytest.mark.parametrize("follow", [lambda start: start, lambda start: ends(start.session)], ids=["start", "end"])
    def test_what_is_said_again_gets_the_same_answer(self, logbook: Logbook, follow: Callable[[Entry], Entry]) -> None:
        start = begins()
        logbook.write(start)
        entry = follow(start)

        first, second = logbook.write(entry), logbook.write(entry)

        assert first == second

    def test_a_start_may_be_said_again_after_the_end(self, logbook: Logbook) -> None:
        start = begins()
        logbook.write(start)
        logbook.write(ends(start.session))

        assert logbook.write(start).start == start.at

    def test_microseconds_are_kept(self, logbook: Logbook) -> None:
        start = begins("2026-03-02T10:00:00.123456+00:00")

        assert logbook.write(start).start == start.at

    def test_a_naive_time_is_what_the_clock_of_the_instrument_shows(self, logbook: Logbook) -> None:
        start = begins("2025-07-01T10:00:00")

        logbook.write(start)

        assert logbook.write(start).start == datetime(2025, 7, 1, 8, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("end", "utc"), [("02:10", "01:10"), ("02:55", "00:55"), ("03:30", "02:30")], ids=["later", "earlier", "after"]
    )
    def test_an_end_in_the_hour_that_came_twice_follows_the_start(self, logbook: Logbook, end: str, utc: str) -> None:
        start = begins("2025-10-26T00:50:00+00:00")
        logbook.write(start)

        told = [logbook.write(ends(start.session, f"2025-10-26T{end}")) for _ in range(2)]

        assert [each.end for each in told] == [datetime.fromisoformat(f"2025-10-26T{utc}:00+00:00")] * 2

    def test_what_nobody_stated_a_time_for_may_be_said_again_at_another(self, logbook: Logbook) -> None:
        start = replace(begins(), stated=False)
        end = replace(ends(start.session), stated=False)

        told = [
            logbook.write(replace(entry, at=entry.at + timedelta(minutes=minute)))
            for entry in (start, end)
            for minute in range(2)
        ]

        assert [each.start for each in told] == [start.at] * 4
        assert [each.end for each in told] == [None, None, end.at, end.at]

    def test_what_is_still_to_come_is_refused(self, logbook: Logbook) -> None:
        start, soon = begins(), datetime.now(UTC) + timedelta(minutes=10)
        logbook.write(start)

        for entry in (replace(begins(), at=soon), replace(ends(start.session), at=soon, stated=False)):
            with pytest.raises(SessionStateError, match="still to come"):
                logbook.write(entry)

    def test_an_unknown_instrument_is_refused(self, logbook: Logbook) -> None:
        with pytest.raises(UnknownInstrumentError, match="no instrument 'Titan-9'"):
            logbook.write(begins(instrument="Titan-9"))

    def test_the_end_of_a_session_that_never_started_is_refused(self, logbook: Logbook) -> None:
        with pytest.raises(UnknownSessionError, match="no session 'never'"):
            logbook.write(ends("never"))

    def test_another_start_of_the_same_id_is_refused(self, logbook: Logbook) -> None:
        start = begins()
        logbook.write(start)

        with pytest.raises(SessionStateError, match=start.session):
            logbook.write(begins(session=start.session, user="bob"))

    @pytest.mark.parametrize("at", ["2026-03-02T12:30:00+00:00", "2026-03-02T09:00:00+00:00"], ids=["again", "before"])
    def test_an_end_that_cannot_be_is_refused(self, logbook: Logbook, at: str) -> None:
        start = begins()
        logbook.write(start)
        if at > "2026-03-02T12":
            logbook.write(ends(start.session))

        with pytest.raises(SessionStateError, match=start.session):
            logbook.write(ends(start.session, at))

    def test_an_id_that_nobody_can_read_is_refused(self, logbook: Logbook) -> None:
        with pytest.raises(REFUSALS):
            logbook.write(begins(session=" "))
