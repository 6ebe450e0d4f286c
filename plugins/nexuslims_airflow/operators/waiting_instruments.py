"""Task ``waiting_instruments``."""

from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated


class WaitingInstrumentsOperator(BaseOperator):
    """Name the instruments that have sessions waiting, so that only their folders are searched.

    :return: persistent ids, sorted
    """

    @override
    def execute(self, context: Any) -> list[str]:
        sessions = translated(lambda: FacilityHook().facility().database.waiting_sessions())
        return sorted({session.instrument.instrument_pid for session in sessions})
