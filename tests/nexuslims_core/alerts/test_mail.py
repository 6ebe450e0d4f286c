"""Mail through a real SMTP server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexuslims_core.alerts.mail import MailServer, Security
from nexuslims_core.alerts.messages import compose
from nexuslims_core.alerts.models import Alert, AlertKind, Fact, Link, Message
from nexuslims_core.errors import (
    AlertRefusedError,
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
)
from tests.servers.authority import Authority
from tests.servers.smtp import SmtpServer, html_of, text_of

ADA = "ada@example.org"
LOGIN = {"user": "nexus", "password": "sesame"}
WRONG = LOGIN | {"password": "of-another-year"}
ALERT = Alert(
    kind=AlertKind.SESSION,
    subject="s1",
    occasion="attempt 1",
    headline="Titan 2026-03-02 10:00 (ada): find_files failed",
    reason="the file store is not there: mount it",
    facts=(Fact(label="User", value="ada"),),
    links=(Link(label="Session", url="https://airflow.example.org/nexuslims/sessions/s1"),),
    at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
)


def _message(**changes: object) -> Message:
    return compose([replace(ALERT, **changes)])  # type: ignore[arg-type]


def _mail_server(server: SmtpServer, **given: object) -> MailServer:
    known = {"host": "127.0.0.1", "port": server.port, "security": Security.NONE, "sender": "nexuslims@example.org"}
    return MailServer(**(known | given))  # type: ignore[arg-type]


def test_a_mail_has_a_plain_and_an_html_part_that_say_the_same(smtp: SmtpServer) -> None:
    _mail_server(smtp).send(ADA, _message())

    (mail,) = smtp.mails
    assert (mail["To"], mail["Subject"]) == (ADA, f"[NexusLIMS] {ALERT.headline}")
    assert all(ALERT.reason in part for part in (text_of(mail), html_of(mail)))
    assert all("https://airflow.example.org/nexuslims/sessions/s1" in part for part in (text_of(mail), html_of(mail)))


def test_nobody_s_holiday_answers_it_and_what_comes_twice_can_be_told(smtp: SmtpServer) -> None:
    for _ in range(2):
        _mail_server(smtp).send(ADA, _message())

    assert {mail["Auto-Submitted"] for mail in smtp.mails} == {"auto-generated"}
    assert len({mail["Message-ID"] for mail in smtp.mails}) == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "eve\r\nBcc: all@example.org",
        "eve\nX-Evil: yes\n\nbody",
        "\u202eevil\x00\x1b[31m",
        "half a pair \ud800",
        "x" * 5000,
    ],
    ids=["crlf", "body", "signs that do not show", "a surrogate", "long"],
)
def test_a_hostile_name_adds_no_header_and_no_line(smtp: SmtpServer, hostile: str) -> None:
    _mail_server(smtp).send(ADA, _message(headline=f"Titan ({hostile}) failed", reason=hostile))

    (mail,) = smtp.mails
    assert {"Bcc", "X-Evil"}.isdisjoint(mail.keys())
    assert str(mail["Subject"]).isprintable()
    assert len(str(mail["Subject"])) <= 140
    assert not [line for line in text_of(mail).splitlines() if line.startswith(("Bcc", "X-Evil"))]


def test_a_hostile_name_is_no_markup(smtp: SmtpServer) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)'

    _mail_server(smtp).send(ADA, _message(headline=evil, reason=evil, facts=(Fact(label=evil, value=evil),)))

    html = html_of(smtp.mails[0])
    assert not [part for part in ("<script", "<img", '" onmouseover') if part in html]
    assert "&lt;script&gt;" in html


def test_letters_of_every_alphabet_arrive(smtp: SmtpServer) -> None:
    _mail_server(smtp).send(ADA, _message(headline="Titan (Ångström 電子): failed", reason="μ → λ"))

    (mail,) = smtp.mails
    assert mail["Subject"] == "[NexusLIMS] Titan (Ångström 電子): failed"
    assert "μ → λ" in text_of(mail)


def test_a_server_that_is_away_is_said_with_its_name(closed_port: int) -> None:
    away = MailServer(host="127.0.0.1", port=closed_port, security=Security.NONE, sender="a@b.org")

    with pytest.raises(ServiceUnavailableError, match=f"the mail server 127.0.0.1:{closed_port} does not answer"):
        away.send(ADA, _message())


@pytest.mark.parametrize("answer", ["550 no such user", "450 greylisted"], ids=["for good", "for now"])
def test_a_recipient_who_is_refused_is_named(smtp: SmtpServer, answer: str) -> None:
    smtp.refuses[ADA] = answer

    with pytest.raises(AlertRefusedError, match=f"does not take mail for {ADA}: {answer}"):
        _mail_server(smtp).send(ADA, _message())


@pytest.mark.parametrize("missing", ["host", "sender"])
def test_a_missing_setting_is_named(smtp: SmtpServer, missing: str) -> None:
    server = _mail_server(smtp, **{missing: None})

    with pytest.raises(ConfigurationError, match=r"set NEXUSLIMS_(SMTP_HOST|ALERTS_FROM)"):
        server.send(ADA, _message())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def locked(authority: Authority) -> Iterator[SmtpServer]:
    with SmtpServer(tls=authority.server(), login=("nexus", "sesame")) as server:
        yield server


@pytest.mark.server
def test_a_login_opens_the_server(authority: Authority, locked: SmtpServer) -> None:
    server = _mail_server(locked, security=Security.STARTTLS, ca_bundle=authority.bundle, **LOGIN)

    server.send(ADA, _message())

    assert len(locked.mails) == 1
    assert "lets us in as nexus" in server.check()


@pytest.mark.server
def test_a_refused_login_tells_no_password(authority: Authority, locked: SmtpServer) -> None:
    server = _mail_server(locked, security=Security.STARTTLS, ca_bundle=authority.bundle, **WRONG)

    with pytest.raises(AuthenticationError, match="refuses the login of nexus: correct NEXUSLIMS_SMTP_USER") as caught:
        server.send(ADA, _message())

    assert WRONG["password"] not in f"{caught.value}{server!r}"


@pytest.fixture
def encrypted(authority: Authority) -> Iterator[SmtpServer]:
    with SmtpServer(tls=authority.server()) as server:
        yield server


@pytest.mark.server
def test_a_mail_goes_out_encrypted(authority: Authority, encrypted: SmtpServer) -> None:
    server = _mail_server(encrypted, security=Security.STARTTLS, ca_bundle=authority.bundle)

    server.send(ADA, _message())

    assert encrypted.subjects == [f"[NexusLIMS] {ALERT.headline}"]


@pytest.mark.server
def test_a_certificate_of_a_stranger_is_not_trusted(encrypted: SmtpServer) -> None:
    server = _mail_server(encrypted, security=Security.STARTTLS)

    with pytest.raises(ServiceUnavailableError, match=r"not trusted .*: name its authority in NEXUSLIMS_CA_BUNDLE"):
        server.send(ADA, _message())


def test_a_server_without_encryption_gets_nothing_unless_that_is_wanted(smtp: SmtpServer) -> None:
    server = _mail_server(smtp, security=Security.STARTTLS, **LOGIN)

    with pytest.raises(NexusLimsError, match="set NEXUSLIMS_SMTP_SECURITY to none"):
        server.send(ADA, _message())

    assert smtp.mails == []
