"""Usage events of the real NEMO as nouns."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.reservations.nemo_rest import NemoAccess, NemoRest, Tool
from nexuslims_core.reservations.nemo_usage import UsageReader
from nexuslims_core.sessions.usage import Usage
from nexuslims_core.testing.servers.nemo import NemoServer
from tests.servers.faulty_proxy import FaultyProxy, Reply, answer

if TYPE_CHECKING:
    from tests.servers.nemo import NemoTool

BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANY = "t"
PID = "FEI-Titan-TEM-635816"
Ask = Callable[..., UsageReader]


@pytest.fixture
def reader(nemo: NemoServer, nemo_tool: "NemoTool") -> UsageReader:
    client = NemoRest(root=nemo.api, access=NemoAccess(address=nemo.api, token=nemo.token), page_size=2)
    return UsageReader(nemo=client, instruments={nemo_tool.number: PID})


@pytest.fixture
def told_by() -> Iterator[Callable[..., UsageReader]]:
    """A reader of a NEMO of which each question gets the next of these answers."""
    with FaultyProxy("http://127.0.0.1:9") as proxy:

        def make(*answers: list[Mapping[str, object]], users: list[Mapping[str, object]] | None = None) -> UsageReader:
            bodies = [Reply(status=200, body=json.dumps(entries).encode()) for entries in answers]
            proxy.faults["GET", "/api/usage_events/"] = [answer(body) for body in bodies]
            proxy.faults["GET", "/api/users/"] = [answer(Reply(status=200, body=json.dumps(users).encode()))]
            root = f"{proxy.url}/api/"
            client = NemoRest(root=root, access=NemoAccess(address=root, token=ANY))
            return UsageReader(nemo=client, instruments={3: PID})

        yield make


def tool_of(reader: UsageReader) -> Tool:
    return Tool(root=reader.nemo.root, number=next(iter(reader.instruments)))


def event(number: int, **more: object) -> dict[str, object]:
    times = {"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T11:00:00Z"}
    return {"id": number, "tool": 3, "user": {"username": "ada"}, **times, **more}


def test_an_event_is_a_usage_of_our_instrument_under_the_identifier_of_nexuslims(
    reader: UsageReader, nemo_tool: "NemoTool"
) -> None:
    number = nemo_tool.used(BEGUN, BEGUN + HOUR, user="ben")

    told = reader.since(tool_of(reader), BEGUN)

    assert told.usages == (
        Usage(
            session_identifier=f"{nemo_tool.server.api}usage_events/?id={number}",
            instrument_pid=PID,
            start=BEGUN,
            end=BEGUN + HOUR,
            user="ben",
        ),
    )


def test_the_user_is_the_one_who_is_charged_and_not_the_operator(reader: UsageReader, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(BEGUN, BEGUN + HOUR, user="ben", operator=1, training=True, remote_work=True)

    assert [usage.user for usage in reader.since(tool_of(reader), BEGUN).usages] == ["ben"]


def test_what_began_before_and_ended_after_is_told_and_what_ended_before_is_not(
    reader: UsageReader, nemo_tool: "NemoTool"
) -> None:
    nemo_tool.used(BEGUN - 3 * HOUR, BEGUN - 2 * HOUR)
    over = nemo_tool.used(BEGUN - HOUR, BEGUN + HOUR)

    told = reader.since(tool_of(reader), BEGUN)

    assert [usage.session_identifier for usage in told.usages] == [nemo_tool.session(over)]


def test_an_event_in_use_is_told_however_long_ago_it_began(reader: UsageReader, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(BEGUN - timedelta(days=400))

    assert [usage.end for usage in reader.since(tool_of(reader), BEGUN).usages] == [None]


def test_events_of_many_pages_come_by_start(reader: UsageReader, nemo_tool: "NemoTool") -> None:
    for hour in (3, 1, 5, 2, 4):
        nemo_tool.used(BEGUN + hour * HOUR, BEGUN + hour * HOUR + HOUR / 2)

    told = reader.since(tool_of(reader), BEGUN)

    assert [usage.start for usage in told.usages] == [BEGUN + hour * HOUR for hour in range(1, 6)]


def test_the_hour_that_summer_time_takes_is_not_counted(reader: UsageReader, nemo_tool: "NemoTool") -> None:
    start, end = datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 8, 30, tzinfo=UTC)
    nemo_tool.used(start, end)  # 01:30 to 04:30 in New York

    told = reader.since(tool_of(reader), start)

    assert [(usage.start, usage.end) for usage in told.usages] == [(start, end)]


def test_the_hour_that_comes_twice_in_autumn_counts_twice(reader: UsageReader, nemo_tool: "NemoTool") -> None:
    start, end = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 15, tzinfo=UTC)
    nemo_tool.used(start, end)  # 01:30 to 02:15 in New York, one hour and three quarters

    told = reader.since(tool_of(reader), start)

    assert [(usage.start, usage.end) for usage in told.usages] == [(start, end)]


def test_events_are_found_by_number_wherever_they_are(
    reader: UsageReader, nemo_tool: "NemoTool", new_nemo_tool: Callable[[], "NemoTool"]
) -> None:
    other = new_nemo_tool()
    here, there = nemo_tool.used(BEGUN, BEGUN + HOUR), other.used(BEGUN, BEGUN + HOUR)
    asked = [nemo_tool.session(number) for number in (here, there, 999_999)]

    told = reader.numbered(asked)

    assert [usage.session_identifier for usage in told.usages] == [asked[0]]
    assert told.elsewhere == {asked[1]: other.number}
    assert not told.knows(asked[2])


def test_no_event_is_asked_for_where_none_is_wanted(told_by: Ask) -> None:
    assert told_by().numbered([]).usages == ()


def test_more_events_than_an_address_holds_are_asked_for_in_turns(told_by: Ask) -> None:
    reader = told_by([event(number) for number in range(1, 51)], [event(51)])

    told = reader.numbered(f"{reader.nemo.root}usage_events/?id={number}" for number in range(1, 52))

    assert len(told.usages) == 51


def test_what_a_server_that_ignores_filters_tells_too_is_left_out(told_by: Ask) -> None:
    whole_table = [event(1), event(2, tool=4)]

    told = told_by(whole_table, whole_table).since(Tool(root="", number=3), BEGUN)

    assert [usage.session_identifier[-1] for usage in told.usages] == ["1"]


def test_an_event_that_ends_between_the_questions_has_ended(told_by: Ask) -> None:
    told = told_by([event(1, end=None)], [event(1)]).since(Tool(root="", number=3), BEGUN)

    assert [usage.end for usage in told.usages] == [BEGUN + HOUR]


@pytest.mark.parametrize(
    "odd",
    [
        {"start": "yesterday"},
        {"start": None},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"end": "2026-03-02T11:00:00"},
        {"user": {"name": "ada"}},
    ],
    ids=["no time", "no start", "before all time", "no zone", "no login name"],
)
def test_one_event_that_makes_no_sense_costs_no_other(told_by: Ask, odd: dict[str, object]) -> None:
    told = told_by([], [event(1, **odd), event(2)]).since(Tool(root="", number=3), BEGUN)

    assert [usage.session_identifier[-1] for usage in told.usages] == ["2"]
    assert [identifier[-1] for identifier in told.unreadable] == ["1"]


def test_an_older_nemo_that_gives_the_users_number_is_asked_for_the_name(told_by: Ask) -> None:
    reader = told_by([], [event(1, user=5)], users=[{"id": 5, "username": "ben"}])

    assert [usage.user for usage in reader.since(Tool(root="", number=3), BEGUN).usages] == ["ben"]


@pytest.mark.parametrize(
    ("ends", "number"), [("7", 7), ("7#reused-2", None), ("07", None), ("", None), ("٧", None), ("7&x=8", None)]
)
def test_the_number_of_an_event_is_known_again(told_by: Ask, ends: str, number: int | None) -> None:
    reader = told_by()

    assert reader.number(f"{reader.nemo.root}usage_events/?id={ends}") == number
