"""A calendar with one event of each awkward kind, for tests."""

from datetime import datetime

from nexuslims_core.testing.servers.sharepoint.calendar import CalendarEvent

ADA, BEN = "Løvelace, Ada (Fed)", "O'Neil, Ben (Assoc)"
LIST = "FEITitanTEMEvents"

_FORMATTED = '<div class="ExternalClass6F1D"><p>Bring <b>double-tilt</b> holder &amp; LN2.</p>\n<p>&#160;</p></div>'


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


EXAMPLE_EVENTS = {
    LIST: (
        CalendarEvent(
            event_id=501,
            start=_at("2019-03-06T09:00"),
            end=_at("2019-03-06T11:00"),
            title="Bringing up HT",
            experiment_title="Bringing up HT",
            purpose="HT after water filter change",
            sample="No sample",
            users=(ADA,),
        ),
        CalendarEvent(  # formatted text, XML's own signs, a line break
            event_id=502,
            start=_at("2019-03-06T13:00"),
            end=_at("2019-03-06T17:00"),
            title="EELS of LaNiO3/SrTiO3 & co <test>",
            experiment_title="EELS of LaNiO3/SrTiO3 & co <test>",
            purpose="Ni valence\r\nat the interface",
            sample="LNO-17, 4 µm lamella",
            description=_FORMATTED,
            project="NICKEL.01",
            users=(BEN,),
        ),
        CalendarEvent(  # entered by staff; summer time begins meanwhile
            event_id=503,
            start=_at("2019-03-10T01:30"),
            end=_at("2019-03-10T04:30"),
            title="Over the DST jump",
            users=(ADA,),
            created_by="System Account",
        ),
        CalendarEvent(  # nobody's
            event_id=504,
            start=_at("2019-03-12T00:00"),
            end=_at("2019-03-12T23:59"),
            title="Vendor service",
            category="Service",
            all_day=True,
        ),
        CalendarEvent(
            event_id=505,
            start=_at("2019-03-14T22:00"),
            end=_at("2019-03-15T03:00"),
            title="Overnight tomography",
            users=(ADA, BEN),
        ),
        CalendarEvent(  # one row for a whole series
            event_id=506,
            start=_at("2019-03-18T09:00"),
            end=_at("2019-04-05T10:00"),
            title="Weekly alignment",
            category="Maintenance",
            recurring=True,
        ),
        CalendarEvent(event_id=507, start=_at("2019-03-20T09:00"), end=_at("2019-03-20T09:30"), created_by=ADA),
    )
}
