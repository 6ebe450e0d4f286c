"""Task ``build_session``: the whole arrow in one task, for many sessions at a time."""

from collections.abc import Collection, Sequence
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from typing_extensions import override

from nexuslims_airflow.choices import yes
from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.lineage import TracedOperator, of_report
from nexuslims_airflow.metrics import attempt_ended, stage_took
from nexuslims_airflow.operators.session import SessionOperator
from nexuslims_airflow.operators.stage import holder, translated
from nexuslims_airflow.xcom import receive
from nexuslims_core import codec
from nexuslims_core.files.models import Scan
from nexuslims_core.sessions.models import Session
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import BuildReport

NOBODYS_FAULT = (RecordStatus.NO_FILES_FOUND, RecordStatus.NO_CONSENT)


class BuildSessionOperator(SessionOperator, TracedOperator):
    """Build and publish the record of one session of the past, or skip it if it is left.

    While tries are left, an error that may pass leaves the attempt open, and the next try goes on with it.

    :param due: an element of the XCom of ``past_sessions`` (templated)
    :param rebuild: ``true`` builds a session anew that has come to an end state (templated)
    :return: the report of the attempt
    """

    template_fields: Sequence[str] = ("due", "rebuild")
    ui_color = "#eaf2fb"

    def __init__(
        self,
        *,
        due: Any,  # noqa: ANN401 - a mapped argument
        rebuild: str = "{{ params.rebuild | tojson }}",
        map_index_template: str = "{{ task.due['label'] }}",
        **kwargs: Any,
    ) -> None:
        super().__init__(map_index_template=map_index_template, **kwargs)
        self.due = due
        self.rebuild = rebuild

    @override
    def execute(self, context: Any) -> dict[str, Any]:
        if self.due["left"]:
            raise AirflowSkipException(self.due["left"])
        ti = context["ti"]
        lacking = self.due.get("lacking", ()) if ti.try_number == 1 else ()  # it may have been made meanwhile
        return translated(lambda: self._built(holder(ti), lacking, comes_again=ti.try_number <= ti.max_tries))

    def _built(self, holder: str, lacking: Collection[str], *, comes_again: bool) -> dict[str, Any]:
        from nexuslims_core.pipeline import build_past_session
        from nexuslims_core.stages.telling import send_quietly

        hook = FacilityHook()
        workshop = hook.workshop()
        session = workshop.database.session(self.due["session_identifier"])
        facility = hook.equipped(workshop, [session.instrument.harvester], lacking)
        scan = receive(self.due["scan"], Scan)
        rebuild = yes("rebuild", self.rebuild)
        report = build_past_session(facility, session, scan, holder, rebuild=rebuild, comes_again=comes_again)
        send_quietly(facility)
        self._tell(facility, session, report)
        _judge(facility, report)
        told: dict[str, Any] = codec.encode(report)
        return told

    def _tell(self, facility: Facility, session: Session, report: BuildReport) -> None:
        """Say for metrics and lineage what was done."""
        for stage, seconds in report.seconds.items():
            stage_took(stage, session.instrument.instrument_pid, seconds)
        attempt_ended(facility.database, session.session_identifier)
        raw = session.instrument.folder(facility.settings.filestore_path)
        self.trace = of_report(report, facility, raw)


def _judge(facility: Facility, report: BuildReport) -> None:
    """Say in Airflow's terms how the session ended; without a destination, a record that is built is all there is."""
    if report.status in NOBODYS_FAULT:
        raise AirflowSkipException(report.reason)
    pending = report.status is RecordStatus.BUILT_NOT_EXPORTED and not facility.stores
    if report.status is not RecordStatus.COMPLETED and not pending:
        raise AirflowFailException(f"{report.status}: {report.reason}")
