"""What a site writes into the text of an event, found by patterns of its own, and whom the event is of."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.reservations.rich_text import page_for_people, plain_text

GROUPS = (
    "title", "user", "login", "collaborator", "motivation",
    "sample", "sample_description", "project", "project_id", "instrument",
)  # fmt: skip
"""Names that a pattern's groups may have."""

_LINE = re.compile(r"\r?\n|<br\s*/?>|</(?:p|div|li|tr|h[1-6])>", re.IGNORECASE)
_MOST_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody named by an event; either may be empty."""

    name: str = ""
    email: str = ""

    @property
    def called(self) -> str:
        """The name, else the address."""
        return plain_text(self.name) or self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One date of one event, with aware times."""

    uid: str
    start: datetime
    end: datetime
    summary: str = ""
    description: str = ""
    url: str = ""
    organizer: Person | None = None
    attendees: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Where a site's events say what.

    Attributes
    ----------
    summary, description
        Regular expressions whose named groups are some of :data:`GROUPS`, looked for in the heading, and in each line
        of the text; every match counts. Without one, the heading is the title and the text the motivation.
    """

    summary: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        _compiled(self.summary, "NEXUSLIMS_ICAL_SUMMARY_PATTERN")
        _compiled(self.description, "NEXUSLIMS_ICAL_DESCRIPTION_PATTERN")

    def reservation(self, event: Event, names: Sequence[str], page: str | None) -> Reservation | None:
        """Return an event as a reservation; None for one of another instrument.

        Parameters
        ----------
        names
            What the instrument may be called where a pattern finds its name.
        page
            Where people look at the calendar.

        Raises
        ------
        ValueError
            If the event does not end after it starts.
        """
        said = self._said(event)
        if said["instrument"] and not _is_named(said["instrument"], names):
            return None
        users, others = _people(event, said)
        motivation = said["motivation"] or ([] if self.description else [plain_text(event.description)])
        return Reservation(
            reservation_id=plain_text(event.uid),
            start=event.start,
            end=event.end,
            title=_first(said["title"]) or plain_text(event.summary) or None,
            experimenters=users,
            logins=_logins(event, said),
            collaborators=others,
            motivation=_first(motivation),
            samples=_samples(said),
            projects=_projects(said),
            url=page_for_people(event.url) or page_for_people(page or ""),
        )

    def _said(self, event: Event) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        if self.summary:
            _take(self.summary, [plain_text(event.summary)], found)
        if self.description:
            _take(self.description, _lines(event.description), found)
        return found


def _compiled(pattern: str, setting: str) -> None:
    try:
        groups = re.compile(pattern).groupindex
    except (re.error, RecursionError, OverflowError) as error:
        raise ConfigurationError(f"{setting} is no regular expression: {error}") from error
    strange = sorted(set(groups) - set(GROUPS))
    if strange:
        raise ConfigurationError(f"{setting}: no group can be called {strange[0]!r}; use some of {', '.join(GROUPS)}")
    if pattern and not groups:
        raise ConfigurationError(f"{setting} names no group such as (?P<title>.*); there are {', '.join(GROUPS)}")


def _lines(text: str) -> list[str]:
    """Return the lines of a text, formatted or not, without tags."""
    formatted = "<br>" if _LINE.sub("\n", text) != re.sub(r"\r?\n", "\n", text) else ""  # keeps a plain text's <
    return [plain_text(f"{line}{formatted}") for line in _LINE.split(text)[:_MOST_LINES]]


def _take(pattern: str, lines: Iterable[str], found: defaultdict[str, list[str]]) -> None:
    for line in lines:
        for match in re.finditer(pattern, line):
            for name, text in match.groupdict().items():
                if text and text.strip():
                    found[name].append(text.strip())


def _people(event: Event, said: Mapping[str, list[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return experimenters and collaborators: whom the text names, else who booked, else who comes."""
    users = tuple(_split(said["user"]))
    come = tuple(each.called for each in event.attendees)
    if not users:
        users = (event.organizer.called,) if event.organizer and event.organizer.called else come
    others = (*_split(said["collaborator"]), *come)
    return tuple(dict.fromkeys(users)), tuple(name for name in dict.fromkeys(others) if name and name not in users)


def _logins(event: Event, said: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return login names: those that the text tells, else the addresses of who booked or comes."""
    if said["login"] or said["user"]:
        return tuple(_split(said["login"]))
    people = (event.organizer,) if event.organizer else event.attendees
    return tuple(dict.fromkeys(each.email for each in people if each.email))


def _samples(said: Mapping[str, list[str]]) -> tuple[Sample, ...]:
    names, descriptions = said["sample"], said["sample_description"]
    if not names:
        return (Sample(description=tuple(descriptions)),) if descriptions else ()
    first = Sample(name=names[0], description=tuple(descriptions))
    return (first, *(Sample(name=name) for name in dict.fromkeys(names[1:])))


def _projects(said: Mapping[str, list[str]]) -> tuple[Project, ...]:
    project = Project(name=_first(said["project"]), project_id=_first(said["project_id"]))
    return (project,) if project != Project() else ()


def _split(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from filter(None, (part.strip() for part in text.split(";")))


def _first(texts: Sequence[str]) -> str | None:
    return texts[0] or None if texts else None


def _is_named(found: Iterable[str], names: Sequence[str]) -> bool:
    known = {name.casefold() for name in names}
    return any(name.casefold() in known for name in found)
