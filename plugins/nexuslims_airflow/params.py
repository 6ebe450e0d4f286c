"""What a person may choose who triggers a run or makes a backfill."""

from airflow.sdk import Param

_NAMES = {"type": "string", "minLength": 1, "maxLength": 10_000}

INSTRUMENTS = Param(
    [], type="array", items=_NAMES, description="Only these instruments, by persistent id, one a line; none means all"
)
SESSIONS = Param([], type="array", items=_NAMES, description="Only these sessions, by id, one a line; none means all")
LIMIT = Param(100, type="integer", minimum=1, maximum=1000, description="Most sessions of one run, the oldest first")


def rebuild(description: str) -> Param:
    """Return the parameter that also builds what is built; what that means differs from DAG to DAG."""
    return Param(False, type="boolean", description=description)  # noqa: FBT003 - its default
