"""How long to wait before each further try of a put."""

from nexuslims_core.connections import Deadline
from nexuslims_core.errors import ServiceUnavailableError


class BusyError(ServiceUnavailableError):
    """A service cannot now, and said how long to leave it alone.

    Attributes
    ----------
    wait_s
        What it asked for, in seconds; 0 where it did not say.
    """

    def __init__(self, sentence: str, wait_s: float = 0) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s


def pause_before_next_try(planned_s: float, deadline: Deadline, error: ServiceUnavailableError | None) -> float:
    """Return how long to wait, at least as long as the service asked for.

    Raises
    ------
    ServiceUnavailableError
        The error itself, if the deadline comes before the wait is over.
    """
    wait_s = max(planned_s, error.wait_s) if isinstance(error, BusyError) else planned_s
    if error is not None and wait_s >= deadline.left_s:
        raise error
    return wait_s
