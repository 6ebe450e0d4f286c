from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nexuslims_core.datasets.arrays import ArrayData, FileData
from nexuslims_core.errors import ExtractionError
from nexuslims_core.previews.limits import CannotDrawError, drawable, pieces


class Broken(ArrayData):
    """Data whose numbers cannot be read."""

    error: BaseException

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[Any]:  # noqa: ARG002 - the protocol's
        raise type(self).error
        yield


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ExtractionError(Path("/store/a.tif"), "no such file: /store/a.raw"), "^No such file: a.raw.$"),
        (OSError(5, "Input/output error"), "^Its file cannot be read: Input/output error.$"),
        (MemoryError(), "more memory than is allowed"),
    ],
    ids=["damaged, without telling the folder", "unreadable", "out of memory"],
)
def test_says_why_numbers_cannot_be_read(error: BaseException, said: str) -> None:
    data = type("Broken", (Broken,), {"error": error})(np.ones(3))

    with pytest.raises(CannotDrawError, match=said):
        list(pieces(data))


def test_refuses_a_row_that_is_too_long_to_read_at_once() -> None:
    data = FileData(path=Path("absent"), offset=0, shape=(2, 1 << 25), dtype=np.dtype("u2"))

    with pytest.raises(CannotDrawError, match="One row of it has 64 MiB"):
        list(pieces(data))


def test_reads_a_file_that_is_whole(sparse: Callable[..., FileData]) -> None:
    data = sparse((5, 7), "i4")

    assert sum(len(piece) for piece in pieces(data)) == 5


@pytest.mark.parametrize(
    ("numbers", "said"),
    [(np.array("a"), "type"), (np.array(1), "single number"), (np.ones((3, 0)), "no points"), (None, "no numbers")],
    ids=["text", "one number", "empty", "none"],
)
def test_says_what_cannot_be_drawn(numbers: Any, said: str) -> None:  # noqa: ANN401 - any array
    with pytest.raises(CannotDrawError, match=said):
        drawable(None if numbers is None else ArrayData(numbers))
