"""Task ``due_sessions``."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.choices import choice
from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import to_build, translated
from nexuslims_airflow.xcom import receive
from nexuslims_core.files.models import Scan
from nexuslims_core.stages.due_sessions import due_sessions


class DueSessionsOperator(BaseOperator):
    """Name the sessions that can be built now.

    :param scans: the XComs of ``scan_storage`` (templated)
    :param limit: most sessions of one run; the rest waits for the next (templated)
    :param sessions: JSON list of identifiers: only these, whether their files have settled or not (templated)
    :return: label, identifier and scan of each, the oldest first
    """

    template_fields: Sequence[str] = ("scans", "limit", "sessions")

    def __init__(
        self,
        *,
        scans: Any,  # noqa: ANN401 - an XComArg
        limit: int | str = "{{ params.limit }}",
        sessions: str = "{{ params.sessions | tojson }}",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.scans, self.limit, self.sessions = scans, limit, sessions

    @override
    def execute(self, context: Any) -> list[dict[str, Any]]:
        return translated(self._due)

    def _due(self) -> list[dict[str, Any]]:
        from nexuslims_core.stages.telling import note_storage, send_quietly

        facility = FacilityHook().facility()
        shipped = {scan["instrument_pid"]: scan for scan in self.scans}
        scans = {pid: receive(scan, Scan) for pid, scan in shipped.items()}
        note_storage(facility, scans.values())
        send_quietly(facility)
        wanted = choice("[]", self.sessions)
        sessions = tuple(
            session
            for session in facility.database.waiting_sessions()
            if session.instrument.instrument_pid in scans  # one that came since then is for the next run
            and wanted.holds(session)
        )
        due = due_sessions(facility, sessions, scans, named=wanted.sessions).due[: int(self.limit)]
        return [
            to_build(session.label, session.session_identifier, shipped[session.instrument.instrument_pid])
            for session in due
        ]
