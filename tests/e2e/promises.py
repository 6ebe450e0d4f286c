"""What must be true after the run, whichever executor has run it; a test class inherits them."""

from typing import TYPE_CHECKING, Any

import pytest
import requests
from lxml import etree

from nexuslims_core.sessions.states import RecordStatus
from tests.e2e.facility import KINDS, name_of
from tests.servers.smtp import text_of

if TYPE_CHECKING:
    from tests.e2e.conftest import Night


class Promises:
    @pytest.mark.parametrize("session", KINDS)
    def test_every_session_ends_as_its_own_facts_have_it(self, night: "Night", session: str) -> None:
        summary = night.facility.database.summary(session)

        assert summary.status is KINDS[session].ends, summary.error_sentence
        assert KINDS[session].says in (summary.error_sentence or "")

    @pytest.mark.parametrize("session", [session for session, kind in KINDS.items() if kind.ends == "COMPLETED"])
    def test_cdcs_shows_everybody_what_lies_in_the_file(self, night: "Night", session: str) -> None:
        record = night.facility.database.summary(session).record_path
        assert record is not None

        query = {"query": {}, "title": record.stem, "all": True}
        found: list[dict[str, Any]] = requests.post(f"{night.cdcs.url}/rest/data/query/", json=query, timeout=60).json()

        assert [each["xml_content"].encode() for each in found] == [record.read_bytes()]

    @pytest.mark.parametrize("session", ["invalid", "refused", "busy", "empty", "unmended"])
    def test_what_failed_is_not_in_cdcs(self, night: "Night", session: str) -> None:
        publications = night.facility.database.publications_of(session)

        assert not [each for each in publications if each.published]

    def test_child_processes_read_the_files_inside_the_tasks(self, night: "Night") -> None:
        record = night.facility.database.summary("good").record_path
        assert record is not None

        previews = etree.parse(record).findall(".//{*}dataset/{*}preview")

        assert b">300<" in record.read_bytes()  # the beam energy, which stands inside the files alone
        assert len(previews) == 3
        assert len(list((night.facility.data / "Titan").glob("good *.thumb.png"))) == 3

    def test_one_bad_file_is_listed_and_costs_no_record(self, night: "Night") -> None:
        (attempt,) = night.facility.database.attempts("damaged")
        assert attempt.record_path is not None

        assert (attempt.datasets, attempt.unreadable) == (3, 1)
        assert b"damaged 3.dm3" in attempt.record_path.read_bytes()

    def test_a_killed_task_is_tried_again_under_the_same_claim(self, night: "Night") -> None:
        (task,) = night.run.named("session.extract_metadata", name_of("killed"))

        assert task.state == "success"
        assert task.tries > 1
        assert len(night.facility.database.attempts("killed")) == 1

    @pytest.mark.parametrize("session", KINDS)
    def test_every_attempt_is_closed_by_its_own_teardown(self, night: "Night", session: str) -> None:
        tasks = night.run.tasks_of(name_of(session))

        assert tasks["finish"] == "success"
        assert [attempt.is_open for attempt in night.facility.database.attempts(session)] == [False]

    def test_the_run_has_failed_where_a_session_has(self, night: "Night") -> None:
        failed = {session for session in KINDS if "failed" in night.run.tasks_of(name_of(session)).values()}

        assert night.run.state == "failed"
        assert failed == {"invalid", "refused", "busy", "unmended"}

    def test_only_the_record_that_met_a_busy_cdcs_waits_for_housekeeping(self, night: "Night") -> None:
        waiting = [s for s in KINDS if night.facility.database.summary(s).status is RecordStatus.BUILT_NOT_EXPORTED]

        assert waiting == ["busy"]

    @pytest.mark.parametrize("session", ["invalid", "refused", "busy", "unmended"])
    def test_what_ended_badly_is_told_in_one_mail(self, night: "Night", session: str) -> None:
        texts = [text_of(mail) for mail in night.facility.mails.mails]

        (text,) = [text for text in texts if name_of(session) in text]
        assert KINDS[session].says in text
        assert f"/nexuslims/sessions/{session}" in text

    def test_nothing_else_is_told(self, night: "Night") -> None:
        told = {each.alert.subject for each in night.facility.database.told_alerts(99)}

        assert told == {"invalid", "refused", "busy", "unmended"}
