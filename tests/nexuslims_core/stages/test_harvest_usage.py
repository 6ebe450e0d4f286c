"""Usage events of the real NEMO become sessions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.errors import AuthenticationError, ConfigurationError, UnknownInstrumentError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.nemo_rest import NemoAccess
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.usage import UsageOutcome
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.harvest_usage import Harvest, ask_nemo, harvest_usage
from tests.servers.faulty_proxy import Exchange, FaultyProxy, Reply, answer

if TYPE_CHECKING:
    from tests.nexuslims_core.conftest import Lab
    from tests.servers.nemo import NemoTool

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
NewTool = Callable[[], "NemoTool"]
GetFacility = Callable[..., Facility]
EVENTS = ("GET", "/api/usage_events/")


@pytest.fixture
def titan(lab: "Lab", nemo_tool: "NemoTool") -> Instrument:
    """The facility's instrument, whose use NEMO keeps."""
    titan = replace(lab.titan, harvester=Harvester.NEMO, api_url=nemo_tool.api_url)
    lab.database.add_instrument(titan)
    return titan


@pytest.fixture
def quanta(lab: "Lab", titan: Instrument, new_nemo_tool: NewTool) -> tuple[Instrument, "NemoTool"]:
    """Another instrument of the same NEMO."""
    tool = new_nemo_tool()
    quanta = replace(titan, instrument_pid="Quanta-2", api_url=tool.api_url)
    lab.database.add_instrument(quanta)
    return quanta, tool


@pytest.fixture
def facility(lab: "Lab", nemo_tool: "NemoTool") -> GetFacility:
    """The facility at a time, with a token for NEMO."""

    def at(now: datetime = NOON, *others: NemoAccess) -> Facility:
        own = NemoAccess(address=nemo_tool.server.api, token=nemo_tool.server.token)
        return replace(lab.facility(), nemos=(own, *others), now=lambda: now)

    return at


@pytest.fixture
def proxy(nemo_tool: "NemoTool") -> Iterator[FaultyProxy]:
    with FaultyProxy(nemo_tool.server.access.url) as proxy:
        yield proxy


def outcomes(harvest: Harvest) -> list[UsageOutcome]:
    return [news.outcome for news in harvest.news]


def line(facility: Facility, identifier: str) -> SessionSummary:
    return facility.database.summary(identifier)


@pytest.mark.usefixtures("titan")
def test_a_finished_event_waits_to_be_built_under_the_name_of_its_user(
    facility: GetFacility, nemo_tool: "NemoTool"
) -> None:
    identifier = nemo_tool.session(nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR, user="ben"))

    harvest_usage(facility())

    session = facility().database.waiting_sessions()[0]
    assert (session.session_identifier, session.user) == (identifier, "ben")
    assert (session.dt_from, session.dt_to) == (NOON - 2 * HOUR, NOON - HOUR)


@pytest.mark.usefixtures("titan")
def test_a_second_harvest_changes_nothing(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)
    nemo_tool.used(NOON - HOUR / 2)
    first = harvest_usage(facility())

    assert outcomes(first) == [UsageOutcome.ENDED, UsageOutcome.STARTED]
    assert harvest_usage(facility()) == Harvest(news=(), complaints=())


