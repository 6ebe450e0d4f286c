"""Whether a record may be made at all: NEMO asks its users, and nothing is read or written before they agreed."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.config import NemoServer as NemoSetting
from nexuslims_core.doctor.sessions import sessions
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.due_sessions import FIRST_PAUSE
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import BuildReport
from tests.nexuslims_core.conftest import BEGUN, Lab, ReadOut
from tests.nexuslims_core.reservations.test_answers import form

if TYPE_CHECKING:
    from tests.servers.nemo import NemoTool

HOUR = timedelta(hours=1)
NEVER, ALWAYS = {"nemo_consent": "never"}, {"nemo_consent": "always"}
Run = Callable[..., BuildReport]


@pytest.fixture
def facility(lab: Lab, nemo_tool: "NemoTool") -> Callable[..., Facility]:
    """The facility whose Titan is booked in the real NEMO, or in one at another address."""

    def make(api: str = nemo_tool.server.api, **given: object) -> Facility:
        titan = replace(lab.titan, harvester=Harvester.NEMO, api_url=f"{api}tools/?id={nemo_tool.number}")
        lab.database.add_instrument(titan)
        server = NemoSetting.model_validate({"address": api, "token": nemo_tool.server.token})
        return lab.facility(nemo_servers=(server,), **given)

    return make


@pytest.fixture
def run(lab: Lab, facility: Callable[..., Facility]) -> Run:
    """Build the session ``s1``, in which there is one image."""

    def build(**given: object) -> BuildReport:
        built_by = facility(**given)
        if not lab.database.sessions():
            lab.image("a.dm3", 10)
            lab.waits("s1")
        session = lab.database.session("s1")
        _, scans = scan_and_sort(built_by, (session,))
        return build_session(built_by, session, scans[lab.titan.instrument_pid], "tester", Watch())

    return build


def written(lab: Lab) -> list[Path]:
    """Return all that was written of sessions; the database and what the readers know by themselves lie beside."""
    return [path for path in lab.data.rglob("*") if path.is_file() and not path.name.startswith("nexuslims.sqlite")]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ("nobody booked", "the session has no reservation"),
        (None, "the user did not answer"),
        (form(experiment_title="Secret"), "the user did not answer"),
        (form(experiment_title="Secret", data_consent="Disagree"), "the user did not agree"),
    ],
    ids=["no reservation", "no answers", "not answered", "disagreed"],
)
def test_without_a_yes_nothing_is_read_or_written(
    lab: Lab, run: Run, nemo_tool: "NemoTool", answers: object, sentence: str
) -> None:
    if answers != "nobody booked":
        nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, question_data=answers)

    report = run()

    assert report.status is RecordStatus.NO_CONSENT
    assert sentence in str(report.reason)
    assert not [path for path in written(lab) if path.parent.name != "scans"]


def test_the_attempt_and_its_reason_are_kept(lab: Lab, run: Run, nemo_tool: "NemoTool") -> None:
    nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, question_data=form(data_consent="Disagree", experiment_title="Secret"))
    run()

    (attempt,) = lab.database.attempts("s1")

    assert (attempt.outcome, attempt.error_type) == (RecordStatus.NO_CONSENT, "NoConsentError")
    assert "Secret" not in str(attempt)


def test_the_token_is_kept_nowhere(lab: Lab, run: Run, nemo_tool: "NemoTool", caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, question_data=form(data_consent="Agree"))

    report = run()

    everything = b"".join(path.read_bytes() for path in lab.data.rglob("*") if path.is_file())
    assert nemo_tool.server.token not in caplog.text + repr(report)
    assert nemo_tool.server.token.encode() not in everything


def test_with_a_yes_the_record_is_built(run: Run, nemo_tool: "NemoTool", read_out: ReadOut) -> None:
    agreed = form(data_consent="Agree", experiment_title="EELS of LaNiO3")
    nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, question_data=agreed)

    report = run()

    assert report.record is not None
    assert read_out(report.record.read_bytes(), "nx:title") == ["EELS of LaNiO3"]


def test_where_nobody_asks_nothing_is_assumed(run: Run, nemo_tool: "NemoTool") -> None:
    nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, title="Alignment")

    assert run(nemo_consent_question="no_such_question").record is not None


UNANSWERED = {"own_consent": {"name": "own_consent", "title": "Agree?"}}


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (UNANSWERED, RecordStatus.NO_CONSENT),
        (form(own_consent="No"), RecordStatus.NO_CONSENT),
        (form(own_consent="Yes"), RecordStatus.BUILT_NOT_EXPORTED),
    ],
    ids=["not answered", "no", "yes"],
)
def test_a_form_that_asked_is_heeded_though_no_question_of_nemo_is_known_to(
    run: Run, nemo_tool: "NemoTool", answers: object, status: RecordStatus
) -> None:
    nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, question_data=answers)

    assert run(nemo_consent_question="own_consent").status is status


def test_a_plain_no_is_heeded_whatever_the_settings_say(run: Run, nemo_tool: "NemoTool") -> None:
    nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, question_data=form(data_consent="Disagree"))

    assert run(**NEVER).status is RecordStatus.NO_CONSENT


class TestWhileNemoIsAway:
    def test_a_session_waits_where_users_are_asked(self, lab: Lab, run: Run, closed_port: int) -> None:
        report = run(api=f"http://127.0.0.1:{closed_port}/api/", **ALWAYS)

        (found,) = lab.database.findings("s1")
        assert report.status is RecordStatus.TO_BE_BUILT
        assert "whether the users agreed that a record is made is not known yet" in str(report.reason)
        assert (found.kind, found.reason) == ("waiting", report.reason)

    def test_and_where_nobody_can_tell_whether_they_are(self, lab: Lab, run: Run, closed_port: int) -> None:
        report = run(api=f"http://127.0.0.1:{closed_port}/api/")

        (told,) = [check for check in sessions(lab.database, BEGUN) if check.subject == "consent"]
        assert report.status is RecordStatus.TO_BE_BUILT
        assert told.sentence.startswith("1 session is waiting until NEMO tells whether their users agreed")

    def test_it_is_left_alone_for_a_while_and_then_tried_again(
        self, lab: Lab, run: Run, facility: Callable[..., Facility], closed_port: int
    ) -> None:
        away = {"api": f"http://127.0.0.1:{closed_port}/api/"}
        run(**away)
        sessions = lab.database.waiting_sessions()
        now = facility(**away)
        later = replace(now, now=lambda: now.now() + FIRST_PAUSE)

        (soon, _), (due, _) = scan_and_sort(now, sessions), scan_and_sort(later, sessions)

        assert (soon.due, due.due) == ((), sessions)
        assert "is not known yet" in soon.waiting[0].reason

    def test_it_is_built_when_nemo_is_back(self, run: Run, nemo_tool: "NemoTool", closed_port: int) -> None:
        nemo_tool.booked(BEGUN, BEGUN + 2 * HOUR, question_data=form(data_consent="Agree"))
        run(api=f"http://127.0.0.1:{closed_port}/api/")

        assert run().record is not None

    def test_a_record_is_built_without_reservation_where_nobody_asks(
        self, lab: Lab, run: Run, closed_port: int, read_out: ReadOut
    ) -> None:
        report = run(api=f"http://127.0.0.1:{closed_port}/api/", **NEVER)

        assert report.record is not None
        notes = read_out(report.record.read_bytes(), "nx:notes[@source='Reservation']//nx:p")
        assert notes[0].startswith("The calendar could not be asked when this record was made")
        assert f"127.0.0.1:{closed_port}" in str(lab.database.attempts("s1")[-1].missing_reservation)
