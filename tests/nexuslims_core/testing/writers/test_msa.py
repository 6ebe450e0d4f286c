"""Sample spectra are what RosettaSciIO takes for real ones."""

from pathlib import Path

from nexuslims_core.testing.writers.msa import write_msa


def test_rosettasciio_reads_the_same_counts(tmp_path: Path) -> None:
    from rsciio.msa import file_reader

    header = {"XPERCHAN": 10, "OFFSET": -20, "XUNITS": "eV", "SIGNALTYPE": "EDS"}

    (signal,) = file_reader(str(write_msa(tmp_path / "a.msa", [3, 1.5, 400], header=header)))

    assert signal["data"].tolist() == [3, 1.5, 400]
    assert (signal["axes"][0]["scale"], signal["axes"][0]["offset"]) == (10, -20)


def test_sets_the_modification_time(tmp_path: Path) -> None:
    path = write_msa(tmp_path / "a.msa", [1], mtime=1_542_135_802.5)

    assert path.stat().st_mtime == 1_542_135_802.5
