"""Task ``waiting_instruments``."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.choices import choice, yes
from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.metrics import sessions_wait
from nexuslims_airflow.operators.stage import translated
from nexuslims_core.errors import ConfigurationError

REBUILD = "rebuild asked for in Airflow"


class WaitingInstrumentsOperator(BaseOperator):
    """Name the instruments that have sessions waiting, so that only their folders are searched.

    :param instruments: JSON list of persistent ids: only these; an empty one means all (templated)
    :param sessions: JSON list of session identifiers: only theirs; an empty one means all (templated)
    :param rebuild: ``true`` puts the named sessions back first, whatever their state (templated)
    :return: persistent ids, sorted
    """

    template_fields: Sequence[str] = ("instruments", "sessions", "rebuild")

    def __init__(
        self,
        *,
        instruments: str = "{{ params.instruments | tojson }}",
        sessions: str = "{{ params.sessions | tojson }}",
        rebuild: str = "{{ params.rebuild | tojson }}",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.instruments, self.sessions, self.rebuild = instruments, sessions, rebuild

    @override
    def execute(self, context: Any) -> list[str]:
        return translated(self._waiting)

    def _waiting(self) -> list[str]:
        from nexuslims_core.stages.past_sessions import check_named, put_back

        wanted, rebuild = choice(self.instruments, self.sessions), yes("rebuild", self.rebuild)
        if rebuild and not wanted.sessions:
            raise ConfigurationError(
                "rebuild goes with the sessions to build again: name them in the parameter sessions, or rebuild all "
                "of some days with the DAG nexuslims_backfill_records"
            )
        facility = FacilityHook().facility()
        check_named(facility, wanted)
        if rebuild:
            put_back(facility, wanted.sessions, REBUILD)
        waiting = facility.database.waiting_sessions()
        sessions_wait(waiting, facility.now())
        return sorted({each.instrument.instrument_pid for each in waiting if wanted.holds(each)})
