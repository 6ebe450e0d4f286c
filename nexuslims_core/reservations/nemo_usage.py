"""NEMO's usage events: who switched an instrument on and off, and when.

Events of training and of remote work are taken as any other: files were saved all the same, and they belong to the
event's ``user``, whose name the session bears; the ``operator`` who worked for them is not asked for.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from nexuslims_core.errors import UnexpectedAnswerError
from nexuslims_core.reservations.nemo_rest import NemoRest, Tool, one_line
from nexuslims_core.sessions.usage import Usage

TABLE = "usage_events"
WANTED = {"expand": "user", "fields": "id,tool,start,end,user.id,user.username"}
"""All that is read of an event: neither the user's address nor the answers to forms leave NEMO."""
MOST_NUMBERS = 50
"""Events of one call that asks for them by number; their numbers go into its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What NEMO answered.

    Attributes
    ----------
    usages
        By start.
    elsewhere
        Identifiers of events on tools that are none of our instruments, to the tool's number.
    unreadable
        Identifiers of events that make no sense, to the reason.
    """

    usages: tuple[Usage, ...]
    elsewhere: Mapping[str, int]
    unreadable: Mapping[str, str]

    def knows(self, session_identifier: str) -> bool:
        """Return whether it speaks of this session."""
        return (
            session_identifier in self.elsewhere
            or session_identifier in self.unreadable
            or any(usage.session_identifier == session_identifier for usage in self.usages)
        )


def prefix(root: str) -> str:
    """Return what the session identifiers of a server's usage events begin with; their number follows.

    NexusLIMS writes the same, so sessions of its database are known again.
    """
    return f"{root}{TABLE}/?id="


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReader:
    """Reads the usage events of one server.

    Attributes
    ----------
    instruments
        Number of each tool there that is an instrument of ours, to the instrument's persistent id.
    """

    nemo: NemoRest
    instruments: Mapping[int, str]

    def since(self, tool: Tool, since: datetime) -> Told:
        """Return the events of one tool that have not ended, or ended at ``since`` or later.

        Those in use are asked for first: one that ends between the two questions is in both answers, and the second
        counts.

        Raises
        ------
        NexusLimsError
            As :meth:`NemoRest.every` does.
        """
        running = self.nemo.every(TABLE, tool_id=tool.number, end__isnull=True, **WANTED)
        told = {_number(entry): entry for entry in running}
        for entry in self.nemo.every(TABLE, tool_id=tool.number, end__gte=since, **WANTED):
            told[_number(entry)] = entry
        return self._told(entry for entry in told.values() if entry.get("tool") == tool.number)

    def number(self, session_identifier: str) -> int | None:
        """Return the number of the event that a session is; None for a session that is none of this server's."""
        number = session_identifier.removeprefix(prefix(self.nemo.root))
        return int(number) if re.fullmatch(r"[1-9][0-9]{0,17}|0", number) else None

    def numbered(self, session_identifiers: Iterable[str]) -> Told:
        """Return these events, whichever tool they are on; those that are not there any more are missing.

        Raises
        ------
        NexusLimsError
            As :meth:`NemoRest.every` does.
        """
        numbers = sorted({number for text in session_identifiers if (number := self.number(text)) is not None})
        found: dict[int, Mapping[str, Any]] = {}
        for first in range(0, len(numbers), MOST_NUMBERS):
            asked = numbers[first : first + MOST_NUMBERS]
            answer = self.nemo.every(TABLE, id__in=asked, **WANTED)
            found |= {_number(entry): entry for entry in answer if _number(entry) in asked}
        return self._told(found.values())

    def _told(self, entries: Iterable[Mapping[str, Any]]) -> Told:
        usages: list[Usage] = []
        elsewhere: dict[str, int] = {}
        unreadable: dict[str, str] = {}
        for entry in entries:
            identifier = f"{prefix(self.nemo.root)}{_number(entry)}"
            try:
                event = _Event.model_validate(entry)
                if event.tool in self.instruments:
                    usages.append(self._usage(identifier, event))
                else:
                    elsewhere[identifier] = event.tool
            except (ValidationError, ValueError) as error:
                unreadable[identifier] = f"{identifier} makes no sense: {one_line(_reason(error))}"
        usages.sort(key=lambda usage: (usage.start, usage.session_identifier))
        return Told(usages=tuple(usages), elsewhere=elsewhere, unreadable=unreadable)

    def _usage(self, identifier: str, event: "_Event") -> Usage:
        return Usage(
            session_identifier=identifier,
            instrument_pid=self.instruments[event.tool],
            start=self.nemo.moment(event.start),
            end=self.nemo.moment(event.end) if event.end else None,
            user=self._username(event.user),
        )

    def _username(self, user: "_User | int | None") -> str | None:
        """Return a login name; an older NEMO gives only the user's number."""
        if not isinstance(user, int):
            return user.username if user else None
        found = next(iter(self.nemo.every("users", id=user)), {})
        return str(found["username"]) if found.get("id") == user and found.get("username") else None


class _User(BaseModel):
    """What NEMO says of the user of an event."""

    username: str


class _Event(BaseModel):
    """What NEMO says of an event, as far as it is read."""

    id: int
    tool: int
    start: str
    end: str | None
    user: _User | int | None


def _number(entry: Mapping[str, Any]) -> int:
    number = entry.get("id")
    if not isinstance(number, int):
        raise UnexpectedAnswerError(f"NEMO gave a usage event without a number: {one_line(dict(entry))}")
    return number


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return str(error)
