from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from nexuslims_core.errors import ConfigurationError, UnexpectedAnswerError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.listdata import column, entries, parse_feed
from nexuslims_core.reservations.translation import Translator
from nexuslims_core.schemas import NEXUS_EXPERIMENT, NEXUS_NAMESPACE, SHAREPOINT_TO_NEXUS, schema_path
from nexuslims_core.testing.servers.sharepoint.calendar import Calendar, CalendarEvent
from nexuslims_core.testing.servers.sharepoint.example import ADA, BEN, EXAMPLE_EVENTS, LIST
from nexuslims_core.testing.servers.sharepoint.service import ListDataService

NEW_YORK = ZoneInfo("America/New_York")
TITAN = Instrument(
    instrument_pid="FEI-Titan-TEM-635816",
    schema_name="FEI Titan TEM",
    filestore_path="./Titan",
    timezone="America/New_York",
    calendar_url="https://sharepoint.emlab.example/Div/em/Lists/FEI%20Titan%20Events/calendar.aspx",
)
TIMES = {"start": datetime.fromisoformat("2019-03-06T13:00"), "end": datetime.fromisoformat("2019-03-06T17:00")}

Entry = Callable[..., etree._Element]


def entries_of(*events: CalendarEvent) -> list[etree._Element]:
    base = "https://sharepoint.emlab.example/Div/em/_vti_bin/ListData.svc/"
    service = ListDataService(base=base, zone=NEW_YORK, calendar=Calendar({LIST: events}))
    return entries(parse_feed(service.feed(LIST, {"$expand": "CreatedBy,UserName"}).encode(), base))


def entry_of(**fields: object) -> etree._Element:
    return entries_of(CalendarEvent(**(TIMES | fields)))[0]


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(schema_path(NEXUS_EXPERIMENT)))


@pytest.mark.parametrize("entry", entries_of(*EXAMPLE_EVENTS[LIST]), ids=lambda entry: column(entry, "Id"))
def test_every_example_becomes_a_valid_head(entry: etree._Element, schema: etree.XMLSchema) -> None:
    experiment = Translator().experiment(entry, TITAN, NEW_YORK)

    assert schema.validate(experiment), schema.error_log


@pytest.mark.parametrize("text", ["'\"<&>]]>", "a\tb\r\n c", "é́\U0001f52c", "  ", "-->", "x" * 100_000], ids=repr)
def test_any_text_becomes_a_valid_head(text: str, schema: etree.XMLSchema) -> None:
    fields = dict.fromkeys(("title", "experiment_title", "purpose", "sample", "description", "project"), text)
    entry = entry_of(**fields, users=(text or "x",))

    experiment = Translator().experiment(entry, TITAN, NEW_YORK)

    assert schema.validate(experiment), schema.error_log
    assert len(Translator().reservation(entry, TITAN, NEW_YORK).title or "") < 5000


def test_writes_the_elements_of_the_schema() -> None:
    experiment = Translator().experiment(entry_of(title="EELS", users=(ADA, BEN), sample="LNO-17"), TITAN, NEW_YORK)

    found = {
        name: experiment.findtext(f".//{{{NEXUS_NAMESPACE}}}{name}") for name in ("title", "id", "instrument", "name")
    }
    assert found == {"title": "EELS", "id": "501", "instrument": "FEI Titan TEM", "name": "LNO-17"}
    assert [one.text for one in experiment.iter(f"{{{NEXUS_NAMESPACE}}}experimenter")] == [ADA, BEN]


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"title": "Calendar", "experiment_title": "Experiment"}, "Experiment"),
        ({"title": "Calendar", "experiment_title": "  "}, "Calendar"),
        ({}, "Experiment on the FEI Titan TEM"),
    ],
    ids=["the lab's column", "the calendar's", "neither"],
)
def test_titles_come_from_the_best_column(fields: dict[str, object], title: str) -> None:
    assert Translator().reservation(entry_of(**fields), TITAN, NEW_YORK).title == title


@pytest.mark.parametrize(
    ("fields", "experimenters"),
    [
        ({"users": (ADA, BEN), "created_by": "Staff"}, (ADA, BEN)),
        ({"created_by": "Staff"}, ("Staff",)),
        ({"users": (ADA,), "created_by": ADA}, (ADA,)),
    ],
    ids=["those it is for", "who made it", "both the same"],
)
def test_experimenters_are_those_it_was_booked_for(fields: dict[str, object], experimenters: tuple[str, ...]) -> None:
    assert Translator().reservation(entry_of(**fields), TITAN, NEW_YORK).experimenters == experimenters


def test_links_to_the_page_beside_the_calendar() -> None:
    url = Translator().reservation(entry_of(), TITAN, NEW_YORK).url

    assert url == "https://sharepoint.emlab.example/Div/em/Lists/FEI%20Titan%20Events/DispForm.aspx?ID=501"


