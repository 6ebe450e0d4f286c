from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import BLOCK_BYTES
from nexuslims_core.datasets.frames import FrameData, Run
from nexuslims_core.errors import ExtractionError

IMAGES = np.arange(6 * 4 * 5, dtype=">u2").reshape(6, 4, 5)


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Run, ...]:
    """Two files of four and two images, each behind a header of 7 bytes."""
    made = []
    for name, images in (("a", IMAGES[:4]), ("b", IMAGES[4:])):
        path = tmp_path / name
        path.write_bytes(b"".join(b"\xff" * 7 + image.tobytes() for image in images))
        made.append(Run(path=path, offset=7, count=len(images)))
    return tuple(made)


def frames(runs: tuple[Run, ...], **given: Any) -> FrameData:
    facts: dict[str, Any] = {"stride": 47, "outer": (2, 3), "frame": (4, 5), "dtype": np.dtype(">u2")} | given
    return FrameData(runs=runs, **facts)


@pytest.mark.parametrize("index", [(), (1,), (1, 2), (0, 1, 3)], ids=["all", "a line", "an image", "a row"])
def test_reads_images_behind_their_headers(runs: tuple[Run, ...], index: tuple[int, ...]) -> None:
    read = np.concatenate(list(frames(runs).blocks(index)))

    assert np.array_equal(read, IMAGES.reshape(2, 3, 4, 5)[index])


def test_hands_on_the_top_row_first(runs: tuple[Run, ...]) -> None:
    pieces = list(frames(runs, upwards=True).blocks((1, 2)))

    assert np.array_equal(np.concatenate(pieces), IMAGES[5, ::-1])


def test_pieces_are_bounded_and_hold_whole_blocks_of_rows(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 9, (3000, 1000)).astype("u1")
    (tmp_path / "a").write_bytes(image.tobytes())
    data = FrameData(
        runs=(Run(path=tmp_path / "a", offset=0, count=1),),
        stride=image.size,
        outer=(),
        frame=(3000, 1000),
        dtype=np.dtype("u1"),
        upwards=True,
    )

    pieces = list(data.blocks(rows=7))

    assert all(len(piece) % 7 == 0 and piece.nbytes <= BLOCK_BYTES for piece in pieces[:-1])
    assert np.array_equal(np.concatenate(pieces), image[::-1])


def test_unpacks_an_image_that_is_stored_otherwise(runs: tuple[Run, ...]) -> None:
    def unpack(packed: NDArray[np.uint8]) -> NDArray[Any]:
        return packed.view(">u2").reshape(4, 5) * 2

    data = frames(runs, packed_bytes=40, unpack=unpack)

    assert np.array_equal(np.concatenate(list(data.blocks((1, 0)))), IMAGES[3] * 2)


def test_says_that_a_file_ends_early(runs: tuple[Run, ...]) -> None:
    runs[0].path.write_bytes(runs[0].path.read_bytes()[:-3])

    with pytest.raises(ExtractionError, match="ends 3 bytes before its data does"):
        list(frames(runs).blocks((1, 0)))
