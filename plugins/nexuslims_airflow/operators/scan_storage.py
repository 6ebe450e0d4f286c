"""Task ``scan_storage``."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated
from nexuslims_airflow.xcom import refer


class ScanStorageOperator(BaseOperator):
    """Search one instrument's folder, once for all its sessions; a missing mount is a result, never a failure.

    :param instrument_pid: whose folder (templated)
    :return: the instrument, its scan as path and digest, and why it is absent if it is
    """

    template_fields: Sequence[str] = ("instrument_pid",)

    def __init__(self, *, instrument_pid: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.instrument_pid = instrument_pid

    @override
    def execute(self, context: Any) -> dict[str, Any]:
        return translated(lambda: self._scan(context["run_id"]))

    def _scan(self, run: str) -> dict[str, Any]:
        from nexuslims_core.stages.scan_storage import keep_scan, scan_storage
        from nexuslims_core.stages.session_windows import windows_of

        facility = FacilityHook().workshop()
        instrument = facility.database.instrument(self.instrument_pid)
        waiting = facility.database.waiting_sessions(instrument.instrument_pid)
        scan = scan_storage(facility, instrument, windows_of(facility, waiting))
        kept = keep_scan(facility, scan, run)
        return {"instrument_pid": scan.instrument_pid, "absent": scan.absent, **refer(kept)}