@pytest.mark.usefixtures("titan")
def test_a_running_event_waits_for_its_end_and_gets_it(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    event = nemo_tool.used(NOON - HOUR)
    harvest_usage(facility())
    assert line(facility(), nemo_tool.session(event)).status is RecordStatus.WAITING_FOR_END
    nemo_tool.ended(event, NOON)

    later = harvest_usage(facility(NOON + HOUR))

    assert outcomes(later) == [UsageOutcome.ENDED]
    assert line(facility(), nemo_tool.session(event)).dt_to == NOON


@pytest.mark.usefixtures("titan")
def test_an_event_that_ran_for_longer_than_the_lookback_still_gets_its_end(
    facility: GetFacility, nemo_tool: "NemoTool"
) -> None:
    event = nemo_tool.used(NOON - 30 * DAY)
    harvest_usage(facility())
    nemo_tool.ended(event, NOON - 29 * DAY)

    later = harvest_usage(facility(NOON + 60 * DAY))

    assert outcomes(later) == [UsageOutcome.ENDED]


@pytest.mark.usefixtures("titan")
def test_the_first_harvest_leaves_history_where_it_is(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(NOON - 9 * DAY, NOON - 8 * DAY)

    assert harvest_usage(facility()).news == ()


@pytest.mark.usefixtures("titan")
def test_history_comes_when_it_is_asked_for(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(NOON - 400 * DAY, NOON - 400 * DAY + HOUR)

    assert outcomes(harvest_usage(facility(), since=NOON - 500 * DAY)) == [UsageOutcome.ENDED]


@pytest.mark.usefixtures("titan")
def test_a_nemo_that_was_away_for_a_month_loses_nothing(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)
    harvest_usage(facility())
    for day in range(1, 29):
        nemo_tool.used(NOON + day * DAY, NOON + day * DAY + HOUR)

    later = harvest_usage(facility(NOON + 30 * DAY))

    assert outcomes(later) == [UsageOutcome.ENDED] * 28


@pytest.mark.usefixtures("titan")
def test_a_revised_event_reaches_its_session_however_old_it_is(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    event = nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)
    harvest_usage(facility())
    for day in (20, 40):
        nemo_tool.used(NOON + day * DAY, NOON + day * DAY + HOUR)
    harvest_usage(facility(NOON + 41 * DAY))
    nemo_tool.changed(event, end=NOON.isoformat(), user="ben")

    assert outcomes(harvest_usage(facility(NOON + 42 * DAY))) == [UsageOutcome.REVISED]
    assert line(facility(), nemo_tool.session(event)).user == "ben"


@pytest.mark.usefixtures("titan")
def test_an_event_of_no_length_is_no_session(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(NOON - HOUR, NOON - HOUR)

    assert harvest_usage(facility()) == Harvest(news=(), complaints=())
    assert facility().database.sessions() == ()


def test_an_event_moves_to_another_instrument_with_its_session(
    facility: GetFacility, nemo_tool: "NemoTool", quanta: tuple[Instrument, "NemoTool"]
) -> None:
    event = nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)
    harvest_usage(facility())
    nemo_tool.changed(event, tool=quanta[1].number)

    assert outcomes(harvest_usage(facility())) == [UsageOutcome.REVISED]
    assert line(facility(), nemo_tool.session(event)).instrument_pid == "Quanta-2"


@pytest.mark.usefixtures("titan")
def test_an_event_that_moved_to_a_tool_that_is_none_of_ours_parks_its_session(
    facility: GetFacility, nemo_tool: "NemoTool", new_nemo_tool: NewTool
) -> None:
    other, event = new_nemo_tool(), nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)
    harvest_usage(facility())
    nemo_tool.changed(event, tool=other.number)

    assert outcomes(harvest_usage(facility())) == [UsageOutcome.GONE]
    assert f"to tool {other.number}" in str(line(facility(), nemo_tool.session(event)).error_sentence)


@pytest.mark.usefixtures("titan")
def test_a_deleted_event_parks_its_session_until_a_person_says_that_it_took_place(
    facility: GetFacility, nemo_tool: "NemoTool"
) -> None:
    event = nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)
    harvest_usage(facility())
    nemo_tool.deleted(event)
    assert outcomes(harvest_usage(facility())) == [UsageOutcome.GONE]

    facility().database.requeue(nemo_tool.session(event), "it took place", NOON)

    assert outcomes(harvest_usage(facility())) == []
    assert line(facility(), nemo_tool.session(event)).status is RecordStatus.TO_BE_BUILT


def test_one_instrument_can_be_harvested_alone(
    facility: GetFacility, nemo_tool: "NemoTool", quanta: tuple[Instrument, "NemoTool"]
) -> None:
    for tool in (nemo_tool, quanta[1]):
        tool.used(NOON - 2 * HOUR, NOON - HOUR)

    harvest = harvest_usage(facility(), instrument_pid="Quanta-2")

    assert [news.instrument_pid for news in harvest.news] == ["Quanta-2"]


def test_an_instrument_that_is_not_known_cannot_be_harvested(facility: GetFacility) -> None:
    with pytest.raises(UnknownInstrumentError):
        harvest_usage(facility(), instrument_pid="Quanta-3")


def test_where_nemo_keeps_no_instrument_nobody_is_asked(lab: "Lab") -> None:
    assert harvest_usage(lab.facility()) == Harvest(news=(), complaints=())


@pytest.mark.usefixtures("titan")
def test_a_server_without_a_token_is_said_and_the_others_go_on(
    lab: "Lab", facility: GetFacility, nemo_tool: "NemoTool"
) -> None:
    stranger = replace(
        lab.titan, instrument_pid="A-1", harvester=Harvester.NEMO, api_url="http://a.example/tools/?id=1"
    )
    lab.database.add_instrument(stranger)
    nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)

    harvest = harvest_usage(facility())

    assert outcomes(harvest) == [UsageOutcome.ENDED]
    assert ["there is no token for the NEMO at http://a.example/" in each for each in harvest.complaints] == [True]


@pytest.mark.usefixtures("titan")
def test_a_dead_server_is_asked_once_and_stops_no_other(
    lab: "Lab", facility: GetFacility, nemo_tool: "NemoTool", closed_port: int
) -> None:
    dead = f"http://127.0.0.1:{closed_port}/api/"
    for number in (1, 2, 3):
        pid = f"A-{number}"
        api_url = f"{dead}tools/?id={number}"
        lab.database.add_instrument(replace(lab.titan, instrument_pid=pid, harvester=Harvester.NEMO, api_url=api_url))
    nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)

    harvest = harvest_usage(facility(NOON, NemoAccess(address=dead, token=nemo_tool.server.token)))

    assert outcomes(harvest) == [UsageOutcome.ENDED]
    assert ["Connection refused" in complaint for complaint in harvest.complaints] == [True]


