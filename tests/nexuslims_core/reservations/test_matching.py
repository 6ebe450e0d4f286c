from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations import matching
from nexuslims_core.reservations.matching import match
from nexuslims_core.reservations.models import Confidence, Reservation
from nexuslims_core.sessions.models import Session

NEW_YORK = ZoneInfo("America/New_York")
TITAN = Instrument(instrument_pid="t", schema_name="Titan", filestore_path="./Titan", timezone="America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2019-03-06T{text}").replace(tzinfo=UTC)


def session(start: str = "12:00", end: str = "16:00", user: str | None = None) -> Session:
    return Session(session_identifier="s", instrument=TITAN, dt_from=at(start), dt_to=at(end), user=user)


def booked(name: str, start: str, end: str, **more: object) -> Reservation:
    return Reservation(reservation_id=name, start=at(start), end=at(end), **more)


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
        ([booked("closer", "11:30", "17:00"), booked("wider", "11:00", "17:00")], "closer"),
        ([booked("day", "00:00", "23:59"), booked("own", "11:30", "16:30")], "own"),
        ([booked("later", "11:30", "17:30"), booked("earlier", "11:00", "17:00")], "earlier"),
        ([booked("b", "11:00", "17:00"), booked("a", "11:00", "17:00")], "a"),
        ([booked("series", "00:00", "23:00", recurring=True), booked("single", "15:00", "15:10")], "single"),
        ([booked("series", "00:00", "23:00", recurring=True), booked("away", "16:00", "17:00")], "series"),
    ],
    ids=[
        "none", "one", "a minute", "touching ends", "longest overlap", "same overlap, closer fit",
        "a note for the whole day", "same overlap and length, earlier start", "same times, id",
        "single before series", "series where nothing else",
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
    assert (taken.candidates[0].overlap_s, taken.candidates[0].share) == (105 * 60, 0.35)


@pytest.mark.parametrize(
    ("reservations", "sentence"),
    [
        ([], "The calendar holds no reservation near the session."),
        (
            [booked("1", "09:00", "10:00"), booked("2", "16:30", "17:00")],
            "No reservation overlaps the session, though the calendar holds 2 near it; the nearest, reservation 2, "
            "began 30 min after it ended.",
        ),
        (
            [booked("1", "09:00", "11:50")],
            "No reservation overlaps the session, though the calendar holds 1 near it; the nearest, reservation 1, "
            "ended 10 min before it began.",
        ),
        (
            [booked("7", "13:30", "20:00")],
            "Reservation 7 shares 150 min with the session, 62 % of it; no other overlaps it.",
        ),
        (
            [booked("7", "13:30", "20:00"), booked("8", "12:00", "13:30")],
            "Reservation 7 shares 150 min with the session, 62 % of it; 1 other overlaps it too. "
            "It was taken because it shares the most time with the session.",
        ),
        (
            [booked("7", "00:00", "20:00", recurring=True)],
            "Reservation 7, which stands for a whole series, shares 240 min with the session, 100 % of it; "
            "no other overlaps it.",
        ),
        (
            [booked("7", "15:59:40", "18:00", title="EELS")],
            "Reservation 7 “EELS” shares 20 s with the session, less than 1 % of it; no other overlaps it.",
        ),
    ],
    ids=["empty calendar", "none, next after", "none, last before", "one", "two", "series", "seconds"],
)
def test_says_why(reservations: list[Reservation], sentence: str) -> None:
    assert match(reservations, session()).explanation == sentence


@pytest.mark.parametrize(
    ("reservations", "rule", "confidence"),
    [
        ([], "", Confidence.NONE),
        ([booked("a", "12:00", "16:00")], matching.ONLY, Confidence.CLEAR),
        ([booked("a", "12:00", "13:00")], matching.ONLY, Confidence.WEAK),
        ([booked("a", "12:00", "16:00", recurring=True)], matching.ONLY, Confidence.WEAK),
        ([booked("a", "12:00", "15:50"), booked("b", "15:50", "18:00")], matching.LONGEST, Confidence.CLEAR),
        ([booked("a", "12:00", "14:30"), booked("b", "14:30", "18:00")], matching.LONGEST, Confidence.SEVERAL),
        ([booked("a", "00:00", "23:59"), booked("b", "11:30", "16:30")], matching.CLOSEST, Confidence.SEVERAL),
        ([booked("a", "11:00", "17:00"), booked("b", "10:00", "16:00")], matching.EARLIEST, Confidence.SEVERAL),
        (
            [booked("a", "12:00", "16:00"), booked("b", "10:00", "17:00", recurring=True)],
            matching.SINGLE,
            Confidence.CLEAR,
        ),
    ],
    ids=[
        "none", "whole", "a quarter", "series", "a neighbour's few minutes", "two", "a whole day beside", "fit alike",
        "series beside",
    ],
)  # fmt: skip
def test_tells_the_rule_and_how_sure_it_is(reservations: list[Reservation], rule: str, confidence: Confidence) -> None:
    found = match(reservations, session())

    assert (found.rule, found.confidence) == (rule, confidence)


def test_names_every_reservation_of_a_session() -> None:
    first = booked("1", "12:00", "13:00", title="STEM", experimenters=("Ben O'Neil",))
    second = booked("2", "13:00", "16:00")
    series = booked("3", "00:00", "23:00", recurring=True)

    found = match([first, second, series], session())

    assert [each.reservation.reservation_id for each in found.candidates] == ["2", "1", "3"]
    assert found.notes == (
        "Not taken: reservation 1 “STEM” of Ben O'Neil, 2019-03-06 07:00 to 08:00; it shares 60 min with the session, "
        "25 % of it.",
        "Not taken: reservation 3, for a whole series, 2019-03-05 19:00 to 2019-03-06 18:00; it shares 240 min with "
        "the session, 100 % of it.",
        "Several reservations lie in this session, so the record may tell of more than one person's work.",
    )


def test_a_thousand_reservations_are_counted_and_not_all_named() -> None:
    many = [booked(str(i), "12:00", "13:00") for i in range(1000)]

    found = match(many, session())

    assert len(found.candidates) == matching.MOST_CANDIDATES
    assert "999 others overlap it too" in found.explanation
    assert "979 more overlap the session and are not named here." in found.notes


@pytest.mark.parametrize(
    ("user", "logins", "experimenters", "same"),
    [
        ("ada", ("ada",), ("Ada Løvelace (ada)",), True),
        ("EMLAB\\Ada", ("ada@emlab.example",), (), True),
        ("alovelace", (), ("Løvelace, Ada (Fed)",), True),
        ("ada", (), ("Løvelace, Ada",), True),
        (None, ("ada",), ("Ada",), True),
        ("ada", (), (), True),
        ("ben", ("ada",), ("Ada Løvelace (ada)",), False),
        ("ben", (), ("Løvelace, Ada", "Müller, Max"), False),
    ],
    ids=["login", "domain", "name in login", "login in name", "unknown user", "nobody's", "other login", "other names"],
)
def test_shows_where_another_was_at_the_instrument(
    user: str | None, logins: tuple[str, ...], experimenters: tuple[str, ...], same: bool
) -> None:
    taken = match([booked("1", "12:00", "16:00", logins=logins, experimenters=experimenters)], session(user=user))

    assert (taken.confidence is Confidence.CLEAR) is same
    told = f"The user on the instrument was {user}, but the reservation is for {', '.join(experimenters)}."
    assert (told in taken.notes) is not same


def test_says_no_more_than_times_of_those_who_have_not_agreed() -> None:
    mine = booked("1", "12:00", "16:00", title="Mine", consent=True)
    agreed = booked("2", "12:00", "13:00", title="Open", consent=True)
    private = booked("3", "12:00", "13:00", title="Private", experimenters=("Ben",), consent=False)

    found = match([mine, agreed, private], session(), discreet=True)

    assert found.reservation == mine
    assert "Private" not in repr(found)
    assert "Open" in repr(found)


def test_a_private_reservation_near_by_is_not_named_either() -> None:
    private = booked("3", "10:00", "11:00", title="Private", consent=False)

    assert "Private" not in repr(match([private], session(), discreet=True))


def test_a_match_is_the_same_whatever_the_order() -> None:
    every = [booked(str(i), f"1{i}:00", "16:00") for i in range(5)]

    assert match(every, session()) == match(reversed(every), session())