@pytest.mark.parametrize("calendar_url", [None, "javascript:alert(1)/calendar.aspx", "calendar.aspx", "https://[/"])
def test_links_to_no_page_where_none_is_known(calendar_url: str | None) -> None:
    elsewhere = Instrument(
        instrument_pid="t", schema_name="T", filestore_path="./T", timezone="Etc/UTC", calendar_url=calendar_url
    )

    assert Translator().reservation(entry_of(), elsewhere, NEW_YORK).url is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-03-10T01:30", "2019-03-10T04:30", ("2019-03-10T01:30:00-05:00", "2019-03-10T04:30:00-04:00")),
        ("2019-03-10T02:30", "2019-03-10T03:00", ("2019-03-10T01:30:00-05:00", "2019-03-10T03:00:00-04:00")),
        ("2019-11-03T01:30", "2019-11-03T01:45", ("2019-11-03T01:30:00-04:00", "2019-11-03T01:45:00-05:00")),
    ],
    ids=["over the jump", "from an hour that is not", "in an hour that comes twice"],
)
def test_times_without_zone_get_the_offset_of_their_day(start: str, end: str, expected: tuple[str, str]) -> None:
    entry = entry_of(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end))

    reservation = Translator().reservation(entry, TITAN, NEW_YORK)

    assert (reservation.start.isoformat(), reservation.end.isoformat()) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("StartTime", ""),
        ("StartTime", "soon"),
        ("StartTime", "0001-01-01T00:00:00"),
        ("EndTime", "2019-02-30T10:00:00"),
        ("EndTime", "9999-12-31T23:59:59"),
        ("Id", ""),
    ],
    ids=["no start", "a word", "year one", "no such day", "the last day", "no number"],
)
def test_an_event_without_usable_times_or_number_is_refused(name: str, text: str) -> None:
    entry = entry_of()
    next(entry.iterfind(f"{{*}}content/{{*}}properties/{{*}}{name}")).text = text

    with pytest.raises(UnexpectedAnswerError):
        Translator().reservation(entry, TITAN, NEW_YORK)


def test_an_event_that_ends_as_it_starts_is_refused() -> None:
    with pytest.raises(UnexpectedAnswerError, match="event 501: reservation 501: ends before it starts"):
        Translator().reservation(entry_of(end=TIMES["start"]), TITAN, NEW_YORK)


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[Callable[[str, str], Path]]:
    """Write the stylesheet that ships with one change, as a site would."""

    def write(old: str, new: str) -> Path:
        shipped = schema_path(SHAREPOINT_TO_NEXUS).read_text("utf-8")
        assert old in shipped
        path = tmp_path / "ours.xsl"
        path.write_text(shipped.replace(old, new), "utf-8")
        return path

    return write


def test_a_site_maps_its_own_columns_by_a_stylesheet_of_its_own(edited: Callable[[str, str], Path]) -> None:
    stylesheet = edited("$event/d:ExperimentPurpose", "$event/d:Location")

    reservation = Translator(stylesheet=stylesheet).reservation(entry_of(location="B115"), TITAN, NEW_YORK)

    assert reservation.motivation == "B115"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</xsl:stylesheet>", ""),
        ("<xsl:otherwise>", "<xsl:else>"),
        ("<c:columns ", "<c:other "),
        ('start="StartTime"', ""),
        ("xsl:value-of select=", "xsl:value-of pick="),
    ],
    ids=["cut off", "not closed", "no columns", "no start", "no XSLT"],
)
def test_a_stylesheet_that_cannot_work_is_to_be_mended(edited: Callable[[str, str], Path], old: str, new: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ours\.xsl"):
        Translator(stylesheet=edited(old, new))


def test_a_stylesheet_that_makes_nothing_is_to_be_mended(edited: Callable[[str, str], Path]) -> None:
    stylesheet = edited('<xsl:template match="/">', '<xsl:template match="/"/><xsl:template match="nothing">')

    with pytest.raises(ConfigurationError, match="makes nothing of event 501"):
        Translator(stylesheet=stylesheet).reservation(entry_of(), TITAN, NEW_YORK)


def test_a_stylesheet_that_is_not_there_is_to_be_mended(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="gone"):
        Translator(stylesheet=tmp_path / "gone.xsl")


def test_a_stylesheet_reads_no_other_file(edited: Callable[[str, str], Path], tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<s>secret</s>")
    stylesheet = edited('select="$event/d:ExperimentPurpose"', f"select=\"document('{secret.as_uri()}')\"")

    with pytest.raises(ConfigurationError, match=r"ours\.xsl failed on event 501"):
        Translator(stylesheet=stylesheet).reservation(entry_of(purpose="x"), TITAN, NEW_YORK)
