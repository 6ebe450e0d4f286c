"""Who is told what, by a real mail server, of sessions, storage, calendars and tasks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import text

from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import finish
from nexuslims_core.stages.scan_storage import scan_storage
from nexuslims_core.stages.telling import look_back, note_storage, note_task, send_alerts, tell_of_end
from tests.nexuslims_core.conftest import Lab
from tests.servers.smtp import SmtpServer, html_of, text_of

BEGUN = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STAFF, ADA = "staff@example.org", "ada@example.org"


@dataclass
class Clock:
    """A clock that the test moves."""

    time: datetime = BEGUN

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def facility(lab: Lab, smtp: SmtpServer, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Facility:
    """A facility that tells staff of everything, and Ada of the Titan."""
    for name, value in smtp.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEXUSLIMS_ALERTS_INSTRUMENTS", f'{{"Other-1": ["{ADA}"]}}')
    monkeypatch.setenv("NEXUSLIMS_AIRFLOW_URL", "https://airflow.example.org/")
    return replace(lab.facility(), now=clock)


Fails = Callable[..., Claim]


@pytest.fixture
def fails(lab: Lab, facility: Facility) -> Fails:
    """Let an attempt on a session fail, and end it."""

    def fail(
        identifier: str = "s1", error: str = "StorageError", sentence: str = "the file store is gone: mount it"
    ) -> Claim:
        if identifier not in {each.session_identifier for each in lab.database.sessions()}:
            lab.waits(identifier)
        claim = facility.database.claim(identifier, "holder", facility.now(), HOUR)
        facility.database.renew(claim, "find_files", facility.now(), HOUR)
        facility.database.note_failure(claim, "find_files", error, sentence)
        finish(facility, claim)
        return claim

    return fail


def _to(mails: list[EmailMessage]) -> list[str]:
    return sorted(str(mail["To"]) for mail in mails)


def test_a_session_that_ended_badly_is_told_with_all_that_one_needs(
    facility: Facility, fails: Fails, smtp: SmtpServer
) -> None:
    tell_of_end(facility, fails("a/session"))

    (mail,) = smtp.mails
    said = text_of(mail)
    assert mail["Subject"] == "[NexusLIMS] FEI Titan TEM 2026-03-02 05:00 (ada): find_files failed"
    expected = (
        "FEI Titan TEM (FEI-Titan-TEM-635816)",
        "2026-03-02 05:00:00-05:00 to 2026-03-02 07:00:00-05:00",
        "User:        ada",
        "State:       ERROR",
        "Stage:       find_files",
        "the file store is gone: mount it",
        "nexuslims sessions requeue a/session",
        "https://airflow.example.org/nexuslims/session?id=a%2Fsession",
    )
    assert [part for part in expected if part not in said] == []
    assert 'href="https://airflow.example.org/nexuslims/session?id=a%2Fsession"' in html_of(mail)


def test_an_attempt_is_told_once_however_often_its_last_task_runs(
    facility: Facility, fails: Fails, smtp: SmtpServer
) -> None:
    claim = fails()

    for _ in range(3):
        finish(facility, claim)
        tell_of_end(facility, claim)
        look_back(facility)

    assert len(smtp.mails) == 1


def test_the_next_attempt_is_told_again(facility: Facility, fails: Fails, smtp: SmtpServer) -> None:
    tell_of_end(facility, fails())
    facility.database.requeue("s1", "mended", facility.now())

    tell_of_end(facility, fails())

    assert ["Attempt:     1" in text_of(mail) for mail in smtp.mails] == [True, False]


def test_a_session_that_ended_well_is_not_told(facility: Facility, lab: Lab, smtp: SmtpServer) -> None:
    claim = facility.database.claim(lab.waits(), "holder", facility.now(), HOUR)
    facility.database.close(claim, RecordStatus.COMPLETED, facility.now())

    tell_of_end(facility, claim)

    assert (smtp.mails, facility.database.told_alerts(9)) == ([], ())


@pytest.mark.parametrize(("about", "mails"), [("ERROR", 0), ("ERROR,NO_FILES_FOUND", 1)])
def test_a_session_without_files_is_told_where_that_is_wanted(
    facility: Facility, fails: Fails, smtp: SmtpServer, about: str, mails: int
) -> None:
    wanted = replace(facility, post=replace(facility.post, about=frozenset(map(RecordStatus, about.split(",")))))

    tell_of_end(wanted, fails(error="NoFilesFoundError", sentence="no file"))

    assert len(smtp.mails) == mails


def test_the_people_of_an_instrument_are_told_beside_the_staff(
    facility: Facility, lab: Lab, fails: Fails, smtp: SmtpServer
) -> None:
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Other-1"))
    other = lab.waits("s2", pid="Other-1")

    tell_of_end(facility, fails("s1"))
    tell_of_end(facility, fails(other))

    assert _to(smtp.mails) == [ADA, STAFF, STAFF]


def test_many_that_fail_at_once_are_one_message(facility: Facility, smtp: SmtpServer, lab: Lab) -> None:
    names = [f"s{i}" for i in range(6)]
    claims = [facility.database.claim(lab.waits(name), "holder", facility.now(), HOUR) for name in names]

    for claim in claims:
        facility.database.renew(claim, "find_files", facility.now(), HOUR)
        finish(facility, claim)
        tell_of_end(facility, claim)

    (mail,) = smtp.mails
    assert str(mail["Subject"]).startswith("[NexusLIMS] 6 alerts: FEI Titan TEM")
    assert [name for name in names if f"requeue {name}" not in text_of(mail)] == []


def test_while_the_mail_server_is_away_nothing_is_disturbed_and_the_mail_follows_once(
    facility: Facility, fails: Fails, smtp: SmtpServer, clock: Clock
) -> None:
    smtp.stop()
    tell_of_end(facility, fails())
    status, waits = facility.database.summary("s1").status, facility.database.told_alerts(9)[0].deliveries[0]
    smtp.start()

    too_soon = send_alerts(facility)
    clock.time += MINUTE
    sent = [send_alerts(facility).told for _ in range(3)]

    assert (status, too_soon.told, sent) == (RecordStatus.ERROR, 0, [1, 0, 0])
    assert "does not answer" in str(waits.last_error)
    assert len(smtp.mails) == 1


def test_a_recipient_who_is_refused_keeps_no_other_from_being_told(
    facility: Facility, fails: Fails, smtp: SmtpServer, lab: Lab
) -> None:
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Other-1"))
    smtp.refuses[STAFF] = "550 no such user"

    tell_of_end(facility, fails(lab.waits("s2", pid="Other-1")))

    assert _to(smtp.mails) == [ADA]
    (told,) = facility.database.told_alerts(9)
    assert {each.recipient: each.told_at is not None for each in told.deliveries} == {STAFF: False, ADA: True}


def test_a_builder_that_went_silent_is_told_once_before_and_after_it_is_taken_over(
    facility: Facility, lab: Lab, smtp: SmtpServer, clock: Clock
) -> None:
    claim = facility.database.claim(lab.waits("s1"), "run/0", facility.now(), HOUR)
    facility.database.renew(claim, "extract_metadata", facility.now(), HOUR)
    before = look_back(facility)
    clock.time += 2 * HOUR

    silent = look_back(facility)
    facility.database.claim("s1", "another", facility.now(), HOUR)
    taken_over = look_back(facility)
    clock.time += 10 * MINUTE
    send_alerts(facility)

    assert (before, silent, taken_over) == (0, 1, 0)
    assert smtp.subjects == [
        "[NexusLIMS] FEI Titan TEM 2026-03-02 05:00 (ada): its builder went silent in extract_metadata"
    ]


def test_what_nobody_told_of_is_found(facility: Facility, fails: Fails, smtp: SmtpServer) -> None:
    fails()

    found = [look_back(facility) for _ in range(2)]
    send_alerts(facility)

    assert (found, len(smtp.mails)) == ([1, 0], 1)


def test_a_session_that_waits_for_consent_is_told_once_however_often_it_is_tried(
    facility: Facility, fails: Fails, smtp: SmtpServer, clock: Clock
) -> None:
    for _ in range(3):
        tell_of_end(facility, fails(error="ConsentUnknownError", sentence="whether they agreed is not known yet"))
        clock.time += HOUR

    waits = "it waits, since nobody knows whether its user agreed to a record"
    assert [subject for subject in smtp.subjects if "agreed" in subject] == [
        f"[NexusLIMS] FEI Titan TEM 2026-03-02 05:00 (ada): {waits}"
    ]


@pytest.fixture
def booked(lab: Lab) -> None:
    """Give the instrument a calendar."""
    calendar = "https://calendar.example.org/_vti_bin/ListData.svc/Titan"
    lab.database.add_instrument(replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url=calendar))


def _built(facility: Facility, identifier: str, missing: str | None) -> Claim:
    claim = facility.database.claim(identifier, "holder", facility.now(), HOUR)
    facility.database.note_missing_reservation(claim, missing)
    facility.database.renew(claim, "upload_record", facility.now(), HOUR)
    facility.database.close(claim, RecordStatus.COMPLETED, facility.now())
    return claim


@pytest.mark.usefixtures("booked")
def test_a_calendar_that_is_away_is_told_once_while_that_lasts_and_once_when_it_is_over(
    facility: Facility, lab: Lab, smtp: SmtpServer
) -> None:
    missing = ["it does not answer", "it does not answer", None, None]

    for number, why in enumerate(missing):
        tell_of_end(facility, _built(facility, lab.waits(f"s{number}"), why))

    name = "the SharePoint calendar at calendar.example.org cannot be read"
    assert smtp.subjects == [f"[NexusLIMS] {name}", f"[NexusLIMS] over: {name}"]


def test_storage_that_is_absent_is_told_once_while_that_lasts_and_once_when_it_is_back(
    facility: Facility, lab: Lab, smtp: SmtpServer
) -> None:
    lab.waits()
    away = lab.store.with_name("unmounted")

    def looked_at() -> None:
        note_storage(facility, [scan_storage(facility, lab.titan)])
        send_alerts(facility)

    lab.store.rename(away)
    for _ in range(3):
        looked_at()
    away.rename(lab.store)
    for _ in range(2):
        looked_at()

    first, last = smtp.mails
    assert first["Subject"] == "[NexusLIMS] FEI Titan TEM: its files cannot be reached"
    assert "mount it, or correct NEXUSLIMS_FILESTORE_PATH" in text_of(first)
    assert "1 session waits" in text_of(first)
    assert last["Subject"] == "[NexusLIMS] over: FEI Titan TEM: its files cannot be reached"


def test_a_task_of_no_session_is_told_once_while_it_fails(facility: Facility, smtp: SmtpServer) -> None:
    for failed in ("NEMO is down", "NEMO is down", None, None):
        note_task(facility, "nexuslims_build_records.harvest_usage", failed=failed, log_url="https://a.org/log")
        send_alerts(facility)

    name = "the task nexuslims_build_records.harvest_usage fails"
    assert smtp.subjects == [f"[NexusLIMS] {name}", f"[NexusLIMS] over: {name}"]
    assert "https://a.org/log" in text_of(smtp.mails[0])


@dataclass
class Shelf:
    """A destination that takes nothing."""

    name: str = "shelf"

    def put(self, *_: object) -> None:
        raise ServiceUnavailableError("it is down")


def test_a_record_that_housekeeping_cannot_publish_either_is_told_once(
    facility: Facility, lab: Lab, smtp: SmtpServer
) -> None:
    published = replace(facility, stores=(Shelf(),))  # type: ignore[arg-type]
    first = facility.database.claim(lab.waits("s1"), "holder", facility.now(), HOUR)
    facility.database.note_record(first, lab.data / "records/r.xml", "0" * 64)
    facility.database.renew(first, "upload_record", facility.now(), HOUR)
    finish(published, first)
    tell_of_end(published, first)

    (built,) = facility.database.attempts("s1")
    second = facility.database.claim_publication(built, "housekeeping", facility.now(), HOUR)
    finish(published, second)
    tell_of_end(published, second)

    assert smtp.subjects == ["[NexusLIMS] FEI Titan TEM 2026-03-02 05:00 (ada): its record is not published"]


def test_books_that_cannot_be_read_disturb_nothing(
    facility: Facility, fails: Fails, caplog: pytest.LogCaptureFixture
) -> None:
    claim = replace(fails(), holder="nobody")

    tell_of_end(facility, claim)

    assert "people cannot be told now" in caplog.text


def test_a_session_that_its_logs_do_not_make_is_told_once(facility: Facility, lab: Lab, smtp: SmtpServer) -> None:
    now = replace(facility, now=lambda: datetime.now(UTC))
    lab.waits("s1")
    with lab.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM session_log WHERE event_type = 'START'"))
    lab.database.waiting_sessions()

    found = [look_back(now) for _ in range(2)]
    send_alerts(now)

    assert (found, len(smtp.mails)) == ([1, 0], 1)
    assert smtp.subjects[0].endswith(": its logs cannot be made into a session")
    assert "nexuslims sessions amend" in text_of(smtp.mails[0])
