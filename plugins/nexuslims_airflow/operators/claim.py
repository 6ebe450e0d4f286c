"""Task ``claim``, the setup of a session's group."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.metrics import stage_took
from nexuslims_airflow.operators.session import SessionOperator
from nexuslims_airflow.operators.stage import holder, translated
from nexuslims_core import codec
from nexuslims_core.stages.claim import claim


class ClaimOperator(SessionOperator):
    """Open an attempt on one session; one that another holder builds is skipped.

    :param due: an element of the XCom of ``due_sessions`` (templated)
    :return: the claim, with the label and the scan that the tasks after it need
    """

    template_fields: Sequence[str] = ("due",)

    def __init__(self, *, due: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a mapped argument
        super().__init__(map_index_template="{{ task.due['label'] }}", **kwargs)
        self.due = due

    @override
    def execute(self, context: Any) -> dict[str, Any]:
        own, begun = holder(context["ti"]), perf_counter()
        claimed = translated(lambda: claim(FacilityHook().facility(), self.due["session_identifier"], own))
        stage_took("claim", claimed.session.instrument.instrument_pid, perf_counter() - begun)
        return {"label": self.due["label"], "scan": self.due["scan"], "claim": codec.encode(claimed)}
