from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nexuslims_core.datasets import arrays
from nexuslims_core.datasets.arrays import ArrayData, FileData
from nexuslims_core.errors import ExtractionError

CUBE = np.arange(7 * 300 * 200, dtype=np.float64).reshape(7, 300, 200)


class Lazy:
    """Stands for a dask array: slices compute, and it counts how many rows were computed."""

    def __init__(self, array: NDArray[Any], chunk: int) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype
        full, rest = divmod(len(array), chunk)
        self.chunks = ((chunk,) * full + ((rest,) if rest else ()), *((n,) for n in array.shape[1:]))
        self.computed = 0

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        part = self.array[rows]
        self.computed += len(part)
        return part


@pytest.fixture(params=["memory", "file"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> ArrayData | FileData:
    if request.param == "memory":
        return ArrayData(CUBE)
    path = tmp_path / "cube.raw"
    path.write_bytes(b"header" + CUBE.tobytes())
    return FileData(path=path, offset=6, shape=CUBE.shape, dtype=CUBE.dtype)


def test_pieces_together_are_the_whole(data: ArrayData | FileData) -> None:
    whole = np.concatenate([piece.copy() for piece in data.blocks()])

    assert np.array_equal(whole, CUBE)


def test_a_frame_of_a_stack_is_read_alone(data: ArrayData | FileData) -> None:
    frame = np.concatenate([piece.copy() for piece in data.blocks((3,))])

    assert np.array_equal(frame, CUBE[3])


def test_pieces_hold_whole_groups_of_rows(data: ArrayData | FileData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "BLOCK_BYTES", 20_000)

    lengths = [len(piece) for piece in data.blocks((0,), rows=7)]

    assert all(length % 7 == 0 for length in lengths[:-1])
    assert sum(lengths) == 300


@given(chunk=st.integers(1, 12), rows=st.integers(1, 9), length=st.integers(0, 40))
def test_each_chunk_of_a_lazy_array_is_computed_once(chunk: int, rows: int, length: int) -> None:
    lazy = Lazy(np.arange(length * 3).reshape(length, 3), chunk)

    pieces = list(ArrayData(lazy).blocks(rows=rows))

    assert lazy.computed == length
    assert np.array_equal(np.concatenate([*pieces, np.empty((0, 3))]), lazy.array)


@pytest.mark.parametrize("shape", [(0,), (0, 4), (4, 0)], ids=str)
def test_nothing_has_no_pieces(shape: tuple[int, ...], tmp_path: Path) -> None:
    path = tmp_path / "empty.raw"
    path.touch()
    homes: list[Callable[[], ArrayData | FileData]] = [
        lambda: ArrayData(np.empty(shape)),
        lambda: FileData(path=path, offset=0, shape=shape, dtype=np.dtype("u1")),
    ]

    numbers = [sum(piece.size for piece in home().blocks()) for home in homes]

    assert numbers == [0, 0]


def test_a_file_that_ends_early_says_how_much_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "cut.raw"
    path.write_bytes(bytes(10))

    with pytest.raises(ExtractionError, match="the file ends 6 bytes before its data does"):
        list(FileData(path=path, offset=0, shape=(4, 2), dtype=np.dtype("u2")).blocks())
