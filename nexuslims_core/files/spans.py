"""The times that a scan looks for: the windows of the sessions that it serves, laid over each other."""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time, both ends included; epoch seconds.

    Attributes
    ----------
    low, high
        Its ends, ``low <= high``.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"a window cannot begin at {self.low} and end at {self.high}")


def window(start: datetime, end: datetime, *, margin_s: float = 0.0) -> Window:
    """Return the time from ``start`` to ``end``, widened by ``margin_s`` seconds at both ends.

    Raises
    ------
    ValueError
        If a time has no zone, or the end is before the start.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("the times of a window need a zone")
    return Window(low=start.timestamp() - margin_s, high=end.timestamp() + margin_s)


def united(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the same times as windows that do not touch each other, ascending."""
    apart: list[Window] = []
    for each in sorted(windows, key=lambda window: window.low):
        if apart and each.low <= apart[-1].high:
            apart[-1] = Window(low=apart[-1].low, high=max(apart[-1].high, each.high))
        else:
            apart.append(each)
    return tuple(apart)


class Span:
    """United windows, quick to ask.

    Attributes
    ----------
    edges
        Where windows begin, and the first moments after them, in turn, epoch seconds, ascending: a moment is in a
        window if an odd number of edges is not after it. For loops that a call for each file would slow down.
    """

    def __init__(self, windows: tuple[Window, ...] | None) -> None:
        every = (Window(low=-math.inf, high=math.inf),) if windows is None else windows
        self._windows = every
        self.edges = [edge for each in every for edge in (each.low, _just_after(each.high))]

    def widened(self, seconds: float) -> "Span":
        """Return the same with every window widened at both ends."""
        return Span(united(Window(low=each.low - seconds, high=each.high + seconds) for each in self._windows))

    def holds(self, moment: float) -> bool:
        """Tell whether a moment, in epoch seconds, is in one of the windows."""
        return bool(bisect_right(self.edges, moment) & 1)

    def covers(self, window: Window) -> bool:
        """Tell whether the whole of a window is in one of these."""
        begun, ended = (bisect_right(self.edges, moment) for moment in (window.low, window.high))
        return begun == ended and bool(begun & 1)


def _just_after(moment: float) -> float:
    return math.nextafter(moment, math.inf)


EVERY_TIME = Span(None)
