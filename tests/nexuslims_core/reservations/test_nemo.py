"""Reservations of the real NEMO: what people book, what they answer, what NEMO makes of changes."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.errors import AuthenticationError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.matching import match
from nexuslims_core.reservations.models import Project, Reservation, ReservationMatch, Sample
from nexuslims_core.reservations.nemo import Asking, Consent, NemoCalendar
from nexuslims_core.reservations.nemo_rest import NemoAccess, NemoRest
from nexuslims_core.sessions.models import Session
from nexuslims_core.testing.servers.nemo import NemoServer
from tests.nexuslims_core.reservations.test_answers import form
from tests.servers.nemo import ask_as_administrator

if TYPE_CHECKING:
    from tests.servers.nemo import NemoTool

NINE = datetime.fromisoformat("2026-03-02T09:00-05:00")
HOUR = timedelta(hours=1)
Calendar = Callable[..., NemoCalendar]


@pytest.fixture
def calendar(nemo: NemoServer) -> Calendar:
    def make(token: str = nemo.token, **consent: object) -> NemoCalendar:
        def client(root: str) -> NemoRest:
            return NemoRest(root=root, access=NemoAccess(address=root, token=token))

        return NemoCalendar(client=client, consent=Consent(**consent))

    return make


def instrument(tool: "NemoTool", number: int | None = None) -> Instrument:
    return Instrument(
        instrument_pid="Titan-1",
        schema_name="Titan",
        filestore_path="./Titan",
        timezone="America/New_York",
        harvester=Harvester.NEMO,
        api_url=f"{tool.server.api}tools/?id={number or tool.number}",
    )


def session(tool: "NemoTool", event: int | None = None) -> Session:
    return Session(
        session_identifier=tool.session(event) if event else "s",
        instrument=instrument(tool),
        dt_from=NINE,
        dt_to=NINE + 3 * HOUR,
    )


def found(calendar: NemoCalendar, tool: "NemoTool") -> tuple[Reservation, ...]:
    return calendar.reservations(instrument(tool), NINE, NINE + 3 * HOUR)


def done(calendar: NemoCalendar, tool: "NemoTool", event: int) -> ReservationMatch:
    wanted = session(tool, event)
    return calendar.completed(match(found(calendar, tool), wanted), wanted)


def test_a_reservation_is_read_whole(calendar: Calendar, nemo_tool: "NemoTool") -> None:
    asked = form(
        project_id="N.7",
        experiment_title="EELS of LaNiO3",
        experiment_purpose="Ni valence",
        data_consent="Agree",
        sample_group={"0": {"sample_name": "LNO-17", "sample_or_pid": "Sample Name", "sample_details": "10 nm film"}},
    )
    number = nemo_tool.booked(NINE, NINE + 2 * HOUR, question_data=asked)

    assert found(calendar(), nemo_tool) == (
        Reservation(
            reservation_id=str(number),
            start=NINE,
            end=NINE + 2 * HOUR,
            title="EELS of LaNiO3",
            experimenters=("Ada Løvelace (ada)",),
            motivation="Ni valence",
            samples=(Sample(name="LNO-17", description=("10 nm film",)),),
            projects=(Project(name="Interfaces in nickelates", project_id="N.7"),),
            url=f"{nemo_tool.server.access.url}/event_details/reservation/{number}/",
            logins=("ada",),
            consent=True,
            asked_for_consent=True,
        ),
    )


def test_a_reservation_without_answers_keeps_what_nemo_knows(calendar: Calendar, nemo_tool: "NemoTool") -> None:
    nemo_tool.booked(NINE, NINE + HOUR, title="Alignment")

    (plain,) = found(calendar(), nemo_tool)

    assert (plain.title, plain.samples, plain.consent) == ("Alignment", (), None)
    assert plain.projects == (Project(name="Interfaces in nickelates", project_id="NICKEL.01"),)


def test_a_moved_reservation_counts_where_it_went(calendar: Calendar, nemo_tool: "NemoTool") -> None:
    new = nemo_tool.booked(NINE + HOUR, NINE + 2 * HOUR)
    old = nemo_tool.booked(NINE, NINE + HOUR)
    nemo_tool.rebooked(old, cancelled=True, descendant=new)

    assert [each.reservation_id for each in found(calendar(), nemo_tool)] == [str(new)]


def test_a_shortened_reservation_counts_as_what_is_left_of_it(calendar: Calendar, nemo_tool: "NemoTool") -> None:
    left = nemo_tool.booked(NINE, NINE + HOUR)
    whole = nemo_tool.booked(NINE, NINE + 3 * HOUR)
    nemo_tool.rebooked(whole, shortened=True, descendant=left)

    assert [each.reservation_id for each in found(calendar(), nemo_tool)] == [str(left)]


def test_answers_that_nobody_can_read_cost_their_reservation_alone(
    calendar: Calendar, nemo_tool: "NemoTool", caplog: pytest.LogCaptureFixture
) -> None:
    broken = nemo_tool.booked(NINE, NINE + HOUR, question_data=[1, 2])
    sound = nemo_tool.booked(NINE, NINE + HOUR)

    assert [each.reservation_id for each in found(calendar(), nemo_tool)] == [str(sound)]
    assert f"reservation {broken} of" in caplog.text


class TestWhatWasAnsweredAtTheInstrument:
    def test_comes_before_the_reservation(self, calendar: Calendar, nemo_tool: "NemoTool") -> None:
        booked = form(experiment_title="as planned", experiment_purpose="why", project_id="N.1")
        nemo_tool.booked(NINE, NINE + 2 * HOUR, question_data=booked)
        event = nemo_tool.used(
            NINE,
            NINE + 3 * HOUR,
            pre_run_data=json.dumps(form(experiment_title="as begun", project_id="N.2")),
            run_data=json.dumps(form(experiment_title="as done")),
        )

        told = done(calendar(), nemo_tool, event)

        assert told.reservation is not None
        assert (told.reservation.title, told.reservation.motivation) == ("as done", "why")
        assert told.reservation.projects[0].project_id == "N.2"
        assert f"usage event {event}" in told.notes[-1]

    def test_stands_for_a_reservation_that_nobody_made(self, calendar: Calendar, nemo_tool: "NemoTool") -> None:
        event = nemo_tool.used(NINE, NINE + 3 * HOUR, user="ben", run_data=json.dumps(form(experiment_title="walk-in")))

        taken = done(calendar(), nemo_tool, event).reservation

        assert taken is not None
        assert (taken.title, taken.experimenters) == ("walk-in", ("Ben O'Neil (ben)",))
        assert taken.url == f"{nemo_tool.server.access.url}/event_details/usage/{event}/"

    def test_changes_nothing_where_nothing_was(self, calendar: Calendar, nemo_tool: "NemoTool") -> None:
        nemo_tool.booked(NINE, NINE + HOUR)
        event = nemo_tool.used(NINE, NINE + 3 * HOUR)

        wanted = session(nemo_tool)
        matched = match(found(calendar(), nemo_tool), wanted)

        assert done(calendar(), nemo_tool, event) == matched
        assert calendar().completed(matched, wanted) == matched


class TestConsent:
    def test_is_asked_for_where_a_question_of_nemo_does(self, calendar: Calendar, nemo_tool: "NemoTool") -> None:
        assert calendar().asks_for_consent(instrument(nemo_tool))
        assert not calendar(question="nobody_asks_this").asks_for_consent(instrument(nemo_tool))

    def test_may_be_asked_for_at_the_instrument(
        self, calendar: Calendar, nemo: NemoServer, new_nemo_tool: Callable[[], "NemoTool"]
    ) -> None:
        tool, other = new_nemo_tool(), new_nemo_tool()
        question = {"type": "radio", "name": "own_consent", "title": "Agree?", "choices": ["Agree", "Disagree"]}
        asked = {"name": "at the end", "questions_type": "post", "questions": json.dumps([question])}
        ask_as_administrator(nemo, "POST", "tool_usage_questions/", asked | {"only_for_tools": [tool.number]})
        seeing = calendar(nemo.access.admin_token, question="own_consent")

        assert seeing.asks_for_consent(instrument(tool))
        assert not seeing.asks_for_consent(instrument(other))
        assert not calendar(question="own_consent").asks_for_consent(instrument(tool))

    @pytest.mark.parametrize(("asking", "asks"), [(Asking.ALWAYS, True), (Asking.NEVER, False)])
    def test_may_be_said_by_a_setting(
        self, calendar: Calendar, nemo_tool: "NemoTool", asking: Asking, asks: bool
    ) -> None:
        elsewhere = replace(instrument(nemo_tool), api_url="http://127.0.0.1:9/api/tools/?id=1")

        assert calendar(asking=asking).asks_for_consent(elsewhere) is asks

    def test_is_not_guessed_where_the_questions_may_not_be_seen(
        self, calendar: Calendar, nemo: NemoServer, nemo_tool: "NemoTool"
    ) -> None:
        with pytest.raises(AuthenticationError, match="say by NEXUSLIMS_NEMO_CONSENT"):
            calendar(nemo.access.nobody_token).asks_for_consent(instrument(nemo_tool))

    @pytest.mark.parametrize(
        ("answer", "run_data", "consent"),
        [("Agree", None, None), ("Disagree", None, False), ("Agree", form(data_consent="Agree"), True)],
        ids=["the other's yes", "the other's no", "the user's own yes"],
    )
    def test_is_given_by_who_used_the_instrument(
        self, calendar: Calendar, nemo_tool: "NemoTool", answer: str, run_data: object, consent: bool | None
    ) -> None:
        nemo_tool.booked(NINE, NINE + HOUR, user="ada", question_data=form(data_consent=answer))
        event = nemo_tool.used(NINE, NINE + HOUR, user="ben", run_data=json.dumps(run_data) if run_data else "")

        taken = done(calendar(), nemo_tool, event).reservation

        assert taken is not None
        assert taken.consent is consent

    @pytest.mark.parametrize(
        ("run_data", "consent"),
        [(None, True), (form(data_consent="Disagree"), False)],
        ids=["as booked", "taken back at the instrument"],
    )
    def test_is_what_was_said_last(
        self, calendar: Calendar, nemo_tool: "NemoTool", run_data: object, consent: bool
    ) -> None:
        nemo_tool.booked(NINE, NINE + HOUR, question_data=form(data_consent="Agree"))
        event = nemo_tool.used(NINE, NINE + HOUR, run_data=json.dumps(run_data) if run_data else "")

        taken = done(calendar(), nemo_tool, event).reservation

        assert taken is not None
        assert taken.consent is consent
