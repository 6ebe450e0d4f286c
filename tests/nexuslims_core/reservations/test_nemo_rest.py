"""The client of NEMO's REST interface against the real NEMO, and against what proxies make of it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.nemo_rest import NemoAccess, NemoRest, Tool, tool_of, unpacked
from nexuslims_core.testing.servers.nemo import NemoServer
from tests.servers.faulty_proxy import FaultyProxy, Reply, answer, cut_before_storing, lose_answer_in_the_middle

if TYPE_CHECKING:
    from tests.servers.nemo import NemoTool

BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANY, HIDDEN = "t", "hidden"
EVENTS = ("GET", "/api/usage_events/")
Client = Callable[..., NemoRest]


@pytest.fixture
def client(nemo: NemoServer) -> Client:
    """A client of the real NEMO; what is given replaces parts of it."""

    def make(root: str = nemo.api, token: str = nemo.token, page_size: int = 200, silence_s: float = 30) -> NemoRest:
        access = NemoAccess(address=root, token=token)
        return NemoRest(root=root, access=access, page_size=page_size, timeout_s=(5, silence_s))

    return make


@pytest.fixture
def proxy(nemo: NemoServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(nemo.access.url) as proxy:
        yield proxy


@pytest.fixture
def behind(client: Client, proxy: FaultyProxy) -> NemoRest:
    """A client that asks through the proxy."""
    return client(f"{proxy.url}/api/", silence_s=1)


def titan(api_url: str | None) -> Instrument:
    return Instrument(
        instrument_pid="Titan-1",
        schema_name="Titan",
        filestore_path="./Titan",
        timezone="UTC",
        harvester=Harvester.NEMO,
        api_url=api_url,
    )


@pytest.mark.parametrize(
    ("api_url", "root", "number"),
    [
        ("https://nemo.example.org/api/tools/?id=3", "https://nemo.example.org/api/", 3),
        ("HTTPS://Nemo.Example.org:8443/site/api/tools?id=12", "https://nemo.example.org:8443/site/api/", 12),
        ("http://localhost/api/tools/7/", "http://localhost/api/", 7),
    ],
    ids=["as in NexusLIMS", "capitals, port and path", "by path"],
)
def test_an_address_names_the_tool_and_its_server(api_url: str, root: str, number: int) -> None:
    assert tool_of(titan(api_url)) == Tool(root=root, number=number)


@pytest.mark.parametrize(
    "api_url",
    [
        None,
        "",
        "https://nemo.example.org/api/tools/",
        "https://nemo.example.org/api/tools/?id=x",
        "https://nemo.example.org/api/tools/?id=1&id=2",
        "https://[/api/tools/?id=1",
        "file:///api/tools/?id=1",
    ],
)
def test_an_address_that_names_no_tool_is_said(api_url: str | None) -> None:
    with pytest.raises(ConfigurationError, match="such as https://SERVER/api/tools/"):
        tool_of(titan(api_url))


def test_an_address_with_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="take user and password out") as said:
        tool_of(titan("https://ada:secret@nemo.example.org/api/tools/?id=1"))

    assert "secret" not in str(said.value)


@pytest.mark.parametrize(
    ("address", "covers"),
    [
        ("https://nemo.example.org/api/", True),
        ("https://NEMO.example.org", True),
        ("http://nemo.example.org/api/", False),
        ("https://nemo.example.org/ap", False),
        ("https://nemo.example.or", False),
    ],
    ids=["the interface", "the site", "no TLS", "half a path", "half a name"],
)
def test_a_token_is_for_its_own_server_only(address: str, covers: bool) -> None:
    access = NemoAccess(address=address, token=ANY)

    assert access.covers("https://nemo.example.org/api/") is covers


def test_a_table_is_read_to_its_last_page(client: Client, nemo_tool: "NemoTool") -> None:
    events = [nemo_tool.used(BEGUN + i * HOUR, BEGUN + i * HOUR + HOUR / 2) for i in range(5)]

    found = list(client(page_size=2).every("usage_events", tool_id=nemo_tool.number))

    assert sorted(entry["id"] for entry in found) == sorted(events)


def test_no_page_is_asked_for_beyond_the_last(behind: NemoRest, proxy: FaultyProxy, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(BEGUN, BEGUN + HOUR)

    list(behind.every("usage_events", tool_id=nemo_tool.number))

    assert proxy.seen == [EVENTS]


def test_times_and_truths_are_written_as_nemo_reads_them(client: Client, nemo_tool: "NemoTool") -> None:
    nemo_tool.used(BEGUN, BEGUN + HOUR)
    running = nemo_tool.used(BEGUN + 2 * HOUR)
    zoned = (BEGUN + HOUR).astimezone(ZoneInfo("Asia/Kolkata"))

    found = client().every("usage_events", tool_id=nemo_tool.number, start__gte=zoned, end__isnull=True)

    assert [entry["id"] for entry in found] == [running]


def test_a_nemo_without_pages_gives_all_at_once(behind: NemoRest, proxy: FaultyProxy) -> None:
    proxy.faults[EVENTS] = [answer(Reply(status=200, body=b'[{"id": 1}, {"id": 2}]'))]

    assert [entry["id"] for entry in behind.every("usage_events")] == [1, 2]


def test_a_wrong_token_is_refused(client: Client) -> None:
    with pytest.raises(AuthenticationError, match=r"Invalid token.*; make a new token in NEMO"):
        list(client(token="0" * 40).every("usage_events"))


def test_an_account_that_may_not_look_is_told_from_a_wrong_token(client: Client, nemo: NemoServer) -> None:
    with pytest.raises(AuthenticationError, match="let the token's user view this table"):
        list(client(token=nemo.access.nobody_token).every("usage_events"))


def test_a_tool_that_is_not_there_is_a_matter_of_configuration(client: Client) -> None:
    with pytest.raises(ConfigurationError, match=r"400: .*Select a valid choice.*api_url"):
        list(client().every("usage_events", tool_id=999_999))


def test_a_server_that_is_down_does_not_answer(client: Client, closed_port: int) -> None:
    with pytest.raises(ServiceUnavailableError, match=r"cannot be reached.*Connection refused"):
        list(client(f"http://127.0.0.1:{closed_port}/api/").every("usage_events"))


def test_a_server_that_stays_silent_is_not_waited_for(behind: NemoRest, proxy: FaultyProxy) -> None:
    proxy.faults[EVENTS] = [lambda exchange: exchange.hold()]

    with pytest.raises(ServiceUnavailableError, match="did not answer within"):
        list(behind.every("usage_events"))


@pytest.mark.parametrize(
    ("status", "body"),
    [(429, b'{"detail": "Request was throttled."}'), (502, b"<html>Bad Gateway</html>"), (503, b""), (500, b"<html>")],
)
def test_what_passes_may_be_tried_again(behind: NemoRest, proxy: FaultyProxy, status: int, body: bytes) -> None:
    proxy.faults[EVENTS] = [answer(Reply(status=status, body=body))]

    with pytest.raises(ServiceUnavailableError, match=f"with {status}"):
        list(behind.every("usage_events"))


@pytest.mark.parametrize(
    "fault", [cut_before_storing, lose_answer_in_the_middle], ids=["before the answer", "in the middle of it"]
)
def test_a_connection_that_is_cut_is_no_answer(
    behind: NemoRest, proxy: FaultyProxy, fault: Callable[..., None]
) -> None:
    proxy.faults[EVENTS] = [fault]

    with pytest.raises(ServiceUnavailableError):
        list(behind.every("usage_events"))


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=200, body=b"<html>Please log in</html>"), "what is no list"),
        (Reply(status=200, body=b'{"results": 3}'), "what is no list"),
        (Reply(status=200, body=b'["x"]'), "entries that are none"),
        (Reply(status=200, body=b"[" * 100_000), "what is no list"),
        (Reply(status=302, body=b"", location="https://evil.example.org/"), "a redirect to https://evil"),
        (Reply(status=404, body=b"<html>"), "is its address right"),
    ],
    ids=["page", "no entries", "odd entries", "deep", "redirect", "not found"],
)
def test_what_no_nemo_answers_is_said(behind: NemoRest, proxy: FaultyProxy, reply: Reply, said: str) -> None:
    proxy.faults[EVENTS] = [answer(reply)]

    with pytest.raises(UnexpectedAnswerError, match=said):
        list(behind.every("usage_events"))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-08T01:30:00-05:00", datetime(2026, 3, 8, 6, 30, tzinfo=UTC)),
        ("2026-03-08T04:30:00-04:00", datetime(2026, 3, 8, 8, 30, tzinfo=UTC)),
        ("2026-11-01T01:30:00.123456-04:00", datetime(2026, 11, 1, 5, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-08T06:30:00Z", datetime(2026, 3, 8, 6, 30, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_their_offset(text: str, utc: datetime) -> None:
    access = NemoAccess(address="https://n/api/", token=ANY)

    assert NemoRest(root="https://n/api/", access=access).moment(text) == utc


def test_a_site_may_say_times_in_a_format_and_zone_of_its_own() -> None:
    access = NemoAccess(
        address="https://n/api/",
        token=ANY,
        zone=ZoneInfo("America/Denver"),
        reads="%m-%d-%Y %H:%M:%S",
        writes="%m-%d-%Y %H:%M:%S",
    )
    nemo = NemoRest(root="https://n/api/", access=access)

    assert nemo.moment("03-02-2026 10:00:00") == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert nemo._literal(datetime(2026, 3, 2, 17, 0, tzinfo=UTC)) == "03-02-2026 10:00:00"


def test_a_time_without_zone_is_no_time() -> None:
    nemo = NemoRest(root="https://n/api/", access=NemoAccess(address="https://n/api/", token=ANY))

    with pytest.raises(ValueError, match="has no zone"):
        nemo.moment("2026-03-02T10:00:00")


def test_answers_to_forms_are_unpacked_from_the_text_that_holds_them(client: Client) -> None:
    event = next(iter(client().every("usage_events", id=1)))

    assert unpacked(event["run_data"])["experiment_title"]["user_input"] == "EELS, as done"


@pytest.mark.parametrize("nothing", [None, "", " ", {}, "{}", "null"])
def test_no_answers_are_empty(nothing: object) -> None:
    assert unpacked(nothing) == {}


@pytest.mark.parametrize("odd", ["{", "[1]", json.dumps("x"), 7, "[" * 100_000])
def test_answers_that_are_none_are_said(odd: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="NEMO holds answers"):
        unpacked(odd)


def test_the_token_shows_nowhere() -> None:
    assert HIDDEN not in repr(NemoRest(root="https://n/api/", access=NemoAccess(address="https://n/", token=HIDDEN)))
