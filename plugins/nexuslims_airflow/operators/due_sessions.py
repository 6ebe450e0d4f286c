"""Task ``due_sessions``."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated
from nexuslims_airflow.xcom import receive
from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.files.models import Scan
from nexuslims_core.stages.due_sessions import due_sessions

LONGEST_LABEL = 200
"""Letters of a task's name in the grid; Airflow's database has room for 250."""


class DueSessionsOperator(BaseOperator):
    """Choose the waiting sessions that can be built now.

    :param scans: the XComs of ``scan_storage`` (templated)
    :param limit: most sessions of one run; the rest waits for the next (templated)
    :return: label, identifier and scan of each, the oldest first
    """

    template_fields: Sequence[str] = ("scans", "limit")

    def __init__(self, *, scans: Any, limit: int | str, **kwargs: Any) -> None:  # noqa: ANN401 - an XComArg
        super().__init__(**kwargs)
        self.scans = scans
        self.limit = limit

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
        sessions = tuple(
            session
            for session in facility.database.waiting_sessions()
            if session.instrument.instrument_pid in scans  # one that came since then is for the next run
        )
        due = due_sessions(facility, sessions, scans).due[: int(self.limit)]
        return [
            {
                "label": clean_text(session.label)[:LONGEST_LABEL],
                "session_identifier": session.session_identifier,
                "scan": shipped[session.instrument.instrument_pid],
            }
            for session in due
        ]
