"""Signals to draw, and the picture that a preview holds."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nexuslims_core.datasets.arrays import ArrayData, FileData
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind

METADATA = Metadata(dataset_type=DatasetType.IMAGE, data_type="STEM_Imaging", creation_time=None)


@pytest.fixture(scope="session")
def signal_of() -> Callable[..., Signal]:
    def make(kind: SignalKind, numbers: Any = None, axes: tuple[Axis, ...] = (), **more: Any) -> Signal:  # noqa: ANN401 - any array
        data = ArrayData(numbers) if isinstance(numbers, np.ndarray) else numbers
        return Signal(**{"title": "a title", "kind": kind, "metadata": METADATA, "axes": axes, "data": data, **more})

    return make


@pytest.fixture(scope="session")
def pixels() -> Callable[[bytes], NDArray[np.uint8]]:
    return lambda png: np.asarray(Image.open(io.BytesIO(png), formats=["PNG"]))


@pytest.fixture
def sparse(tmp_path: Path) -> Callable[..., FileData]:
    def make(shape: tuple[int, ...], dtype: str, held_bytes: int | None = None) -> FileData:
        data = FileData(path=tmp_path / "sparse.bin", offset=0, shape=shape, dtype=np.dtype(dtype))
        with data.path.open("wb") as file:
            file.truncate(int(np.prod(shape)) * data.dtype.itemsize if held_bytes is None else held_bytes)
        return data

    return make
