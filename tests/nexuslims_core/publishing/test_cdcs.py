"""CdcsStore against a real CDCS, directly and through a proxy that loses its answers."""

import json
import socket
import threading

import pytest
import requests

from nexuslims_core.errors import (
    AuthenticationError,
    PublishingError,
    ServiceUnavailableError,
)
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.publishing.conftest import Held, MakeStore, WriteRecord
from tests.servers import faulty_proxy
from tests.servers.cdcs_admin import CdcsAdmin
from tests.servers.faulty_proxy import FaultyProxy, Reply

pytestmark = pytest.mark.server

POST = ("POST", "/rest/data/")
ANY_TOKEN = {"token": "sesame"}


# ---- the record


def test_anybody_can_read_a_published_record_without_login(
    cdcs: CdcsServer, make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    receipt = make_store().put(title, write_record())

    download = requests.get(f"{cdcs.url}/rest/data/download/{receipt.record_id}/", timeout=30)
    page = requests.get(receipt.url, timeout=30)

    assert download.content == write_record()
    assert "Ada Lovelace" in page.text


@pytest.mark.parametrize("slash", ["", "/"], ids=["no slash at the end", "a slash at the end"])
def test_the_receipt_has_the_url_of_the_page(
    cdcs: CdcsServer, make_store: MakeStore, write_record: WriteRecord, title: str, slash: str
) -> None:
    store = make_store(url=cdcs.url + slash)

    receipt = store.put(title, write_record())

    assert receipt.url == f"{cdcs.url}/data?id={receipt.record_id}"


def test_user_and_password_do_as_well_as_a_token(
    cdcs: CdcsServer, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    with_token = make_store().put(title, write_record())

    with_password = make_store(user=cdcs.user, password=cdcs.password).put(title, write_record())

    assert with_password == with_token
    assert len(held(title)) == 1


def test_a_record_that_is_right_is_not_written_again(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    store = make_store(url=proxy.url)
    store.put(title, write_record())
    proxy.seen.clear()

    store.put(title, write_record())

    assert {method for method, _ in proxy.seen} == {"GET"}


def test_a_private_record_of_ours_becomes_public(
    admin: CdcsAdmin, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    private = admin.post(title, write_record())

    receipt = make_store().put(title, write_record())

    assert receipt.record_id == str(private)
    assert [record["workspace"] for record in held(title)] == [admin.server.workspace]


def test_of_several_records_the_first_stays_and_the_others_go(
    admin: CdcsAdmin, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    first, *_ = [admin.post(title, write_record(f"try {number}")) for number in range(12)]

    make_store().put(title, write_record("final"))

    assert [(record["id"], record["xml_content"]) for record in held(title)] == [
        (first, write_record("final").decode())
    ]


# ---- refusals


def test_a_record_that_breaks_the_schema_is_refused_with_the_reason(
    make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    xml = write_record(extra="<notInTheSchema/>")

    with pytest.raises(PublishingError, match=r"notInTheSchema.*not expected") as refusal:
        make_store().put(title, xml)

    assert not refusal.value.retryable
    assert held(title) == []


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"no xml",
        b"<a><b></a>",
        b"<a>&e;</a>",
        b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        b"<a>\x01</a>",
        b"\xff",
    ],
    ids=["empty", "text", "tags crossed", "unknown entity", "entity", "control character", "not UTF-8"],
)
def test_what_is_no_xml_is_refused_for_good(make_store: MakeStore, title: str, xml: bytes) -> None:
    store = make_store(pauses_s=())

    with pytest.raises(PublishingError):
        store.put(title, xml)


def test_an_invalid_change_leaves_the_published_record_as_it_was(
    make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    make_store().put(title, write_record("good"))

    with pytest.raises(PublishingError):
        make_store().put(title, write_record("bad", extra="<notInTheSchema/>"))

    assert [record["xml_content"] for record in held(title)] == [write_record("good").decode()]


@pytest.mark.parametrize("unkept", ["", " a", "a\n", "a" * 201], ids=["empty", "blank first", "line end", "too long"])
def test_a_title_that_cdcs_would_change_is_refused(
    make_store: MakeStore, write_record: WriteRecord, unkept: str
) -> None:
    with pytest.raises(PublishingError, match="title"):
        make_store().put(unkept, write_record())


@pytest.mark.parametrize(
    "wrong",
    [{"token": "0" * 40}, {"user": "robot", "password": "no"}, {"user": "nobody", "password": "ä€"}],
    ids=["token", "password", "user"],
)
def test_wrong_credentials_are_said_once(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, title: str, wrong: dict[str, str]
) -> None:
    store = make_store(url=proxy.url, **wrong)

    with pytest.raises(AuthenticationError):
        store.put(title, write_record())

    assert len(proxy.seen) == 1


def test_a_cdcs_that_ignores_passwords_is_understood(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    says = json.dumps({"detail": "Authentication credentials were not provided."}).encode()
    proxy.faults["GET", "/rest/template-version-manager/global/"] = [faulty_proxy.answer(Reply(status=403, body=says))]

    with pytest.raises(AuthenticationError, match="not provided"):
        make_store(url=proxy.url).put(title, write_record())


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [({"template_title": "nexus"}, "no template 'nexus'"), ({"workspace_title": "Mine"}, "no public workspace 'Mine'")],
    ids=["template", "workspace"],
)
def test_a_cdcs_that_is_not_set_up_is_said_to_lack_something(
    make_store: MakeStore, write_record: WriteRecord, title: str, lacking: dict[str, str], sentence: str
) -> None:
    with pytest.raises(PublishingError, match=sentence):
        make_store(**lacking).put(title, write_record())


# ---- no answer


def test_a_server_that_is_not_there_is_unavailable_after_the_last_try(write_record: WriteRecord, title: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    slept: list[float] = []
    store = CdcsStore(url=url, **ANY_TOKEN, pauses_s=(1, 4), sleep=slept.append)

    with pytest.raises(ServiceUnavailableError, match="cannot be reached"):
        store.put(title, write_record())

    assert slept == [1, 4]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    "fault",
    [
        faulty_proxy.lose_answer_with_504,
        faulty_proxy.lose_answer_by_cut,
        faulty_proxy.lose_answer_in_the_middle,
        faulty_proxy.lose_answer_in_silence,
        faulty_proxy.cut_before_storing,
    ],
    ids=["504", "cut", "cut in the answer", "silence", "cut before it was stored"],
)
def test_a_lost_answer_never_makes_a_second_record(
    proxy: FaultyProxy,
    make_store: MakeStore,
    held: Held,
    title: str,
    *,
    fault: faulty_proxy.Fault,
    times: int,
    write_record: WriteRecord,
) -> None:
    proxy.faults[POST] = [fault] * times
    store = make_store(url=proxy.url, timeout_s=(5, 2))

    receipt = store.put(title, write_record())

    assert [str(record["id"]) for record in held(title)] == [receipt.record_id]


def test_a_lost_answer_to_a_change_is_found_out_without_writing_again(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    store = make_store(url=proxy.url)
    record = store.put(title, write_record("first")).record_id
    proxy.faults["PATCH", f"/rest/data/{record}/"] = [faulty_proxy.lose_answer_with_504]

    store.put(title, write_record("second"))

    assert [(str(found["id"]), found["xml_content"]) for found in held(title)] == [
        (record, write_record("second").decode())
    ]
    assert sum(method == "PATCH" for method, _ in proxy.seen) == 1


def test_a_record_that_is_stored_long_after_its_answer_was_lost_is_removed(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    go, stored = threading.Event(), threading.Event()
    proxy.faults[POST] = [faulty_proxy.answer_504_and_store_later(go, stored)]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:  # the second try has posted its own by now
            go.set()
            assert stored.wait(30)

    receipt = make_store(url=proxy.url, sleep=sleep).put(title, write_record())

    assert stored.is_set(), "put returned without looking once more"
    assert [str(record["id"]) for record in held(title)] == [receipt.record_id]


def test_a_passing_500_is_not_taken_for_a_refusal(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    busy = Reply(status=500, body=json.dumps({"message": "database is locked"}).encode())
    proxy.faults[POST] = [faulty_proxy.answer(busy), faulty_proxy.answer(busy)]

    make_store(url=proxy.url).put(title, write_record())

    assert len(held(title)) == 1


def test_an_answer_that_never_ends_well_is_unavailable_and_not_posted_twice(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    proxy.faults["GET", "/rest/data/"] = [
        faulty_proxy.pass_on,
        *[faulty_proxy.answer(Reply(status=502, body=b"<html>"))] * 4,
    ]

    with pytest.raises(ServiceUnavailableError, match="502"):
        make_store(url=proxy.url).put(title, write_record())

    assert len(held(title)) == 1


# ---- check


def test_check_of_a_cdcs_that_is_ready_finds_all_four_things(make_store: MakeStore) -> None:
    checks = make_store().check()

    assert [(check.subject, check.ok) for check in checks] == [
        ("address", True),
        ("credentials", True),
        ("template", True),
        ("workspace", True),
    ]


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({"url": "http://127.0.0.1:9"}, "address"),
        ({"token": "wrong"}, "credentials"),
        ({"template_title": "another"}, "template"),
        ({"workspace_title": "another"}, "workspace"),
    ],
    ids=["address", "credentials", "template", "workspace"],
)
def test_check_says_what_is_not_as_it_should_be(make_store: MakeStore, given: dict[str, str], subject: str) -> None:
    checks = make_store(**given).check()

    assert [check.subject for check in checks if not check.ok] == [subject]
