"""Reservations in NEMO, with what users answered to the site's questions.

Left out: bookings that were cancelled, were moved or shortened (NEMO keeps the old one with a descendant), or were
missed and given up; bookings of areas. What a user answered when the instrument was switched on or off is taken before
what was answered when it was booked.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from typing_extensions import override

from nexuslims_core.errors import AuthenticationError, ConfigurationError, UnexpectedAnswerError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.answers import CONSENT, Answers, answers
from nexuslims_core.reservations.base import ReservationSystem, SessionCalendar
from nexuslims_core.reservations.models import Project, Reservation, ReservationMatch
from nexuslims_core.reservations.nemo_rest import NemoRest, Tool, one_line, tool_of
from nexuslims_core.reservations.nemo_usage import UsageReader, prefix
from nexuslims_core.sessions.models import Session

RESERVATIONS, USAGE = "reservations", "usage_events"
QUESTIONS, USAGE_QUESTIONS = "reservation_questions", "tool_usage_questions"
AROUND = timedelta(days=1)
"""More is asked for than is needed, so that an explanation can name what lies near."""

_EXPANDED = {"expand": "user,project"}

log = logging.getLogger(__name__)


class Asking(StrEnum):
    """Whether users are asked if a record may be made."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """How a site asks for consent.

    Attributes
    ----------
    asking
        AUTO looks among the questions that NEMO asks when an instrument is booked, switched on or switched off.
    question
        Name of the question there.
    """

    asking: Asking = Asking.AUTO
    question: str = CONSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class NemoCalendar(ReservationSystem, SessionCalendar):
    """Reservations of the NEMO servers that there are tokens for.

    Attributes
    ----------
    client
        Returns the client of the server whose REST interface is at an address.
    """

    client: Callable[[str], NemoRest]
    consent: Consent = Consent()

    @override
    def reservations(self, instrument: Instrument, start: datetime, end: datetime) -> tuple[Reservation, ...]:
        """Return the bookings of ``instrument`` that overlap ``[start, end]``, or lie a day around it."""
        tool = tool_of(instrument)
        nemo = self.client(tool.root)
        first, last = start - AROUND, end + AROUND
        entries = nemo.every(
            RESERVATIONS, tool_id=tool.number, start__lte=last, end__gte=first, cancelled=False, **_EXPANDED
        )
        found = {each.reservation_id: each for each in self._booked(nemo, tool, entries)}
        return tuple(each for each in found.values() if each.start <= last and each.end >= first)

    @override
    def asks_for_consent(self, instrument: Instrument) -> bool:
        """Return whether NEMO asks those who book ``instrument`` the question of consent."""
        if self.consent.asking is not Asking.AUTO:
            return self.consent.asking is Asking.ALWAYS
        tool = tool_of(instrument)
        nemo = self.client(tool.root)
        try:
            booking = any(self._asks(form, tool) for form in nemo.every(QUESTIONS))
        except (AuthenticationError, UnexpectedAnswerError) as error:
            raise type(error)(
                f"{error}; let the token's user view the reservation questions, or say by NEXUSLIMS_NEMO_CONSENT "
                "whether users are asked for consent (always or never)"
            ) from error
        return booking or self._asked_at_the_instrument(nemo, tool)

    def _asked_at_the_instrument(self, nemo: NemoRest, tool: Tool) -> bool:
        """Tell whether the forms at the instrument ask; what was filled in tells it too, where they cannot be seen."""
        try:
            return any(self._asks(form, tool) for form in nemo.every(USAGE_QUESTIONS))
        except (AuthenticationError, UnexpectedAnswerError) as error:  # older NEMOs have no such table
            log.debug("the usage questions of %s cannot be seen: %s", nemo.root, error)
            return False

    @override
    def completed(self, match: ReservationMatch, session: Session) -> ReservationMatch:
        """Return the match with what was answered when the instrument was switched on and off.

        Whoever used the instrument agrees for himself: a yes in somebody else's reservation does not count.
        """
        event = self._event(session)
        if event is None:
            return match
        match = replace(match, reservation=_for(event, match.reservation))
        said = self._answers(event.run_data).before(self._answers(event.pre_run_data))
        if not said:
            return match
        booked = match.reservation or self._as_reservation(event, session)
        told = f"What the user answered in NEMO at the instrument itself (usage event {event.id}) is taken first."
        return replace(match, reservation=_with(booked, said), notes=(*match.notes, told))

    def _asks(self, form: Mapping[str, Any], tool: Tool) -> bool:
        if form.get("enabled") is False or form.get("tool_reservations") is False:
            return False
        only = form.get("only_for_tools") or []
        concerned = not only or tool.number in only
        return concerned and self.consent.question in _names(form.get("questions"))

    def _booked(self, nemo: NemoRest, tool: Tool, entries: Iterator[Mapping[str, Any]]) -> Iterator[Reservation]:
        """Yield what can be understood of the entries and counts; NEMO ignores filters that it does not know."""
        for entry in entries:
            if entry.get("cancelled") or entry.get("descendant") or entry.get("shortened") or entry.get("missed"):
                continue
            try:
                booked = _Booked.model_validate(entry)
                if booked.tool == tool.number:
                    yield self._reservation(nemo, booked)
            except (ValidationError, ValueError, UnexpectedAnswerError) as error:
                log.warning("reservation %s of %s left out: %s", entry.get("id"), nemo.root, one_line(str(error)))

    def _reservation(self, nemo: NemoRest, booked: "_Booked") -> Reservation:
        said = self._answers(booked.question_data)
        plain = Reservation(
            reservation_id=str(booked.id),
            start=nemo.moment(booked.start),
            end=nemo.moment(booked.end),
            title=(booked.title or "").strip() or None,
            experimenters=_people(booked.user),
            logins=_logins(booked.user),
            projects=_projects(booked.project),
            url=_page(nemo.root, "reservation", booked.id),
        )
        return _with(plain, said)

    def _answers(self, form: object) -> Answers:
        said = answers(form, self.consent.question)
        return replace(said, asked=said.asked and self.consent.asking is not Asking.NEVER)

    def _event(self, session: Session) -> "_Used | None":
        """Return the usage event that a session is; None for a session from elsewhere, or if it is gone."""
        try:
            nemo = self.client(tool_of(session.instrument).root)
        except ConfigurationError:  # told already, where reservations are asked for
            return None
        number = UsageReader(nemo=nemo, instruments={}).number(session.session_identifier)
        if number is None:
            return None
        entry = next((each for each in nemo.every(USAGE, id=number, **_EXPANDED) if each.get("id") == number), None)
        try:
            return _Used.model_validate(entry) if entry else None
        except ValidationError as error:
            raise UnexpectedAnswerError(
                f"{prefix(nemo.root)}{number} makes no sense: {one_line(str(error))}"
            ) from error

    def _as_reservation(self, event: "_Used", session: Session) -> Reservation:
        """Return a usage event in place of the reservation that nobody made."""
        return Reservation(
            reservation_id=str(event.id),
            start=session.dt_from,
            end=session.dt_to,
            experimenters=_people(event.user),
            logins=_logins(event.user),
            projects=_projects(event.project),
            url=_page(tool_of(session.instrument).root, "usage", event.id),
        )


class _Person(BaseModel):
    """What NEMO says of a user."""

    username: str
    first_name: str = ""
    last_name: str = ""


class _Charged(BaseModel):
    """What NEMO says of a project."""

    name: str | None = None
    application_identifier: str | None = None


class _Booked(BaseModel):
    """What NEMO says of a reservation, as far as it is read."""

    id: int
    tool: int | None
    start: str
    end: str
    title: str | None = None
    user: _Person | int | None = None
    project: _Charged | int | None = None
    question_data: dict[str, Any] | str | None = None


class _Used(BaseModel):
    """What NEMO says of a usage event, as far as it is read."""

    id: int
    user: _Person | int | None = None
    project: _Charged | int | None = None
    run_data: dict[str, Any] | str | None = None
    pre_run_data: dict[str, Any] | str | None = None


def _with(booked: Reservation, said: Answers) -> Reservation:
    """Return a reservation with answers in place of what it says."""
    projects = booked.projects
    if said.project_id:
        first = projects[0] if projects else Project()
        projects = (replace(first, project_id=said.project_id), *projects[1:])
    return replace(
        booked,
        title=said.title or booked.title,
        motivation=said.motivation or booked.motivation,
        samples=said.samples or booked.samples,
        projects=projects,
        consent=booked.consent if said.consent is None else said.consent,
        asked_for_consent=booked.asked_for_consent or said.asked,
    )


def _for(event: _Used, booked: Reservation | None) -> Reservation | None:
    """Return a reservation without its user's yes, where another used the instrument."""
    if booked is None or not booked.consent or set(_logins(event.user)) & set(booked.logins):
        return booked
    return replace(booked, consent=None)


