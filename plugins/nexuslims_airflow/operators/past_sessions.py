"""Task ``past_sessions``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.choices import choice, yes
from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import to_build, translated
from nexuslims_airflow.xcom import refer
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.sessions.models import Session
from nexuslims_core.stages.facility import Facility

MOST = 1000
"""Sessions of one run; Airflow maps a task over no more than 1024."""


class PastSessionsOperator(BaseOperator):
    """Name the sessions whose END lies in an interval, and search the folders of their instruments once.

    :param since: begin of the interval, included, ISO 8601 (templated)
    :param until: its end, excluded (templated)
    :param instruments: JSON list of persistent ids; an empty one means all (templated)
    :param sessions: JSON list of session identifiers; an empty one means all (templated)
    :param rebuild: ``true`` also takes sessions that have come to an end state (templated)
    :return: label, identifier and scan of each, by start
    """

    template_fields: Sequence[str] = ("since", "until", "instruments", "sessions", "rebuild")

    def __init__(
        self,
        *,
        since: str = "{{ data_interval_start.isoformat() }}",
        until: str = "{{ data_interval_end.isoformat() }}",
        instruments: str = "{{ params.instruments | tojson }}",
        sessions: str = "{{ params.sessions | tojson }}",
        rebuild: str = "{{ params.rebuild | tojson }}",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.since, self.until = since, until
        self.instruments, self.sessions, self.rebuild = instruments, sessions, rebuild

    @override
    def execute(self, context: Any) -> list[dict[str, Any]]:
        return translated(lambda: self._chosen(context["run_id"]))

    def _chosen(self, run: str) -> list[dict[str, Any]]:
        from nexuslims_core.stages.past_sessions import past_sessions

        facility = FacilityHook().facility()
        since, until = datetime.fromisoformat(self.since), datetime.fromisoformat(self.until)
        wanted = choice(self.instruments, self.sessions)
        sessions = past_sessions(facility, since, until, wanted, rebuild=yes("rebuild", self.rebuild))
        if len(sessions) > MOST:
            raise ConfigurationError(
                f"{len(sessions)} sessions ended in this interval, and one run builds {MOST}: backfill them in parts, "
                "with the parameter instruments"
            )
        self.log.info("%d sessions ended in [%s, %s)", len(sessions), since, until)
        return _searched(facility, sessions, run)


def _searched(facility: Facility, sessions: tuple[Session, ...], run: str) -> list[dict[str, Any]]:
    from nexuslims_core.pipeline import scan_all
    from nexuslims_core.stages.scan_storage import keep_scan

    scans = {
        pid: {"instrument_pid": pid, "absent": scan.absent, **refer(keep_scan(facility, scan, run))}
        for pid, scan in scan_all(facility, sessions).items()
    }
    return [to_build(session, scans[session.instrument.instrument_pid]) for session in sessions]
