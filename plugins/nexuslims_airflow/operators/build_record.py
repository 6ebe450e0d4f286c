"""Task ``build_record``."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_airflow.xcom import receive
from nexuslims_core import codec
from nexuslims_core.activities.models import Grouping
from nexuslims_core.files.models import FileList
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility


class BuildRecordOperator(StageOperator):
    """Write the session's record as XML.

    :param ingredients: the XComs of the tasks before, by name: reservation, files, activities, datasets (templated)
    :return: title, path and digest of the record
    """

    template_fields: Sequence[str] = ("claim", "ingredients")
    asks_services = False

    def __init__(self, *, ingredients: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ingredients = ingredients

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        from nexuslims_core.stages.build_record import Ingredients, build_record
        from nexuslims_core.stages.extract_metadata import Outcomes

        ingredients = Ingredients(
            match=receive(self.ingredients["reservation"], ReservationMatch),
            files=receive(self.ingredients["files"], FileList),
            grouping=receive(self.ingredients["activities"], Grouping),
            outcomes=receive(self.ingredients["datasets"], Outcomes),
        )
        return {"value": codec.encode(build_record(facility, claim, ingredients))}
