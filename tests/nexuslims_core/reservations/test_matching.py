from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.matching import match
from nexuslims_core.reservations.models import Reservation
from nexuslims_core.sessions.models import Session

NEW_YORK = ZoneInfo("America/New_York")
TITAN = Instrument(instrument_pid="t", schema_name="Titan", filestore_path="./Titan", timezone="America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2019-03-06T{text}").replace(tzinfo=UTC)


def session(start: str = "12:00", end: str = "16:00") -> Session:
    return Session(session_identifier="s", instrument=TITAN, dt_from=at(start), dt_to=at(end))


def booked(name: str, start: str, end: str, *, recurring: bool = False) -> Reservation:
    return Reservation(reservation_id=name, start=at(start), end=at(end), recurring=recurring)


def chosen(*reservations: Reservation) -> str | None:
    taken = match(reservations, session()).reservation
    return taken.reservation_id if taken else None


@pytest.mark.parametrize(
    ("reservations", "expected"),
    [
        ([], None),
        ([booked("a", "12:00", "16:00")], "a"),
        ([booked("a", "15:59", "20:00")], "a"),
        ([booked("a", "08:00", "12:00"), booked("b", "16:00", "20:00")], None),
        ([booked("short", "11:00", "13:00"), booked("long", "13:00", "16:00")], "long"),
        ([booked("later", "11:30", "17:00"), booked("earlier", "11:00", "17:00")], "earlier"),
        ([booked("b", "11:00", "17:00"), booked("a", "11:00", "18:00")], "a"),
        ([booked("series", "00:00", "23:00", recurring=True), booked("single", "15:00", "15:10")], "single"),
        ([booked("series", "00:00", "23:00", recurring=True), booked("away", "16:00", "17:00")], "series"),
    ],
    ids=[
        "none", "one", "a minute", "touching ends", "longest overlap", "same overlap, earlier start",
        "same overlap and start, id", "single before series", "series where nothing else",
    ],
)  # fmt: skip
def test_takes_the_reservation_that_shares_most_with_the_session(
    reservations: list[Reservation], expected: str | None
) -> None:
    assert chosen(*reservations) == expected
    assert chosen(*reversed(reservations)) == expected


def test_counts_time_and_not_the_clock_on_the_wall_where_it_jumps() -> None:
    def local(text: str) -> datetime:
        return datetime.fromisoformat(f"2019-03-10T{text}").replace(tzinfo=NEW_YORK)

    over_the_jump = Reservation(reservation_id="jump", start=local("01:00"), end=local("03:30"))
    after_it = Reservation(reservation_id="after", start=local("03:30"), end=local("05:15"))
    whole_night = Session(session_identifier="s", instrument=TITAN, dt_from=local("00:00"), dt_to=local("06:00"))

    taken = match([over_the_jump, after_it], whole_night)

    assert taken.reservation == after_it
    assert "105 min" in taken.explanation


@pytest.mark.parametrize(
    ("reservations", "sentence"),
    [
        ([], "The calendar holds no reservation near the session."),
        (
            [booked("1", "09:00", "10:00"), booked("2", "16:00", "17:00")],
            "No reservation overlaps the session, though the calendar holds 2 near it.",
        ),
        ([booked("7", "13:30", "20:00")], "Reservation 7 shares 150 min with the session; no other overlaps it."),
        (
            [booked("7", "13:30", "20:00"), booked("8", "12:00", "13:30")],
            "Reservation 7 shares 150 min with the session; 1 other overlaps it too.",
        ),
        (
            [booked("7", "00:00", "20:00", recurring=True)],
            "Reservation 7, which stands for a whole series, shares 240 min with the session; no other overlaps it.",
        ),
    ],
    ids=["empty calendar", "none overlaps", "one", "two", "series"],
)
def test_says_why(reservations: list[Reservation], sentence: str) -> None:
    assert match(reservations, session()).explanation == sentence


def test_says_seconds_where_minutes_would_be_none() -> None:
    start = at("16:00") - timedelta(seconds=20)
    brief = Reservation(reservation_id="7", start=start, end=at("18:00"), title="EELS")

    explanation = match([brief], session()).explanation

    assert explanation == "Reservation 7 “EELS” shares 20 s with the session; no other overlaps it."
