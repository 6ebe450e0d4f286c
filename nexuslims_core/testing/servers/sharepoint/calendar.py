"""What the calendars hold: events as people would type them, and the rows that SharePoint makes of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ConfigDict

from nexuslims_core.codec import decode

Value = str | int | bool | datetime | None
Row = dict[str, Value]

TEXT, NUMBER, FLAG, TIME = "Edm.String", "Edm.Int32", "Edm.Boolean", "Edm.DateTime"

EVENT_COLUMNS = {
    "ContentTypeID": TEXT,
    "Title": TEXT,
    "Location": TEXT,
    "StartTime": TIME,
    "EndTime": TIME,
    "Description": TEXT,
    "CategoryValue": TEXT,
    "AllDayEvent": FLAG,
    "Recurrence": FLAG,
    "TitleOfExperiment": TEXT,
    "ExperimentPurpose": TEXT,
    "SampleDetails": TEXT,
    "ProjectID": TEXT,
    "Id": NUMBER,
    "ContentType": TEXT,
    "Modified": TIME,
    "Created": TIME,
    "CreatedById": NUMBER,
    "ModifiedById": NUMBER,
    "Owshiddenversion": NUMBER,
    "Version": TEXT,
    "Path": TEXT,
}
"""Columns of a calendar in the order of the wire; the names are those of the NIST calendars."""

PERSON_COLUMNS = {
    "ContentTypeID": TEXT,
    "Name": TEXT,
    "Account": TEXT,
    "WorkEmail": TEXT,
    "WorkPhone": TEXT,
    "Office": TEXT,
    "Department": TEXT,
    "UserName": TEXT,
    "Id": NUMBER,
    "ContentType": TEXT,
    "Modified": TIME,
    "Created": TIME,
    "CreatedById": NUMBER,
    "ModifiedById": NUMBER,
    "Owshiddenversion": NUMBER,
    "Version": TEXT,
    "Path": TEXT,
}

PEOPLE = "UserInformationList"
_STAFF = "System Account"
_FIRST_PERSON = 224
_FIRST_EVENT = 501


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One event as a person enters it; empty fields stay empty columns.

    Attributes
    ----------
    start, end
        Times on the site's wall clock, without zone.
    title, experiment_title
        The calendar's own title, and the lab's extra column for one.
    users
        Names of those it was booked for.
    created_by
        Who entered it; the first of ``users`` where nobody is named.
    event_id
        Its number; counted on where none is given.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    start: datetime
    end: datetime
    title: str = ""
    experiment_title: str | None = None
    purpose: str | None = None
    sample: str | None = None
    description: str | None = None
    project: str | None = None
    users: tuple[str, ...] = ()
    created_by: str | None = None
    location: str | None = None
    category: str | None = None
    all_day: bool = False
    recurring: bool = False
    event_id: int | None = None


Events = Mapping[str, Sequence[CalendarEvent | Mapping[str, object]]]
"""Name of a list to its events, each an event or plain data with the same names."""


@dataclass(frozen=True, slots=True)
class ListItem:
    """One row of a list, and the persons in its columns that hold several."""

    row: Row
    users: tuple[int, ...] = ()

    @property
    def number(self) -> int:
        """The row's Id."""
        return int(str(self.row["Id"]))


class Calendar:
    """All lists of one site, rows by number."""

    def __init__(self, events: Events) -> None:
        self._numbers: dict[str, int] = {_STAFF: 1}
        self.lists = {name: self._items(name, given) for name, given in events.items()}
        people = [ListItem(_person(name, number)) for name, number in self._numbers.items()]
        self.lists[PEOPLE] = {item.number: item for item in people}

    def columns(self, name: str) -> dict[str, str]:
        """Return the columns of a list with their types."""
        return PERSON_COLUMNS if name == PEOPLE else EVENT_COLUMNS

    def _items(self, name: str, given: Iterable[CalendarEvent | Mapping[str, object]]) -> dict[int, ListItem]:
        items: dict[int, ListItem] = {}
        for one in given:
            event = one if isinstance(one, CalendarEvent) else decode(CalendarEvent, one)
            number = event.event_id or max(items, default=_FIRST_EVENT - 1) + 1
            maker = event.created_by or next(iter(event.users), _STAFF)
            users = tuple(self._number(user) for user in event.users)
            items[number] = ListItem(_event(event, number, self._number(maker), name), users)
        return dict(sorted(items.items()))

    def _number(self, person: str) -> int:
        return self._numbers.setdefault(person, _FIRST_PERSON + len(self._numbers) - 1)


def _event(event: CalendarEvent, number: int, maker: int, list_name: str) -> Row:
    return dict.fromkeys(EVENT_COLUMNS) | {
        "ContentTypeID": "0x0102007F1C",
        "Title": event.title,
        "Location": event.location,
        "StartTime": event.start,
        "EndTime": event.end,
        "Description": event.description,
        "CategoryValue": event.category,
        "AllDayEvent": event.all_day,
        "Recurrence": event.recurring,
        "TitleOfExperiment": event.experiment_title,
        "ExperimentPurpose": event.purpose,
        "SampleDetails": event.sample,
        "ProjectID": event.project,
        "ContentType": "Event",
        "Modified": event.start - timedelta(days=2),
        "Created": event.start - timedelta(days=7),
        "Path": f"/Div/em/Lists/{list_name}",
        **_upkeep(number, maker),
    }


def _person(name: str, number: int) -> Row:
    since = datetime(2018, 6, 1, 8)  # noqa: DTZ001 - Edm.DateTime has no zone
    login = f"user{number}"
    return dict.fromkeys(PERSON_COLUMNS) | {
        "ContentTypeID": "0x010A00",
        "Name": name,
        "Account": f"EMLAB\\{login}",
        "WorkEmail": f"{login}@emlab.example",
        "UserName": login,
        "ContentType": "Person",
        "Modified": since,
        "Created": since,
        "Path": "/Div/em/_catalogs/users",
        **_upkeep(number, 1),
    }


def _upkeep(number: int, maker: int) -> Row:
    return {"Id": number, "CreatedById": maker, "ModifiedById": maker, "Owshiddenversion": 2, "Version": "1.0"}
