"""Task ``validate_record``."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from nexuslims_airflow.lineage import Trace, TracedOperator, file_at
from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_airflow.xcom import receive
from nexuslims_core import codec
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility


class ValidateRecordOperator(StageOperator, TracedOperator):
    """Hold the record against the schema and file it.

    :param record: the XCom of ``build_record`` (templated)
    :return: title, path and digest of the record in its place
    """

    template_fields: Sequence[str] = ("claim", "record")
    asks_services = False

    def __init__(self, *, record: Any, **kwargs: Any) -> None:  # noqa: ANN401 - an XComArg
        super().__init__(**kwargs)
        self.record = record

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        from nexuslims_core.stages.build_record import BuiltRecord
        from nexuslims_core.stages.validate_record import validate_record

        valid = validate_record(facility, claim, receive(self.record, BuiltRecord))
        raw = claim.session.instrument.folder(facility.settings.filestore_path)
        self.trace = Trace(inputs=(file_at(raw),), outputs=(file_at(valid.path, valid.sha256),))
        return {"value": codec.encode(valid)}
