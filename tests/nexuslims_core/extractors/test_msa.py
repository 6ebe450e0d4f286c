"""EMSA/MAS spectra: the header's words and units, the counts, and what is done about mistakes in either."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.msa import extractor
from nexuslims_core.quantities import Quantity
from nexuslims_core.testing.writers.msa import write_msa

SourceOf = Callable[..., Source]
NumbersOf = Callable[[Signal], NDArray[Any]]
PeerValues = dict[str, dict[str, dict[str, Any]]]

DIFFERENCES = {
    "Creation Time": "the file's own date is used, not the time it was last written",
    "Data Type": "an energy-loss spectrum is called one",
    "Instrument ID": "written by the record, not by the extractor",
    "DatasetType": "a field of its own, compared apart",
    "warnings": "a field of its own",
    "(warnings)": "a field of its own",
    "EDAX Title": "an empty title says nothing and is left out",
    "File Format": "the peer gives the standard's spelling, not the file's",
}
UNITS = {"deg": "degree", "μs": "µs"}


@pytest.mark.parametrize(
    ("keyword", "name", "unit"),
    [
        ("BEAMKV   -kV", "Beam Energy", "keV"),
        ("LIVETIME  -s", "Live Time", "s"),
        ("ELEVANGLE-dg", "Elevation Angle", "degree"),
    ],
)
def test_splits_the_unit_off_the_name(tmp_path: Path, source_of: SourceOf, keyword: str, name: str, unit: str) -> None:
    path = write_msa(tmp_path / "a.msa", [1, 2], header={keyword: 20.5})

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.entries[name] == Quantity(value=20.5, unit=unit)


def test_reads_counts_and_energies(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    path = write_msa(tmp_path / "a.msa", [3, 1.5, 4e2], header={"XPERCHAN": 10, "OFFSET": -20, "XUNITS": "eV"})

    (signal,) = extractor.read(source_of(path))

    assert numbers_of(signal).tolist() == [3, 1.5, 400]
    assert signal.axes == (Axis(name="Energy", size=3, scale=10, offset=-20, unit="eV"),)


def test_reads_pairs_of_energy_and_counts(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    path = tmp_path / "a.msa"
    path.write_text("#FORMAT : EMSA/MAS\n#DATATYPE : XY\n#SPECTRUM :\n-5, 7\n0, 8.,\n#ENDOFDATA :\n9\n")

    (signal,) = extractor.read(source_of(path))

    assert numbers_of(signal).tolist() == [7, 8]


@pytest.mark.parametrize(
    ("word", "data_type"), [("EDS", "EDS_Spectrum"), ("ELS", "EELS_Spectrum"), ("XYZ", "Spectrum")]
)
def test_calls_a_spectrum_by_its_technique(tmp_path: Path, source_of: SourceOf, word: str, data_type: str) -> None:
    path = write_msa(tmp_path / "a.msa", [1], header={"SIGNALTYPE": word})

    (signal,) = extractor.read(source_of(path))

    assert (signal.kind, signal.metadata.data_type) == (SignalKind.SPECTRUM, data_type)


def test_takes_the_date_in_the_instruments_zone(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_msa(tmp_path / "a.msa", [1], header={"DATE": "01-OCT-1991", "TIME": "12:00"})

    (signal,) = extractor.read(source_of(path, zone=ZoneInfo("Asia/Tokyo")))

    assert signal.metadata.creation_time == datetime(1991, 10, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "left_out"),
    [
        ({"DATE": "31-FEB-2020", "TIME": "12:00"}, "no date"),
        ({"DATE": "01-OCT-0201", "TIME": "12:00"}, "year 201"),
        ({"BEAMKV   -kV": "two hundred"}, "Beam Energy"),
        ({"NPOINTS": 7}, "7 points"),
    ],
    ids=["impossible date", "first millennium", "no number", "counts missing"],
)
def test_notes_what_it_does_not_believe(
    tmp_path: Path, source_of: SourceOf, header: dict[str, object], left_out: str
) -> None:
    path = write_msa(tmp_path / "a.msa", [1, 2], header=header, mtime=1_542_135_802.0)

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.creation_time == datetime(2018, 11, 13, 19, 3, 22, tzinfo=UTC)
    assert any(left_out in note for note in signal.metadata.notes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "no #FORMAT"), (b"\x00\xff" * 50, "no #FORMAT"), (b"#FORMAT : EMSA/MAS\n#SPECTRUM :\n", "no counts")],
    ids=["empty", "random bytes", "cut after the header"],
)
def test_refuses_what_is_no_spectrum(tmp_path: Path, source_of: SourceOf, content: bytes, reason: str) -> None:
    path = tmp_path / "a.msa"
    path.write_bytes(content)

    with pytest.raises(ExtractionError, match=reason):
        extractor.read(source_of(path))


@pytest.mark.parametrize("name", ["example1.msa", "leo_edax_test.msa"])
def test_agrees_with_the_peer(em_files: Path, source_of: SourceOf, peer_values: PeerValues, name: str) -> None:
    peer = {key: value for key, value in peer_values["2.8.0"][name].items() if key not in DIFFERENCES}

    (signal,) = extractor.read(source_of(em_files / "msa" / name))

    assert {key: signal.metadata.entries.get(key) for key in peer} == {key: split(peer[key]) for key in peer}


def split(value: object) -> object:
    number, bracket, unit = str(value).partition(" [")
    unit = unit.rstrip("]")
    return Quantity(value=float(number), unit=UNITS.get(unit, unit)) if bracket else value
