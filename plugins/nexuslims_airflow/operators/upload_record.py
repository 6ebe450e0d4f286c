"""Task ``upload_record``."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink
from typing_extensions import override

from nexuslims_airflow.lineage import Trace, TracedOperator, file_at, published
from nexuslims_airflow.operators.session_link import SessionLink
from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_airflow.xcom import receive
from nexuslims_core import codec
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility


class RecordLink(BaseOperatorLink):
    """From the task in Airflow's pages to the record in the repository."""

    @property
    @override
    def name(self) -> str:
        return "Record"

    @override
    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Return the link for Airflow to keep; it asks in the task's process, once the task has ended."""
        return str(getattr(operator, "record_url", ""))


class UploadRecordOperator(StageOperator, TracedOperator):
    """Publish the record at every destination, exactly once at each.

    :param record: the XCom of ``validate_record`` (templated)
    :return: the receipts; none where no destination is configured
    """

    template_fields: Sequence[str] = ("claim", "record")
    operator_extra_links: Sequence[BaseOperatorLink] = (RecordLink(), SessionLink())

    def __init__(self, *, record: Any, **kwargs: Any) -> None:  # noqa: ANN401 - an XComArg
        super().__init__(**kwargs)
        self.record = record
        self.record_url = ""

    @override
    def work(self, facility: Facility, claim: Claim) -> list[dict[str, Any]] | None:
        from nexuslims_core.stages.build_record import BuiltRecord
        from nexuslims_core.stages.upload_record import upload_record

        record = receive(self.record, BuiltRecord)
        receipts = upload_record(facility, claim, record)
        if not receipts:
            return None
        self.record_url = receipts[0].url
        self.trace = Trace(inputs=(file_at(record.path, record.sha256),), outputs=published(receipts))
        return [codec.encode(receipt) for receipt in receipts]
