"""Sample HyperSpy files are what RosettaSciIO takes for real ones."""

from pathlib import Path

import numpy as np

from nexuslims_core.testing.writers.hspy import write_hspy


def test_rosettasciio_reads_the_same_signal(tmp_path: Path) -> None:
    from rsciio.hspy import file_reader

    data = np.arange(6.0).reshape(2, 3)
    axes = [{"name": "x", "navigate": True, "scale": 2.0}, {"name": "Energy", "units": "eV"}]
    path = write_hspy(tmp_path / "a.hspy", data, metadata={"General": {"title": "Line"}}, axes=axes)

    (signal,) = file_reader(str(path))

    assert np.array_equal(signal["data"], data)
    assert [axis["name"] for axis in signal["axes"]] == ["x", "Energy"]
    assert signal["metadata"]["General"]["title"] == "Line"


def test_sets_the_modification_time(tmp_path: Path) -> None:
    path = write_hspy(tmp_path / "a.hspy", np.zeros(2), metadata={}, mtime=1_542_135_802.5)

    assert path.stat().st_mtime == 1_542_135_802.5
