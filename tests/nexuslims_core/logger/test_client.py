from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.logger.client import ANSWER_LIMIT_BYTES, AirflowLogbook
from nexuslims_core.logger.entries import RefusedError, StumbledError
from nexuslims_core.testing.servers.logbook import LogbookServer
from tests.servers.faulty_proxy import (
    Exchange,
    FaultyProxy,
    Reply,
    answer,
    cut_before_storing,
    lose_answer_by_cut,
    lose_answer_in_silence,
    lose_answer_in_the_middle,
    lose_answer_with_504,
)
from tests.servers.logbook_contract import LogbookContract, begins, ends

LOGIN, START = ("POST", "/auth/token"), ("POST", "/nexuslims/api/sessions/start")
Fault = Callable[[Exchange], None]


class TestContract(LogbookContract):
    """The client and the server that stands in for Airflow keep it together."""


def test_it_logs_in_once(logbook: AirflowLogbook, proxy: FaultyProxy) -> None:
    start = begins()

    logbook.write(start)
    logbook.write(ends(start.session))

    assert [path for _, path in proxy.seen] == ["/auth/token", START[1], "/nexuslims/api/sessions/end"]


@pytest.mark.parametrize("fault", [lose_answer_by_cut, lose_answer_in_the_middle, cut_before_storing])
def test_a_lost_answer_is_asked_for_once_more(
    logbook: AirflowLogbook, server: LogbookServer, proxy: FaultyProxy, fault: Fault
) -> None:
    proxy.faults[START] = [fault]
    start = begins()

    written = logbook.write(start)

    assert (written.start, list(server.sessions)) == (start.at, [start.session])
    assert proxy.seen.count(START) == 2


def test_a_server_that_cuts_every_time_is_left_alone(logbook: AirflowLogbook, proxy: FaultyProxy) -> None:
    proxy.faults[START] = [cut_before_storing] * 3

    with pytest.raises(ServiceUnavailableError, match="cannot be reached, or cut the connection"):
        logbook.write(begins())

    assert proxy.seen.count(START) == 2


def test_a_silent_server_is_not_waited_for(logbook: AirflowLogbook, proxy: FaultyProxy) -> None:
    proxy.faults[START] = [lose_answer_in_silence]

    with pytest.raises(ServiceUnavailableError, match=r"did not answer within 0\.2 s"):
        replace(logbook, timeout_s=0.2).write(begins())

    assert proxy.seen.count(START) == 1


def said(status: int, body: str = "<html>", location: str = "") -> Fault:
    return answer(Reply(status=status, body=body.encode(), location=location))


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (lose_answer_with_504, ServiceUnavailableError, "answered 504"),
        (said(429), ServiceUnavailableError, "answered 429"),
        (said(500, '{"error": {"sentence": "a\\nfault"}}'), StumbledError, "failed over the start of .*: a fault"),
        (said(401), AuthenticationError, "does not let logger write down sessions"),
        (said(403), AuthenticationError, "give the account a role that may trigger DAGs"),
        (said(404), UnexpectedAnswerError, "answered 404: is NEXUSLIMS_API_URL right"),
        (said(302, location="https://login.example.org"), UnexpectedAnswerError, "answered 302"),
        (said(200), UnexpectedAnswerError, "answered 200 without saying how the session stands"),
        (said(200, "[" * 99_999), UnexpectedAnswerError, "answered 200 without"),
        (
            said(200, '{"session": "x", "status": "TO_BE_BUILT", "start": "2026-03-02T10:00:00Z"}'),
            UnexpectedAnswerError,
            "about another session",
        ),
        (said(200, " " * (ANSWER_LIMIT_BYTES + 1)), UnexpectedAnswerError, "with more than"),
        (said(422, '{"detail": [{"msg": "no"}]}'), RefusedError, "the facility refuses the start of session"),
    ],
    ids=lambda given: given.__name__ if isinstance(given, type) else "",
)
def test_an_unwelcome_answer_is_said_in_a_sentence(
    logbook: AirflowLogbook, proxy: FaultyProxy, fault: Fault, kind: type[NexusLimsError], sentence: str
) -> None:
    proxy.faults[START] = [fault]

    with pytest.raises(kind, match=sentence) as caught:
        logbook.write(begins())

    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (said(503), ServiceUnavailableError, "answered 503 to the login"),
        (said(404), ConfigurationError, "is NEXUSLIMS_API_URL right?"),
        (said(201, '{"access_token": "with a blank"}'), ConfigurationError, "gave no token"),
        (said(201, '{"access_token": 5}'), ConfigurationError, "gave no token"),
    ],
    ids=["busy", "somebody else", "unusable token", "no token"],
)
def test_a_login_that_gives_no_token_is_said(
    logbook: AirflowLogbook, proxy: FaultyProxy, fault: Fault, kind: type[NexusLimsError], sentence: str
) -> None:
    proxy.faults[LOGIN] = [fault]

    with pytest.raises(kind, match=sentence):
        logbook.write(begins())


def test_a_wrong_password_is_tried_once(logbook: AirflowLogbook, proxy: FaultyProxy) -> None:
    with pytest.raises(AuthenticationError, match="refuses the login of logger: Invalid credentials"):
        replace(logbook, password=logbook.user).write(begins())

    assert proxy.seen == [LOGIN]


def test_without_an_account_nobody_is_asked(logbook: AirflowLogbook, proxy: FaultyProxy) -> None:
    with pytest.raises(ConfigurationError, match="NEXUSLIMS_USER and NEXUSLIMS_PASSWORD are not set"):
        replace(logbook, password=None).write(begins())

    assert proxy.seen == []


def test_a_netrc_file_does_not_replace_the_token(
    logbook: AirflowLogbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert logbook.write(begins()).status == "WAITING_FOR_END"


def test_the_password_does_not_show(logbook: AirflowLogbook) -> None:
    logbook.write(begins())

    assert str(logbook.password) not in repr(logbook)
    assert "_token" not in repr(logbook)
