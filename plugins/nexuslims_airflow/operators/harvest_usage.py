"""Task ``harvest_usage``."""

from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated


class HarvestUsageOperator(BaseOperator):
    """Bring NEMO's usage events in as sessions.

    It fails when something could not be asked or understood, after all the rest was harvested.

    :return: how many sessions are new or changed, by what came
    """

    @override
    def execute(self, context: Any) -> dict[str, int]:
        from nexuslims_core.stages.harvest_usage import harvest_usage

        harvested = translated(lambda: harvest_usage(FacilityHook().facility()))
        if harvested.complaints:
            raise AirflowFailException("; ".join(harvested.complaints))
        return harvested.counts
