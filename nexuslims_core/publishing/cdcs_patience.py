"""How long a put may go on: its end by two clocks, and how long to wait before each further try."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nexuslims_core.errors import ServiceUnavailableError

Clock = Callable[[], float]
CLOCKS: tuple[Clock, ...] = (time.monotonic, time.time)
"""The first stands still while a machine sleeps, the second may be set back: whichever is ahead counts."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a put must have ended: nothing is sent after it, however long its process was stopped.

    Attributes
    ----------
    limit_s
        Seconds from the moment that this is made.
    clocks
        Each tells seconds; the one that went further counts.
    """

    limit_s: float
    clocks: Sequence[Clock] = CLOCKS
    _begun: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_begun", tuple(clock() for clock in self.clocks))

    @property
    def left_s(self) -> float:
        """Seconds until the end, 0 after it."""
        gone_s = max(clock() - begun for clock, begun in zip(self.clocks, self._begun, strict=True))
        return max(0.0, self.limit_s - gone_s)


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
