"""The numbers of DigitalMicrograph images: the same as RosettaSciIO's, whatever their type."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.digital_micrograph.extractor import extractor
from nexuslims_core.testing.writers.digital_micrograph import DmImage, write_dm_images

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]


@pytest.mark.parametrize(
    ("image", "note"),
    [
        (DmImage(data=np.zeros(4, np.int16), data_type=99), "no picture: pixels of DigitalMicrograph's type 99"),
        (DmImage(data=np.zeros(4, np.int16), shape=(2**31 - 1, 2**31 - 1)), "bytes of pixels and holds 8"),
        (DmImage(data=np.zeros(4, np.int16), shape=(-1, 4)), "does not state where its pixels are"),
        (DmImage(data=np.zeros(4, np.int16), shape=(1,) * 9), "does not state where its pixels are"),
    ],
    ids=["unknown type", "giant claim", "negative", "nine dimensions"],
)
def test_metadata_survive_pixels_that_cannot_be_read(
    tmp_path: Path, image: DmImage, note: str, source_of: SourceOf
) -> None:
    path = write_dm_images(tmp_path / "a.dm4", [image], version=4)

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert note in signal.metadata.notes[0]


@pytest.mark.slow
@pytest.mark.parametrize("data_type", [5, 27, 28], ids=["old", "single", "double"])
def test_half_planes_are_filled_in_as_rosettasciio_does(
    tmp_path: Path, data_type: int, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    from rsciio.digitalmicrograph import file_reader

    count = {5: 64, 27: 8 * 5 * 2, 28: 8 * 5 * 2}[data_type]
    stored = np.random.default_rng(1).normal(size=count).astype("f8" if data_type == 28 else "f4")
    path = write_dm_images(tmp_path / "a.dm3", [DmImage(data=stored, data_type=data_type, shape=(8, 8))])

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), file_reader(str(path))[0]["data"])
    assert signal.data is not None
    assert np.array_equal(next(signal.data.blocks((3,))), numbers_of(signal)[3])


REAL = [
    *(f"dm3/1D_test-{n}.dm3" for n in (1, 3, 5, 7, 9, 11, 13)),
    *(f"dm3/2D_test-{n}.dm3" for n in (2, 6, 8, 10, 12, 14)),
    *(f"dm3/3D_test-{n}.dm3" for n in (1, 3, 5, 7, 9, 11, 13, 23)),
    *(f"dm4/2D_test-{n}.dm4" for n in (2, 6, 8, 10, 12, 14, 28)),
    *("dm4/1D_test-27.dm4", "dm4/3D_test-27.dm4", "dm4/3D_test-23.dm4"),
    *("dm3/Titan_FFT.dm3", "dm3/08_carbon.dm3", "dm3/ref_F_2_1.dm3", "dm3/ref_F_1_1.dm3", "dm3/ref_T_0_2.dm3"),
    *("dm3/test_STEM_image.dm3", "dm3/test-EDS_spectrum.dm3", "dm4/test-MonarcCL_spectrum-SI.dm4"),
    *("dm3/dmTest_float32_nonSquare_diffPixelSize.dm3", "dm4/dmTest_float32_nonSquare_diffPixelSize.dm4"),
]


@pytest.mark.parametrize("name", REAL)
def test_pixels_of_real_files_are_those_that_rosettasciio_reads(
    em_files: Path, name: str, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    from rsciio.digitalmicrograph import file_reader

    theirs = file_reader(str(em_files / name), lazy=False)[0]["data"]
    if theirs.dtype.names:
        theirs = np.stack([theirs[colour] for colour in "RGB"], axis=-1)

    (signal,) = extractor.read(source_of(em_files / name))

    ours = numbers_of(signal)
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs.reshape(ours.shape))


def test_axes_of_a_real_spectrum_image_are_calibrated_as_rosettasciio_does(em_files: Path, source_of: SourceOf) -> None:
    from rsciio.digitalmicrograph import file_reader

    path = em_files / "dm4" / "test-MonarcCL_spectrum-SI.dm4"

    (signal,) = extractor.read(source_of(path))

    ours = [(axis.size, axis.scale, axis.offset, axis.unit) for axis in signal.axes]
    stated = file_reader(str(path), lazy=True)[0]["axes"]
    assert ours == [(axis["size"], axis["scale"], axis["offset"], axis["units"]) for axis in stated]
