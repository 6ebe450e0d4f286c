"""Answers that no CDCS gives, and settings with which none could be asked."""

import json

import pytest

from nexuslims_core.errors import ConfigurationError, PublishingError, UnexpectedAnswerError
from nexuslims_core.publishing.cdcs import CdcsStore
from tests.nexuslims_core.publishing.conftest import MakeStore, WriteRecord
from tests.servers import faulty_proxy
from tests.servers.faulty_proxy import FaultyProxy, Reply

POST = ("POST", "/rest/data/")
ANY_TOKEN = {"token": "sesame"}


# ---- what is no CDCS


@pytest.mark.server
@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=301, body=b"", location="https://elsewhere.example.org/rest/data/"),
        Reply(status=200, body=b'{"id": 1}'),
        Reply(status=404, body=b"<html>Not Found</html>", kind="text/html"),
    ],
    ids=["redirect", "200 instead of 201", "a page"],
)
def test_a_post_is_only_done_when_cdcs_says_created(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, title: str, reply: Reply
) -> None:
    proxy.faults[POST] = [faulty_proxy.answer(reply)]

    with pytest.raises(UnexpectedAnswerError):
        make_store(url=proxy.url).put(title, write_record())

    assert proxy.seen.count(POST) == 1


@pytest.mark.server
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[" * 100_000, b'{"results": 1}', b'[{"id": "x"}]'],
    ids=["empty", "a page", "nested without end", "another document", "another list"],
)
def test_an_answer_that_is_not_of_cdcs_is_named(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, title: str, body: bytes
) -> None:
    proxy.faults["GET", "/rest/data/"] = [faulty_proxy.answer(Reply(status=200, body=body))]

    with pytest.raises(UnexpectedAnswerError, match="does not answer as a CDCS does"):
        make_store(url=proxy.url).put(title, write_record())


@pytest.mark.server
def test_what_cdcs_says_cannot_forge_a_line_of_the_log(
    proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    says = json.dumps({"message": "no\r\n2026-11-22 INFO all is well\x1b[2J" + "x" * 10_000}).encode()
    proxy.faults[POST] = [faulty_proxy.answer(Reply(status=400, body=says))]

    with pytest.raises(PublishingError) as refusal:
        make_store(url=proxy.url).put(title, write_record())

    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 1000


# ---- settings


@pytest.mark.parametrize(
    "url",
    ["", "cdcs.example.org", "ftp://cdcs.example.org", "http://", "http://a:b@host/", "http://h/?q=1", "http://[x/"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="address"):
        CdcsStore(url=url, **ANY_TOKEN)


@pytest.mark.parametrize(
    "given", [{}, {"user": "robot"}, {"token": "two words"}], ids=["nothing", "no password", "no token"]
)
def test_credentials_that_are_none_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="token"):
        CdcsStore(url="http://127.0.0.1", **given)


def test_secrets_are_not_shown() -> None:
    secrets = {"token": "sesame", "password": "abracadabra"}

    shown = repr(CdcsStore(url="http://127.0.0.1", user="robot", **secrets))

    assert not any(secret in shown for secret in secrets.values())
