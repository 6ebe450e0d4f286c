"""Task ``tell_people``."""

from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated
from nexuslims_core.stages.facility import Facility


class TellPeopleOperator(BaseOperator):
    """Send the alerts that could not be sent before, and tell of sessions that nobody told of.

    A mail server that is away is no failure of it: what waits is sent by a later run; ``nexuslims alerts`` lists it.

    :return: how many alerts were found, and how many arrived
    """

    @override
    def execute(self, context: Any) -> dict[str, int]:
        return translated(lambda: _told(FacilityHook().facility()))


def _told(facility: Facility) -> dict[str, int]:
    from nexuslims_core.stages.telling import look_back, send_alerts

    found = look_back(facility)
    return {"found": found, "told": send_alerts(facility).told}
