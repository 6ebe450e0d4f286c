"""Ports that nobody uses."""

import socket

import pytest

from nexuslims_core.demo import ports
from nexuslims_core.demo.ports import reserved_port
from nexuslims_core.errors import ConfigurationError


@pytest.fixture
def taken() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def test_a_free_port_is_taken_as_wanted(taken: socket.socket) -> None:
    wanted = taken.getsockname()[1]
    taken.close()

    with reserved_port(wanted) as port:
        assert port == wanted


def test_a_port_in_use_is_avoided(taken: socket.socket) -> None:
    with taken, reserved_port(taken.getsockname()[1]) as port:
        assert port > taken.getsockname()[1]


def test_two_demos_never_take_the_same_port_before_they_listen(taken: socket.socket) -> None:
    wanted = taken.getsockname()[1]
    taken.close()

    with reserved_port(wanted) as first, reserved_port(wanted) as second:
        assert first != second


def test_a_port_that_was_given_back_is_free(taken: socket.socket) -> None:
    wanted = taken.getsockname()[1]
    taken.close()
    with reserved_port(wanted):
        pass

    with reserved_port(wanted) as port:
        assert port == wanted


def test_no_free_port_is_said(taken: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "TRIES", 1)

    with (
        taken,
        pytest.raises(ConfigurationError, match="are all in use"),
        reserved_port(taken.getsockname()[1]),
    ):
        pass
