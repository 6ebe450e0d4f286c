"""The numbers of the formats that we read ourselves, compared with those of RosettaSciIO's readers."""

import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose

READERS = {
    "mrc": "mrc",
    "mib": "quantumdetector",
    "empad": "empad",
    "blo": "blockfile",
    "tvips": "tvips",
    "rpl": "ripple",
}
SUFFIXES = {".mrc", ".map", ".mib", ".xml", ".blo", ".tvips", ".rpl"}
ALONE = "EMPAD_v1.2.2_x32_y64_size0.8.xml"
"""Has no numbers beside it; RosettaSciIO makes up zeros."""


@pytest.mark.parametrize("folder", READERS)
def test_the_numbers_of_every_real_file_are_those_of_rosettasciio(
    all_em_files: Path, source_of: Callable[..., Source], numbers_of: Callable[..., NDArray[Any]], folder: str
) -> None:
    paths = [path for path in sorted((all_em_files / folder).iterdir()) if path.suffix in SUFFIXES]
    reader = import_module(f"rsciio.{READERS[folder]}").file_reader
    compared = 0

    for path in paths:
        if path.name.endswith("RAW.mib") or path.name == ALONE:
            continue
        signal = choose(path).read(source_of(path))[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference = np.asarray(reader(str(path))[0]["data"])
        ours = numbers_of(signal)
        assert np.array_equal(ours.reshape(-1), reference.reshape(-1)), path.name
        assert signal.data is not None
        assert signal.data.shape[-1] == reference.shape[-1]
        compared += 1

    assert compared > 0
