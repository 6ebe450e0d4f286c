from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.stages.telling import note_task, send_alerts
from tests.servers.smtp import SmtpServer, text_of

if TYPE_CHECKING:
    from tests.nexuslims_core.conftest import Lab, Nexuslims

WHY = "the database is locked"


@pytest.fixture
def mail(lab: "Lab", smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> SmtpServer:
    assert lab.data
    for name, value in smtp.env.items():
        monkeypatch.setenv(name, value)
    return smtp


@pytest.mark.usefixtures("lab")
def test_without_recipients_it_says_which_setting_is_missing(nexuslims: "Nexuslims") -> None:
    listed, sent = nexuslims("alerts"), nexuslims("alerts", "test")

    assert (listed.code, listed.out) == (0, "No alerts.\n")
    assert (sent.code, "set NEXUSLIMS_ALERTS_TO" in sent.err) == (2, True)


def test_a_trial_reaches_everybody(nexuslims: "Nexuslims", mail: SmtpServer) -> None:
    said = nexuslims("alerts", "test")

    assert (said.code, said.out) == (0, "staff@example.org: the trial is on its way\n")
    assert "so alerts do" in text_of(mail.mails[0])


def test_a_trial_says_what_is_wrong(nexuslims: "Nexuslims", mail: SmtpServer) -> None:
    mail.stop()

    said = nexuslims("alerts", "test", "--json")

    assert said.code == 1
    assert said.document["staff@example.org"].startswith(f"the mail server 127.0.0.1:{mail.port} does not answer")


def test_what_waits_is_listed_with_the_reason_and_sent_at_once(
    nexuslims: "Nexuslims", lab: "Lab", mail: SmtpServer
) -> None:
    mail.stop()
    note_task(lab.facility(), "nexuslims_housekeeping.requeue_late", failed=WHY)
    send_alerts(lab.facility())

    before = nexuslims("alerts")
    mail.start()
    sent, after = nexuslims("alerts", "send"), nexuslims("alerts")

    assert "does not answer" in before.out
    assert "UTC: the task nexuslims_housekeeping.requeue_late fails." in before.out
    assert (sent.code, sent.out, len(mail.mails)) == (0, "1 alert was sent.\n", 1)
    assert "staff@example.org  told 20" in after.out


def test_housekeeping_sends_what_could_not_be_sent(nexuslims: "Nexuslims", lab: "Lab", mail: SmtpServer) -> None:
    claim = lab.database.claim(
        lab.waits(), "a dead builder", datetime.now(UTC) - timedelta(hours=2), timedelta(hours=1)
    )

    said = nexuslims("housekeeping", "--json")

    assert (said.code, said.document["told"], claim.attempt) == (0, 1, 1)
    assert [subject for subject in mail.subjects if "its builder went silent in claim" in subject] == mail.subjects


def test_a_build_tells_of_all_its_sessions_in_one_message(
    nexuslims: "Nexuslims", lab: "Lab", mail: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_ALERTS_ABOUT", "NO_FILES_FOUND")
    for number in range(5):
        lab.waits(f"s{number}")

    nexuslims("build", "--waiting")

    assert [subject[:22] for subject in mail.subjects] == ["[NexusLIMS] 5 alerts: "]


def test_the_doctor_looks_at_the_way_and_at_what_waits(nexuslims: "Nexuslims", lab: "Lab", mail: SmtpServer) -> None:
    fine = {each["area"] + each["subject"]: each for each in nexuslims("doctor", "--json").document}
    mail.stop()
    note_task(lab.facility(), "nexuslims_housekeeping.requeue_late", failed=WHY)
    send_alerts(lab.facility())
    ill = {each["area"] + each["subject"]: each for each in nexuslims("doctor", "--json").document}

    assert (fine["alertsmail"]["ok"], fine["alertsoutbox"]["warning"]) == (True, False)
    assert (ill["alertsmail"]["ok"], ill["alertsoutbox"]["warning"]) == (False, True)
    assert "nexuslims alerts send" in ill["alertsoutbox"]["sentence"]
