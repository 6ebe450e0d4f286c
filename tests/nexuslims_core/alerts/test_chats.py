"""Chats through Apprise: a web server of a test stands where theirs would."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from nexuslims_core.alerts import chats
from nexuslims_core.alerts.messages import compose
from nexuslims_core.alerts.recipients import Recipient
from nexuslims_core.errors import ConfigurationError, ServiceUnavailableError
from nexuslims_core.testing.servers.thread import ServerThread
from tests.nexuslims_core.alerts.test_mail import ALERT

HIDDEN = "hush-hush"


class _Chat(HTTPServer):
    """Keeps what is posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.posted: list[dict[str, Any]] = []


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Chat)
        self.server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def chat() -> Iterator[_Chat]:
    server = _Chat()
    with ServerThread(server):
        yield server


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def test_a_chat_is_told(chat: _Chat, everything_logged: pytest.LogCaptureFixture) -> None:
    recipient = Recipient(address=f"json://user:{HIDDEN}@127.0.0.1:{chat.server_port}/{HIDDEN}")

    chats.send(recipient, compose([ALERT]))

    assert [each["title"] for each in chat.posted] == [f"[NexusLIMS] {ALERT.headline}"]
    assert ALERT.reason in chat.posted[0]["message"]
    assert HIDDEN not in everything_logged.text


def test_a_chat_that_is_away_is_said_without_its_secrets(
    closed_port: int, everything_logged: pytest.LogCaptureFixture
) -> None:
    recipient = Recipient(address=f"json://user:{HIDDEN}@127.0.0.1:{closed_port}/{HIDDEN}?cto=2&rto=2")

    with pytest.raises(ServiceUnavailableError, match=r"json [0-9a-f]{6} did not take the message") as caught:
        chats.send(recipient, compose([ALERT]))

    assert HIDDEN not in f"{everything_logged.text}{caught.value}"


@pytest.mark.parametrize("address", [f"slack://{HIDDEN}", f"nosuchservice://{HIDDEN}"])
def test_an_address_that_apprise_does_not_know_is_said_without_its_secrets(
    address: str, everything_logged: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError, match="Apprise does not understand the address of") as caught:
        chats.check(Recipient(address=address))

    assert HIDDEN not in f"{everything_logged.text}{caught.value}"
