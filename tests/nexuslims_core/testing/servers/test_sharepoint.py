"""The stand-in itself, asked by requests-ntlm and read by lxml: it behaves as SharePoint is known to."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import spnego
from lxml import etree
from requests_ntlm import HttpNtlmAuth

from nexuslims_core.testing.servers.sharepoint import SharePointServer
from nexuslims_core.testing.servers.sharepoint.example import EXAMPLE_EVENTS, LIST

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "d": "http://schemas.microsoft.com/ado/2007/08/dataservices",
    "m": "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata",
}
OVERLAP = "(StartTime le datetime'2019-03-06T17:00:00') and (EndTime ge datetime'2019-03-06T12:00:00')"

Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def server() -> Iterator[SharePointServer]:
    with SharePointServer(events=EXAMPLE_EVENTS) as running:
        yield running


@pytest.fixture
def ask() -> Iterator[Ask]:
    with requests.Session() as session:
        session.trust_env = False

        def get(server: SharePointServer, name: str = LIST, **options: str) -> requests.Response:
            session.auth = HttpNtlmAuth(server.user, server.password)
            return session.get(server.list_url(name), params={f"${k}": v for k, v in options.items()}, timeout=10)

        yield get


def ids(response: requests.Response) -> list[int]:
    feed = etree.fromstring(response.content)
    return [int(number) for number in feed.xpath("/a:feed/a:entry/a:content/m:properties/d:Id/text()", namespaces=NS)]


def test_signs_a_connection_in_by_three_legs_and_keeps_it_signed_in(server: SharePointServer, ask: Ask) -> None:
    before = len(server.requests)

    first, second = ask(server), ask(server)

    asked = server.requests[before:]
    assert [one.status for one in asked] == [401, 401, 200, 200]
    assert len({one.connection for one in asked}) == 1
    assert first.content[:200] == second.content[:200]


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [
        ("EMLAB\\harvester", "Corr3ct-horse", 200),
        ("emlab\\HARVESTER", "Corr3ct-horse", 200),
        ("harvester@emlab.example", "Corr3ct-horse", 200),
        ("EMLAB\\harvester", "wrong", 401),
        ("EMLAB\\nobody", "Corr3ct-horse", 401),
        ("OTHER\\harvester", "Corr3ct-horse", 401),
    ],
    ids=["right", "other case", "UPN", "wrong password", "unknown user", "other domain"],
)
def test_knows_one_account(server: SharePointServer, user: str, password: str, status: int) -> None:
    before = len(server.requests)

    with requests.Session() as session:
        answer = session.get(server.list_url(LIST), auth=HttpNtlmAuth(user, password), timeout=10)

    assert answer.status_code == status
    assert sum(one.logon for one in server.requests[before:]) == 1


@pytest.mark.parametrize("auth", [None, ("EMLAB\\harvester", "Corr3ct-horse")], ids=["nobody", "basic"])
def test_offers_nothing_but_ntlm(server: SharePointServer, auth: tuple[str, str] | None) -> None:
    answer = requests.get(server.list_url(LIST), auth=auth, timeout=10)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "NTLM"


def test_refuses_the_last_leg_on_another_connection(server: SharePointServer) -> None:
    client = spnego.client(server.user, server.password, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    challenge = requests.get(server.list_url(LIST), headers=_token(client.step()), timeout=10)
    proof = client.step(base64.b64decode(challenge.headers["WWW-Authenticate"].split()[1]))

    answer = requests.get(server.list_url(LIST), headers=_token(proof), timeout=10)

    assert answer.status_code == 401


def _token(message: bytes | None) -> dict[str, str]:
    return {"Authorization": "NTLM " + base64.b64encode(message or b"").decode(), "Connection": "close"}


def test_two_servers_side_by_side_know_their_own_accounts(server: SharePointServer, ask: Ask) -> None:
    with SharePointServer(events={"Other": []}, user="LAB\\other") as other:
        statuses = [ask(server).status_code, ask(other, "Other").status_code, ask(server).status_code]

    assert statuses == [200, 200, 200]


def test_leaves_the_environment_as_it_was(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NTLM_USER_FILE", "somebody-elses")

    with SharePointServer(events=EXAMPLE_EVENTS) as server:
        ask(server)

    assert os.environ["NTLM_USER_FILE"] == "somebody-elses"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (OVERLAP, [502]),
        ("StartTime ge DateTime'2019-03-06' and StartTime lt DateTime'2019-03-07'", [501, 502]),
        ("StartTime le datetime'2019-03-25T12:00:00' and EndTime ge datetime'2019-03-25T11:00:00'", [506]),
        ("CategoryValue eq 'Service' or Id eq 507", [504, 507]),
        ("not (Recurrence eq false)", [506]),
        ("StartTime gt datetime'2035-01-01'", []),
    ],
    ids=["overlap", "NexusLIMS's form", "a series", "or", "not", "nothing"],
)
def test_filters(server: SharePointServer, ask: Ask, condition: str, expected: list[int]) -> None:
    answer = ask(server, filter=condition)

    assert ids(answer) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"filter": "Nope eq 1"},
        {"filter": "StartTime ge '2019'"},
        {"filter": "StartTime ge"},
        {"filter": "StartTime ge datetime'xx'"},
        {"filter": "(Id eq 1"},
        {"filter": "Id eq 1 1"},
        {"filter": "Id # 1"},
        {"expand": "Nope"},
        {"bogus": "1"},
        {"skiptoken": "12"},
    ],
    ids=lambda options: "=".join(*options.items()),
)
def test_says_what_it_does_not_like(server: SharePointServer, ask: Ask, options: dict[str, str]) -> None:
    answer = ask(server, **options)

    assert answer.status_code == 400
    assert etree.fromstring(answer.content).findtext("m:message", namespaces=NS)


def test_a_server_with_the_quirk_misses_what_an_exact_bound_asks_for(ask: Ask) -> None:
    with SharePointServer(events=EXAMPLE_EVENTS, filter_quirk=True) as server:
        exact = ask(server, filter="Id eq 504 and StartTime ge datetime'2019-03-12T00:00:00'")
        hours_earlier = ask(server, filter="Id eq 504 and StartTime ge datetime'2019-03-11T20:00:00'")

    assert (ids(exact), ids(hours_earlier)) == ([], [504])


def test_pages_lead_to_each_other_until_the_end(ask: Ask) -> None:
    with SharePointServer(events=EXAMPLE_EVENTS, page_size=3) as server:
        answer, seen, pages = ask(server, filter="Id ge 1", expand="CreatedBy"), [], 1
        seen += ids(answer)
        with requests.Session() as session:
            while onward := etree.fromstring(answer.content).xpath("/a:feed/a:link[@rel='next']/@href", namespaces=NS):
                answer = session.get(onward[0], auth=HttpNtlmAuth(server.user, server.password), timeout=10)
                seen, pages = seen + ids(answer), pages + 1

    assert (seen, pages) == (list(range(501, 508)), 3)


def test_nobody_gets_more_than_a_page(ask: Ask) -> None:
    start = {"start": "2020-01-01T09:00", "end": "2020-01-01T10:00"}
    with SharePointServer(events={LIST: [start] * 1001}) as server:
        answer = ask(server)

    assert len(ids(answer)) == 1000


def test_expands_people_inside_their_links(server: SharePointServer, ask: Ask) -> None:
    answer = ask(server, filter="Id eq 502", expand="CreatedBy,UserName")

    entry = etree.fromstring(answer.content).find("a:entry", NS)
    people = "string(a:link[@title='{}']/m:inline//a:entry/a:content/m:properties/d:Name)"
    assert entry is not None
    assert entry.xpath(people.format("UserName"), namespaces=NS) == "O'Neil, Ben (Assoc)"
    assert entry.xpath(people.format("CreatedBy"), namespaces=NS) == "O'Neil, Ben (Assoc)"


def test_gives_text_as_typed_and_nothing_as_null(server: SharePointServer, ask: Ask) -> None:
    answer = ask(server, filter="Id eq 502")

    columns = etree.fromstring(answer.content).find("a:entry/a:content/m:properties", NS)
    assert columns is not None
    assert columns.findtext("d:ExperimentPurpose", namespaces=NS) == "Ni valence\r\nat the interface"
    assert columns.find("d:CategoryValue", NS).get(f"{{{NS['m']}}}null") == "true"


@pytest.mark.parametrize("name", ["", f"{LIST}(502)", "UserInformationList(224)"], ids=["lists", "event", "person"])
def test_other_documents_are_xml(server: SharePointServer, ask: Ask, name: str) -> None:
    answer = ask(server, name)

    assert answer.status_code == 200
    assert etree.fromstring(answer.content) is not None


@pytest.mark.parametrize("name", ["Nope", f"{LIST}(9)", "a/b"])
def test_what_is_not_there_is_not_found(server: SharePointServer, ask: Ask, name: str) -> None:
    answer = ask(server, name)

    assert answer.status_code == 404
    assert b"Resource not found for the segment" in answer.content


def test_refuses_an_event_with_a_field_it_does_not_know() -> None:
    event = {"start": "2020-01-01T09:00", "end": "2020-01-01T10:00", "titel": "typo"}

    with pytest.raises(ValueError, match="titel"), SharePointServer(events={LIST: [event]}):
        pass


def test_runs_as_a_process_of_its_own_until_told_to_stop(tmp_path: Path) -> None:
    events = tmp_path / "events.json"
    events.write_text(
        json.dumps({"Titan": [{"start": "2026-11-13T09:00", "end": "2026-11-13T12:00", "title": "EELS"}]})
    )
    command = [
        sys.executable,
        "-m",
        "nexuslims_core.testing.servers.sharepoint",
        "--port",
        "0",
        "--events",
        str(events),
    ]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        auth = HttpNtlmAuth(ready["user"], ready["password"])
        answer = requests.get(ready["lists"]["Titan"], auth=auth, timeout=10)
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)

    assert (ids(answer), code) == ([501], 0)
