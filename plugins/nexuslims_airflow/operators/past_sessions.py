"""Task ``past_sessions``."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.choices import choice, yes
from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import to_build, translated
from nexuslims_airflow.xcom import refer
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.sessions.models import Session
from nexuslims_core.stages.facility import Facility

if TYPE_CHECKING:
    from nexuslims_core.stages.past_sessions import PastSession

MOST = 1000
"""Sessions of one run; Airflow maps a task over no more than 1024."""


class PastSessionsOperator(BaseOperator):
    """Name the sessions whose END lies in an interval, and search the folders of their instruments once.

    :param since: begin of the interval, included, ISO 8601 (templated)
    :param until: its end, excluded (templated)
    :param instruments: JSON list of persistent ids; an empty one means all (templated)
    :param sessions: JSON list of session identifiers; an empty one means all (templated)
    :param rebuild: ``true`` also builds sessions that have come to an end state (templated)
    :return: label, identifier, and scan or why it is left, of each by start, with the connections that are not there
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

        hook = FacilityHook()
        facility = hook.equipped(hook.workshop(), ())  # no calendar is asked
        since, until = datetime.fromisoformat(self.since), datetime.fromisoformat(self.until)
        wanted, rebuild = choice(self.instruments, self.sessions), yes("rebuild", self.rebuild)
        found = past_sessions(facility, since, until, wanted, rebuild=rebuild)
        if len(found) > MOST:
            raise ConfigurationError(
                f"{len(found)} sessions ended in this interval, and one run can hold {MOST}: "
                "build them with `nexuslims build`"
            )
        building = tuple(each.session for each in found if each.session and not each.left)
        self.log.info("%d sessions ended in [%s, %s), %d are built", len(found), since, until, len(building))
        scans = _searched(facility, building, run)
        lacking = hook.lacking() if building else []
        return [_element(each, scans) | {"lacking": lacking} for each in found]


def _searched(facility: Facility, sessions: tuple[Session, ...], run: str) -> dict[str, dict[str, Any]]:
    from nexuslims_core.pipeline import scan_all
    from nexuslims_core.stages.scan_storage import keep_scan

    return {
        pid: {"instrument_pid": pid, "absent": scan.absent, **refer(keep_scan(facility, scan, run))}
        for pid, scan in scan_all(facility, sessions).items()
    }


def _element(past: "PastSession", scans: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what the task of a session is given; ``left`` says why it builds nothing."""
    pid = past.session.instrument.instrument_pid if past.session else ""
    scan = None if past.left else scans[pid]
    return to_build(past.label, past.session_identifier, scan) | {"left": past.left}
