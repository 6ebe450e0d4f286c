"""What iCalendar texts of the world hold: series, exceptions, zones, whole days, people, nonsense and bombs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.errors import ConfigurationError, UnexpectedAnswerError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.ical import reading
from nexuslims_core.reservations.ical.calendar import IcalCalendar
from nexuslims_core.reservations.ical.child import Result, Task, read
from nexuslims_core.reservations.ical.events import MOST_DATES
from nexuslims_core.reservations.ical.wording import Wording
from nexuslims_core.reservations.models import Reservation, Sample
from nexuslims_core.reservations.web import WebAccess, WebReader
from nexuslims_core.testing.servers.web_folder import WebFolder
from tests.nexuslims_core.reservations.ics import single, vcalendar, vevent

if TYPE_CHECKING:
    from nexuslims_core.testing.servers.radicale import RadicaleServer

TITAN = Instrument(
    instrument_pid="Titan-1",
    schema_name="Titan",
    filestore_path="./Titan",
    timezone="Europe/Berlin",
    harvester=Harvester.ICAL,
)
DAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEKLY = "RRULE:FREQ=WEEKLY"
BERLIN_WALL = ("DTSTART;TZID=Europe/Berlin:20260105T090000", "DTEND;TZID=Europe/Berlin:20260105T110000")


def asked(text: str | bytes, first: datetime = DAY, days: float = 1, **changed: object) -> Result:
    task = Task(
        first=first,
        last=first + timedelta(days=days),
        timezone="Europe/Berlin",
        names=("Titan", "Titan-1"),
        page=None,
        wording=Wording(**{k: str(v) for k, v in changed.items()}),
    )
    return read(task, text if isinstance(text, bytes) else text.encode())


def starts(result: Result) -> list[str]:
    return [each.start.isoformat() for each in result.reservations]


def test_each_date_of_a_series_is_a_reservation_of_its_own_over_the_change_of_the_clock() -> None:
    text = vcalendar([vevent(*BERLIN_WALL, WEEKLY, "SUMMARY:Monday")])

    found = asked(text, datetime(2026, 3, 22, tzinfo=UTC), days=9)

    assert starts(found) == ["2026-03-23T09:00:00+01:00", "2026-03-30T09:00:00+02:00"]
    assert [each.reservation_id for each in found.reservations] == ["1/20260323T080000Z", "1/20260330T070000Z"]
    assert not any(each.recurring for each in found.reservations)


def test_exceptions_of_a_series_are_heeded() -> None:
    moved = ("RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000", "DTSTART;TZID=Europe/Berlin:20260310T140000")
    series = vevent(*BERLIN_WALL, WEEKLY, "EXDATE;TZID=Europe/Berlin:20260316T090000")
    exception = vevent(*moved, "DTEND;TZID=Europe/Berlin:20260310T150000", "SUMMARY:moved")
    cancelled = vevent(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260323T090000",
        "DTSTART;TZID=Europe/Berlin:20260323T090000",
        "DTEND;TZID=Europe/Berlin:20260323T110000",
        "STATUS:CANCELLED",
    )

    found = asked(vcalendar([series, exception, cancelled]), datetime(2026, 3, 8, tzinfo=UTC), days=18)

    assert starts(found) == ["2026-03-10T14:00:00+01:00"]


@pytest.mark.parametrize(
    ("lines", "start", "hours"),
    [
        (["DTSTART:20260302T090000", "DTEND:20260302T100000"], "2026-03-02T09:00:00+01:00", 1),
        (["DTSTART:20260302T090000Z", "DURATION:PT90M"], "2026-03-02T10:00:00+01:00", 1.5),
        (["DTSTART;TZID=America/New_York:20260302T030000", "DURATION:PT1H"], "2026-03-02T09:00:00+01:00", 1),
        (["DTSTART;TZID=W. Europe Standard Time:20260302T090000", "DURATION:PT1H"], "2026-03-02T09:00:00+01:00", 1),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303"], "2026-03-02T00:00:00+01:00", 24),
        (["DTSTART;VALUE=DATE:20260302"], "2026-03-02T00:00:00+01:00", 24),
        (["DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20260601"], "2026-01-01T00:00:00+01:00", 151 * 24 - 1),
    ],
    ids=["no zone", "duration", "another zone", "Windows zone", "whole day", "day without end", "months"],
)
def test_times_are_understood(lines: list[str], start: str, hours: float) -> None:
    (found,) = asked(vcalendar([vevent(*lines)])).reservations

    assert found.start.isoformat() == start
    assert found.end - found.start == timedelta(hours=hours)


def test_a_zone_that_a_calendar_describes_itself_counts() -> None:
    zone = "\r\n".join(
        [
            "BEGIN:VTIMEZONE",
            "TZID:Lab time",
            "BEGIN:STANDARD",
            "DTSTART:19700101T000000",
            "TZOFFSETFROM:+0300",
            "TZOFFSETTO:+0300",
            "END:STANDARD",
            "END:VTIMEZONE",
        ]
    )

    (found,) = asked(vcalendar([vevent("DTSTART;TZID=Lab time:20260302T090000", "DURATION:PT1H")], zone)).reservations

    assert found.start.astimezone(UTC) == datetime(2026, 3, 2, 6, tzinfo=UTC)


def test_people_are_who_booked_and_who_comes() -> None:
    people = (
        "ORGANIZER;CN=Ada Lovelace:mailto:ada@example.org",
        "ATTENDEE;CN=Ada Lovelace;PARTSTAT=ACCEPTED:mailto:ada@example.org",
        "ATTENDEE;CN=Ben:MAILTO:ben@example.org",
        "ATTENDEE;CN=Carl;PARTSTAT=DECLINED:mailto:carl@example.org",
        "ATTENDEE;CUTYPE=ROOM;CN=Room 12:mailto:room12@example.org",
    )

    (found,) = asked(vcalendar([single("x", DAY, DAY + timedelta(hours=1), *people)])).reservations

    assert (found.experimenters, found.collaborators) == (("Ada Lovelace",), ("Ben",))
    assert found.logins == ("ada@example.org",)


def test_what_is_cancelled_is_left_out() -> None:
    hours = (DAY, DAY + timedelta(hours=1))
    withdrawn = vcalendar([single("all", *hours)], "METHOD:CANCEL")

    assert asked(vcalendar([single("one", *hours, "STATUS:CANCELLED")])).reservations == ()
    assert asked(withdrawn).reservations == ()


def test_patterns_of_the_site_find_who_and_on_what() -> None:
    text = r"<p>Sample: LNO-17 &amp; co</p>Sample: spare<br>Project: NICKEL.01\nWhy: Ni valence"
    event = single("[Titan] Løvelace\\, Ada: EELS", DAY, DAY + timedelta(hours=1), f"DESCRIPTION:{text}")
    patterns = {
        "summary": r"\[(?P<instrument>[^]]+)\] (?P<user>[^:]+): (?P<title>.+)",
        "description": r"^Sample: (?P<sample>.+)|^Project: (?P<project_id>.+)|^Why: (?P<motivation>.+)",
    }

    (found,) = asked(vcalendar([event]), **patterns).reservations

    assert (found.title, found.experimenters, found.motivation) == ("EELS", ("Løvelace, Ada",), "Ni valence")
    assert found.samples == (Sample(name="LNO-17 & co"), Sample(name="spare"))
    assert found.projects[0].project_id == "NICKEL.01"


def test_a_pattern_tells_the_instruments_of_one_calendar_apart() -> None:
    hours = (DAY, DAY + timedelta(hours=1))
    text = vcalendar([single("TITAN: a", *hours), single("Quanta: b", *hours), single("c", *hours)])

    found = asked(text, summary=r"^(?P<instrument>\w+): (?P<title>.+)")

    assert [each.title for each in found.reservations] == ["a", "c"]


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [("(", "no regular expression"), ("(?P<usr>.*)", "no group can be called 'usr'"), (".*", "names no group")],
    ids=["broken", "strange group", "no group"],
)
def test_a_pattern_that_cannot_work_is_said(pattern: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=f"NEXUSLIMS_ICAL_SUMMARY_PATTERN.*{sentence}"):
        Wording(summary=pattern)


GOOD = single("good", DAY, DAY + timedelta(hours=1))


@pytest.mark.parametrize(
    "bad",
    [
        vevent("SUMMARY:no times", uid="bad"),
        vevent("DTSTART:yesterday", uid="bad"),
        vevent("DTSTART:20260302T100000Z", "DTEND:20260302T090000Z", uid="bad"),
        vevent("DTSTART:20260302T100000Z", uid="bad"),
        vevent("DTSTART:20260302T100000Z", "DURATION:PT1H", "RRULE:FREQ=NEVER", uid="bad"),
        vevent("DTSTART:19700101T000000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY", uid="bad"),
        vevent("DTSTART:20260101T000000Z", "DURATION:PT1S", "RRULE:FREQ=MINUTELY;COUNT=1000000", uid="bad"),
        vevent(
            "DTSTART:20260101T000000Z",
            "DURATION:PT1S",
            "RRULE:FREQ=DAILY;BYHOUR=0,1;BYMINUTE=" + ",".join(map(str, range(60))),
            uid="bad",
        ),
    ],
    ids=[
        "no times",
        "no date",
        "backwards",
        "no end",
        "no rule",
        "each second",
        "each minute",
        "each minute of two hours",
    ],
)
def test_a_bad_event_costs_no_other_and_is_said(bad: str) -> None:
    found = asked(vcalendar([bad, GOOD]))

    assert [each.title for each in found.reservations] == ["good"]
    assert len(found.left_out) == 1


@pytest.mark.parametrize("zone", ["Europe", "Mars/Phobos", "../../etc/passwd"])
def test_a_calendar_in_a_zone_that_nobody_knows_is_read_all_the_same(zone: str) -> None:
    found = asked(vcalendar([GOOD], f"X-WR-TIMEZONE:{zone}"))

    assert [each.title for each in found.reservations] == ["good"]
    assert "is not known" in found.left_out[0]


def test_text_that_is_no_utf_8_is_read_and_said() -> None:
    found = asked(vcalendar([single("Löß", DAY, DAY + timedelta(hours=1))]).encode("cp1252"))

    assert found.reservations[0].title == "Löß"
    assert "no UTF-8" in found.left_out[0]


@pytest.mark.parametrize("text", ["", "hello", "<html>", vcalendar([GOOD])[:-20], vcalendar([GOOD])[:60]])
def test_what_is_no_whole_calendar_is_said(text: str) -> None:
    assert asked(text).failure == "is no calendar, or ends in the middle"


def test_a_calendar_with_more_bookings_than_anybody_makes_is_refused() -> None:
    moments = (DAY + timedelta(seconds=number) for number in range(MOST_DATES + 1))
    events = (single(f"{number}", at, at + timedelta(seconds=1)) for number, at in enumerate(moments))

    assert "more than 5,000 bookings" in (asked(vcalendar(events)).failure or "")


def test_ten_years_of_bookings_are_not_all_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    from nexuslims_core.reservations.ical import events as module

    monkeypatch.setattr(module, "MOST_EVENTS", 10)
    days = (DAY + timedelta(days=number) for number in range(-3650, 365))

    found = asked(vcalendar(single(f"{at:%j%Y}", at, at + timedelta(hours=1)) for at in days))

    assert (found.failure, len(found.reservations)) == (None, 2)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[[str], Instrument]]:
    """Put a calendar on a web server that asks for no login."""
    with WebFolder(folder=tmp_path) as site:

        def serve(text: str) -> Instrument:
            (tmp_path / "titan.ics").write_text(text, newline="")
            return replace(TITAN, api_url=site.address("titan.ics"))

        yield serve


def harvested(instrument: Instrument, **changed: str) -> tuple[Reservation, ...]:
    calendar = IcalCalendar(reader=WebReader(setting="NEXUSLIMS_ICAL", kind="calendar"), wording=Wording(**changed))
    return calendar.reservations(instrument, DAY, DAY + timedelta(hours=4))


def test_a_public_calendar_needs_no_credentials(served: Callable[[str], Instrument]) -> None:
    assert [each.title for each in harvested(served(vcalendar([GOOD])))] == ["good"]


def test_what_is_left_out_is_told_in_the_log(
    served: Callable[[str], Instrument], caplog: pytest.LogCaptureFixture
) -> None:
    harvested(served(vcalendar([vevent("SUMMARY:no times", uid="bad"), GOOD])))

    assert "Titan-1: in its calendar, event bad makes no sense" in caplog.text


@pytest.mark.slow
def test_series_that_never_happen_do_not_take_for_ever(served: Callable[[str], Instrument]) -> None:
    never = ("DTSTART:20260101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    endless = served(vcalendar(vevent(*never, uid=f"{number}") for number in range(500)))
    calendar = IcalCalendar(reader=WebReader(setting="NEXUSLIMS_ICAL", kind="calendar"), cpu_limit_s=2)

    with pytest.raises(UnexpectedAnswerError, match=r"within 2 s .*repeat too often"):
        calendar.reservations(endless, DAY, DAY + timedelta(hours=4))


@pytest.mark.slow
def test_a_pattern_that_backtracks_does_not_take_for_ever(
    served: Callable[[str], Instrument], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "TIME_LIMIT_S", 3)
    text = served(vcalendar([single("a" * 60, DAY, DAY + timedelta(hours=1))]))

    with pytest.raises(UnexpectedAnswerError, match="more than 3 s"):
        harvested(text, summary=r"^(?P<title>(a+)+)$b")


@pytest.mark.server
class TestCaldavFolders:
    def calendar(self, server: "RadicaleServer") -> IcalCalendar:
        access = WebAccess(address=server.access.url, user=server.access.user, password=server.access.password)
        return IcalCalendar(reader=WebReader(setting="NEXUSLIMS_ICAL", kind="calendar", accesses=(access,)))

    def test_the_name_chooses_among_the_calendars_of_a_folder(self, radicale: "RadicaleServer") -> None:
        radicale.put(radicale.add_calendar("Chosen"), "1", vcalendar([GOOD]))
        radicale.add_calendar("Other")
        instrument = replace(TITAN, api_url=radicale.home_url, calendar_name="Chosen")

        found = self.calendar(radicale).reservations(instrument, DAY, DAY + timedelta(hours=4))

        assert [each.title for each in found] == ["good"]

    def test_a_folder_without_a_name_is_to_be_mended(self, radicale: "RadicaleServer") -> None:
        radicale.add_calendar("One")
        radicale.add_calendar("Another")
        instrument = replace(TITAN, api_url=radicale.home_url)

        with pytest.raises(ConfigurationError, match=r"set its calendar_name to one of .*Another"):
            self.calendar(radicale).reservations(instrument, DAY, DAY + timedelta(hours=4))

    def test_a_series_keeps_its_zone(self, radicale: "RadicaleServer") -> None:
        calendar = radicale.add_calendar("Series")
        radicale.put(calendar, "1", vcalendar([vevent(*BERLIN_WALL, WEEKLY)]))
        monday = datetime(2026, 3, 30, 7, tzinfo=UTC)

        (found,) = self.calendar(radicale).reservations(
            replace(TITAN, api_url=calendar), monday, monday + timedelta(hours=1)
        )

        assert found.start == monday