def _people(user: _Person | int | None) -> tuple[str, ...]:
    if not isinstance(user, _Person):
        return ()
    name = f"{user.first_name} {user.last_name}".strip()
    return (f"{name} ({user.username})" if name else user.username,)


def _logins(user: _Person | int | None) -> tuple[str, ...]:
    return (user.username,) if isinstance(user, _Person) else ()


def _projects(charged: _Charged | int | None) -> tuple[Project, ...]:
    if not isinstance(charged, _Charged):
        return ()
    project = Project(name=charged.name or None, project_id=charged.application_identifier or None)
    return (project,) if project != Project() else ()


def _page(root: str, kind: str, number: int) -> str:
    """Return the address of the page for people, which lies beside the REST interface."""
    parts = urlsplit(root)
    site = parts.path.rstrip("/").removesuffix("/api")
    return f"{parts.scheme}://{parts.netloc}{site}/event_details/{kind}/{number}/"


def _names(questions: object) -> frozenset[str]:
    """Return the names of the questions of a form, which NEMO keeps as JSON in text, those of groups included."""
    return frozenset(_every_name(_parsed(questions)))


def _every_name(questions: object) -> Iterator[str]:
    for question in questions if isinstance(questions, list) else []:
        if isinstance(question, Mapping):
            yield str(question.get("name"))
            yield from _every_name(question.get("questions"))


def _parsed(questions: object) -> object:
    if not isinstance(questions, str):
        return questions
    try:
        return json.loads(questions)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswerError(f"NEMO holds questions that are no JSON: {one_line(questions)}") from error
