import errno
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalData, SignalKind, SummedData
from nexuslims_core.reading.faults import Faults


class Failing(ArrayData):
    """Numbers on a disk that fails."""

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:  # noqa: ARG002 - the protocol says so
        raise OSError(errno.EIO, "Input/output error")

    def sums(self, channels: slice = slice(None)) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # noqa: ARG002 - the protocol says so
        raise OSError(errno.EIO, "Input/output error")


def watched(faults: Faults, data: SignalData) -> SignalData:
    metadata = Metadata(dataset_type=DatasetType.MISC, data_type="Misc", creation_time=None)
    seen = faults.watching(Signal(title="", kind=SignalKind.SPECTRUM_IMAGE, metadata=metadata, data=data)).data
    assert seen is not None
    return seen


def test_numbers_that_cannot_be_read_are_noted() -> None:
    faults = Faults()

    with pytest.raises(OSError, match="Input/output"):
        list(watched(faults, Failing(np.zeros((2, 2, 2)))).blocks())

    assert faults.passing


def test_numbers_that_cannot_be_added_up_are_noted() -> None:
    faults = Faults()
    data = watched(faults, Failing(np.zeros((2, 2, 2))))

    assert isinstance(data, SummedData)
    with pytest.raises(OSError, match="Input/output"):
        data.sums()
    assert faults.passing


def test_numbers_that_cannot_add_themselves_up_do_not_claim_to() -> None:
    assert not isinstance(watched(Faults(), ArrayData(np.zeros((2, 2, 2)))), SummedData)