@pytest.mark.usefixtures("titan")
def test_a_tool_that_is_not_there_stops_no_other_of_its_server(
    lab: "Lab", facility: GetFacility, nemo_tool: "NemoTool"
) -> None:
    lost = replace(lab.titan, instrument_pid="A-1", harvester=Harvester.NEMO)
    lab.database.add_instrument(replace(lost, api_url=f"{nemo_tool.server.api}tools/?id=999999"))
    nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)

    harvest = harvest_usage(facility())

    assert outcomes(harvest) == [UsageOutcome.ENDED]
    assert [complaint.startswith("A-1: ") for complaint in harvest.complaints] == [True]


def test_two_instruments_that_are_one_tool_are_said_and_left(
    lab: "Lab", facility: GetFacility, titan: Instrument, nemo_tool: "NemoTool"
) -> None:
    lab.database.add_instrument(replace(titan, instrument_pid="Quanta-2"))
    nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)

    harvest = harvest_usage(facility())

    assert harvest.news == ()
    assert ["FEI-Titan-TEM-635816, Quanta-2 are the same tool" in each for each in harvest.complaints] == [True]


def test_an_instrument_whose_address_is_no_tool_is_said(lab: "Lab", facility: GetFacility, titan: Instrument) -> None:
    lab.database.add_instrument(replace(titan, api_url="https://nemo.example.org/"))

    assert ["is to name a tool of NEMO" in each for each in harvest_usage(facility()).complaints] == [True]


def test_an_answer_that_breaks_off_between_pages_changes_nothing(
    lab: "Lab", facility: GetFacility, titan: Instrument, nemo_tool: "NemoTool", proxy: FaultyProxy
) -> None:
    behind = f"{proxy.url}/api/"
    lab.database.add_instrument(replace(titan, api_url=f"{behind}tools/?id={nemo_tool.number}"))
    nemo_tool.used(NOON - 2 * HOUR, NOON - HOUR)

    def pass_on(exchange: Exchange) -> None:
        exchange.answer(exchange.forward())

    proxy.faults[EVENTS] = [pass_on, answer(Reply(status=502, body=b"<html>"))]
    working = replace(facility(), nemos=(NemoAccess(address=behind, token=nemo_tool.server.token),))

    broken, whole = harvest_usage(working), harvest_usage(working)

    assert (outcomes(broken), len(broken.complaints)) == ([], 1)
    assert outcomes(whole) == [UsageOutcome.ENDED]


@pytest.mark.usefixtures("titan")
def test_a_wrong_token_is_one_sentence(facility: GetFacility, nemo_tool: "NemoTool") -> None:
    wrong = (NemoAccess(address=nemo_tool.server.api, token="0" * 40),)

    (complaint,) = harvest_usage(replace(facility(), nemos=wrong)).complaints

    assert "Invalid token" in complaint


def test_a_session_of_a_logger_under_the_same_address_is_not_nemos(
    facility: GetFacility, titan: Instrument, nemo_tool: "NemoTool"
) -> None:
    ours = f"{nemo_tool.session(7)}#reused-2"
    facility().database.start_session(titan.instrument_pid, "ada", NOON, ours)

    assert harvest_usage(facility()) == Harvest(news=(), complaints=())
    assert line(facility(), ours).status is RecordStatus.WAITING_FOR_END


def test_nemo_says_who_uses_an_instrument(facility: GetFacility, titan: Instrument, nemo_tool: "NemoTool") -> None:
    assert ask_nemo(facility(), titan) == "NEMO answers: it is not in use"

    nemo_tool.used(NOON, user="ben")

    assert ask_nemo(facility(), titan) == "NEMO answers: ben is using it"


def test_asking_nemo_says_what_would_keep_it_from_being_harvested(
    facility: GetFacility, titan: Instrument, nemo_tool: "NemoTool"
) -> None:
    powerless = NemoAccess(address=nemo_tool.server.api, token=nemo_tool.server.access.nobody_token)

    with pytest.raises(AuthenticationError, match="let the token's user view"):
        ask_nemo(replace(facility(), nemos=(powerless,)), titan)
    with pytest.raises(ConfigurationError, match="there is no token"):
        ask_nemo(replace(facility(), nemos=()), titan)


def test_the_calendar_of_such_an_instrument_is_the_same_nemo(facility: GetFacility, titan: Instrument) -> None:
    calendar = facility().calendar(titan)

    assert calendar is not None
    assert calendar.reservations(titan, LONG_AGO, LONG_AGO + HOUR) == ()
