"""Tasks ``finish`` and ``tell_people``: told at once, or later where that could not be."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.operators.finish import FinishOperator
from nexuslims_airflow.operators.tell_people import TellPeopleOperator
from tests.servers.smtp import SmtpServer, text_of

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow
FAILED = "[NexusLIMS] Titan 2026-03-02 10:00 (ada): claim failed"


@pytest.fixture
def mail(site: "Site", smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> SmtpServer:
    assert site.data
    for name, value in smtp.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org")
    return smtp


def test_finish_tells_of_a_session_whose_task_was_killed(site: "Site", mail: SmtpServer) -> None:
    task = FinishOperator(task_id="finish", claim=site.claimed())

    reports = [task.execute({})["status"] for _ in range(2)]

    assert (reports, mail.subjects) == (["ERROR", "ERROR"], [FAILED])
    run = "https://airflow.example.org/dags/nexuslims_build_records/runs/manual"
    assert f"{run}/tasks/session.claim/mapped/0" in text_of(mail.mails[0])
    assert "https://airflow.example.org/nexuslims/sessions/s1" in text_of(mail.mails[0])


def test_a_mail_server_that_is_away_disturbs_no_session_and_is_made_up_for(site: "Site", mail: SmtpServer) -> None:
    mail.stop()
    report = FinishOperator(task_id="finish", claim=site.claimed()).execute({})
    mail.start()
    (told,) = site.database.told_alerts(9)
    site.database.note_untold("staff@example.org", (told.alert.mark,), "down", datetime.now(UTC) - timedelta(hours=1))

    returned = [TellPeopleOperator(task_id="tell_people").execute({}) for _ in range(2)]

    assert (report["status"], mail.subjects) == ("ERROR", [FAILED])
    assert returned == [{"found": 0, "told": 1}, {"found": 0, "told": 0}]
