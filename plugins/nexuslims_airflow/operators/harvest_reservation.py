"""Task ``harvest_reservation``."""

from typing import Any

from typing_extensions import override

from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_core import codec
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.harvest_reservation import harvest_reservation


class HarvestReservationOperator(StageOperator):
    """Find the reservation that the session was booked under.

    :return: the reservation, if there is one, and why it was chosen
    """

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        return {"value": codec.encode(harvest_reservation(facility, claim))}
