"""Whether something went wrong while a file was read that says nothing of the file and may be well the next time."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Signal, SignalData, SummedData


@dataclass(slots=True)
class Faults:
    """What was seen while one file was read.

    Attributes
    ----------
    passing
        Whether memory was short, the file system failed or a package was missing.
    """

    passing: bool = field(default=False, init=False)

    def note(self, error: BaseException) -> None:
        """Look at an error and all that led to it."""
        seen: list[BaseException] = []
        led: BaseException | None = error
        while led is not None and led not in seen:
            self.passing = self.passing or _is_passing(led)
            seen.append(led)
            led = led.__cause__ or led.__context__

    def watching(self, signal: Signal) -> Signal:
        """Return a signal whose numbers tell here when they cannot be read; whoever draws it may pass over that."""
        if signal.data is None:
            return signal
        watched = _WatchedSums if isinstance(signal.data, SummedData) else _Watched
        return replace(signal, data=watched(signal.data, self))


@dataclass(frozen=True, slots=True)
class _Watched:
    """Numbers as they are, with a note where reading them fails."""

    data: SignalData
    faults: Faults

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        try:
            yield from self.data.blocks(index, rows=rows)
        except Exception as error:
            self.faults.note(error)
            raise


class _WatchedSums(_Watched):
    """The same for numbers that can add themselves up."""

    data: SummedData

    def sums(self, channels: slice = slice(None)) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        try:
            return self.data.sums(channels)
        except Exception as error:
            self.faults.note(error)
            raise


def _is_passing(error: BaseException) -> bool:
    """Tell by the kind; libraries also raise OSError, without a number, over what a file holds."""
    return isinstance(error, MemoryError | ImportError) or (isinstance(error, OSError) and error.errno is not None)
