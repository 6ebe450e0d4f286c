"""Task ``claim``, the setup of a session's group."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.session_link import SessionLink
from nexuslims_airflow.operators.stage import holder, translated
from nexuslims_core import codec
from nexuslims_core.stages.claim import claim


class ClaimOperator(BaseOperator):
    """Open an attempt on one session; one that another holder builds is skipped.

    :param due: an element of the XCom of ``due_sessions`` (templated)
    :return: the claim, with the label and the scan that the tasks after it need
    """

    template_fields: Sequence[str] = ("due",)
    operator_extra_links: Sequence[BaseOperatorLink] = (SessionLink(),)

    def __init__(self, *, due: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a mapped argument
        super().__init__(map_index_template="{{ task.due['label'] }}", **kwargs)
        self.due = due

    @override
    def execute(self, context: Any) -> dict[str, Any]:
        own = holder(context["ti"])
        claimed = translated(lambda: claim(FacilityHook().facility(), self.due["session_identifier"], own))
        return {"label": self.due["label"], "scan": self.due["scan"], "claim": codec.encode(claimed)}
