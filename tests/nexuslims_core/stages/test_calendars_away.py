"""What alerts call a calendar."""

from dataclasses import replace

import pytest

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.stages.calendars_away import calendar_of

TITAN = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")


@pytest.mark.parametrize(
    ("harvester", "api_url", "name"),
    [
        (
            Harvester.SHAREPOINT,
            "https://sp.example.org/_vti_bin/ListData.svc/Titan",
            "the SharePoint calendar at sp.example.org",
        ),
        (Harvester.NEMO, "https://nemo.example.org/api/tools/?id=3", "the NEMO calendar at nemo.example.org"),
        (Harvester.ICAL, "https://ada:secret@cal.example.org/titan.ics", "the calendar at cal.example.org"),
        (Harvester.ICAL, "https://cal.example.org:5232/lab/titan/", "the calendar at cal.example.org:5232"),
        (Harvester.TABLE, "https://www.example.org/titan.csv", "the table of reservations at www.example.org"),
        (Harvester.TABLE, "titan.csv", "the table of reservations"),
        (Harvester.SHAREPOINT, "https://[bad", "the SharePoint calendar"),
    ],
    ids=[
        "SharePoint",
        "NEMO",
        "a file on a server",
        "CalDAV",
        "a table on a server",
        "a table in a folder",
        "no address",
    ],
)
def test_a_calendar_is_called_as_people_do(harvester: Harvester, api_url: str, name: str) -> None:
    calendar = calendar_of(replace(TITAN, harvester=harvester, api_url=api_url))

    assert calendar is not None
    assert calendar.name == name


def test_every_kind_of_calendar_has_a_name() -> None:
    kinds = set(Harvester) - {Harvester.NONE}

    named = [calendar_of(replace(TITAN, harvester=kind)) for kind in kinds]

    assert all(named)
    assert calendar_of(TITAN) is None


def test_the_books_know_a_calendar_by_what_they_have_always_called_it() -> None:
    calendar = calendar_of(replace(TITAN, harvester=Harvester.ICAL, api_url="https://cal.example.org/titan.ics"))

    assert calendar is not None
    assert calendar.key == "ical at cal.example.org"
