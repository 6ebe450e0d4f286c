"""What profiles make of metadata."""

from pathlib import Path
from typing import Any

import pytest

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.profiling import apply_profiles
from nexuslims_core.instruments.profiles.loading import load_profiles, profiles_of
from nexuslims_core.instruments.profiles.models import Mode, Profile
from nexuslims_core.quantities import MetadataValue, Quantity

PATH = Path("/store/Diffusion couples/map 1.dm3")


def read(**entries: MetadataValue) -> Metadata:
    values = {name.replace("_", " "): value for name, value in entries.items()}
    return Metadata(dataset_type=DatasetType.IMAGE, data_type="TEM_Imaging", creation_time=None, entries=values)


def applied(metadata: Metadata, path: Path = PATH, extractor: str = "digital_micrograph", **told: Any) -> Metadata:
    return apply_profiles(metadata, [Profile(name="p", instruments=("*",), **told)], path, extractor)


def test_a_profile_that_says_nothing_changes_nothing() -> None:
    metadata = read(Voltage=Quantity(value=200, unit="kV"), Operator="ada")

    assert applied(metadata) == metadata


def test_doubtful_values_are_marked_by_name_and_by_pattern() -> None:
    metadata = applied(read(Operator="ada", EDS_Live_time=1.0, Voltage=1), warnings=("Operator", "EDS *", "Data Type"))

    assert metadata.warnings == ("Operator", "EDS Live time", "Data Type")


def test_a_value_is_replaced_whatever_the_file_says_and_the_change_is_noted() -> None:
    metadata = applied(read(Voltage=Quantity(value=200, unit="kV"), Spot=1), replace={"Voltage": 300, "Room": "B115"})

    assert metadata.entries == {"Voltage": 300, "Spot": 1, "Room": "B115"}
    assert metadata.notes == ("Voltage is 300, the file says 200 kV (profile p)",)


def test_a_value_is_filled_in_where_the_file_says_nothing() -> None:
    metadata = applied(read(Spot=1), fill={"Spot": 9, "Cs": Quantity(value=1.2, unit="mm")})

    assert metadata.entries == {"Spot": 1, "Cs": Quantity(value=1.2, unit="mm")}


def test_a_renamed_value_keeps_its_place_and_its_mark() -> None:
    marked = applied(read(User="ada", Spot=1), warnings=("User",))

    metadata = applied(marked, rename={"User": "Operator"})

    assert list(metadata.entries.items()) == [("Operator", "ada"), ("Spot", 1)]
    assert metadata.warnings == ("Operator",)


def test_a_renamed_value_never_takes_the_place_of_another() -> None:
    metadata = applied(read(User="ada", Operator="bob"), rename={"User": "Operator"})

    assert metadata.entries == {"User": "ada", "Operator": "bob"}


def test_a_dropped_value_is_gone_with_its_mark_and_noted() -> None:
    marked = applied(read(GMS_Version="2", Spot=1), warnings=("GMS Version",))

    metadata = applied(marked, drop=("GMS *",))

    assert (metadata.entries, metadata.warnings) == ({"Spot": 1}, ())
    assert metadata.notes == ("left out GMS Version 2 (profile p)",)


MODES: dict[str, tuple[Mode, bool]] = {
    "same text": (Mode(when={"Imaging Mode": "LM DIFF"}, data_type="x"), True),
    "other case": (Mode(when={"Imaging Mode": "lm diff"}, data_type="x"), True),
    "pattern": (Mode(when={"Imaging Mode": "LM*"}, data_type="x"), True),
    "one of several": (Mode(when={"Imaging Mode": ("a", "LM*")}, data_type="x"), True),
    "other text": (Mode(when={"Imaging Mode": "LM"}, data_type="x"), False),
    "number": (Mode(when={"Spot": 3}, data_type="x"), True),
    "number of a quantity": (Mode(when={"Voltage": 200.0}, data_type="x"), True),
    "another number": (Mode(when={"Spot": 4}, data_type="x"), False),
    "true is not 1": (Mode(when={"Slit": 1}, data_type="x"), False),
    "absent name": (Mode(when={"Camera": "*"}, data_type="x"), False),
    "both names": (Mode(when={"Spot": 3, "Slit": True}, data_type="x"), True),
    "one of both": (Mode(when={"Spot": 3, "Slit": False}, data_type="x"), False),
    "nothing asked": (Mode(data_type="x"), True),
    "a name that must not be there": (Mode(without=("Spo*",), data_type="x"), False),
    "type": (Mode(when={"DatasetType": "Image", "Data Type": "TEM_*"}, data_type="x"), True),
    "file's name": (Mode(when={"File Name": "*MAP*.dm3"}, data_type="x"), True),
    "folder's name": (Mode(when={"File Name": "*diff*"}, data_type="x"), False),
}


@pytest.mark.parametrize(("mode", "fits"), MODES.values(), ids=MODES)
def test_a_mode_fits_when_all_that_it_asks_for_is_so(mode: Mode, fits: bool) -> None:
    metadata = read(Imaging_Mode="LM DIFF", Spot=3, Voltage=Quantity(value=200, unit="kV"), Slit=True)

    assert (applied(metadata, mode=(mode,)).data_type == "x") is fits


def test_the_first_mode_that_fits_counts() -> None:
    modes = (
        Mode(when={"Spot": 2}, data_type="a"),
        Mode(data_type="b", dataset_type="Diffraction"),
        Mode(data_type="c"),
    )

    metadata = applied(read(Spot=1), mode=modes)

    assert (metadata.dataset_type, metadata.data_type) == (DatasetType.DIFFRACTION, "b")


@pytest.mark.parametrize(
    ("restriction", "marked"),
    [
        ({"suffixes": (".dm3",)}, True),
        ({"suffixes": (".ser",)}, False),
        ({"extractors": ("digital_micrograph",)}, True),
        ({"extractors": ("tia",), "suffixes": (".dm3",)}, False),
    ],
    ids=str,
)
def test_a_profile_may_be_of_some_files_only(restriction: dict[str, Any], marked: bool) -> None:
    metadata = applied(read(Spot=1), PATH.with_suffix(".DM3"), warnings=("Spot",), **restriction)

    assert bool(metadata.warnings) is marked


def test_a_later_profile_sees_what_an_earlier_one_did() -> None:
    first = Profile(name="a", instruments=("*",), rename={"User": "Operator"})
    second = Profile(name="b", instruments=("*",), warnings=("Operator",))

    metadata = apply_profiles(read(User="ada"), (first, second), PATH, "tia")

    assert metadata.warnings == ("Operator",)


SHIPPED: dict[str, tuple[str, str, dict[str, MetadataValue], tuple[DatasetType, str]]] = {
    "642 Titan, camera": (
        "FEI-Titan-TEM-635816",
        "a.dm3",
        {"Tecnai_Mode": "STEM nP SA Zoom Diffraction"},
        (DatasetType.DIFFRACTION, "STEM_Diffraction"),
    ),
    "642 Titan, scanned": (
        "FEI-Titan-TEM-635816",
        "a.dm3",
        {"Tecnai_Mode": "STEM nP SA Zoom Diffraction", "Pixel_Dwell_Time": Quantity(value=4, unit="µs")},
        (DatasetType.IMAGE, "TEM_Imaging"),
    ),
    "643 Titan, energy filter": (
        "FEI-Titan-STEM-630901",
        "a.dm3",
        {"Imaging_Mode": "EFTEM DIFFRACTION"},
        (DatasetType.DIFFRACTION, "TEM_EFTEM_Diffraction"),
    ),
    "JEOL, file's name": ("JEOL-JEM3010-TEM-565989", "SADP 3.dm3", {}, (DatasetType.DIFFRACTION, "TEM_Diffraction")),
    "JEOL, folder's name": ("JEOL-JEM3010-TEM-565989", "a.dm3", {}, (DatasetType.IMAGE, "TEM_Imaging")),
    "another microscope": ("Quanta", "diff.dm3", {}, (DatasetType.IMAGE, "TEM_Imaging")),
}


@pytest.mark.parametrize(("instrument_pid", "name", "entries", "expected"), SHIPPED.values(), ids=SHIPPED)
def test_the_shipped_profiles_know_the_modes_of_their_microscopes(
    instrument_pid: str, name: str, entries: dict[str, MetadataValue], expected: tuple[DatasetType, str]
) -> None:
    profiles = profiles_of(instrument_pid, load_profiles())

    metadata = apply_profiles(read(**entries), profiles, PATH.with_name(name), "digital_micrograph")

    assert (metadata.dataset_type, metadata.data_type) == expected


def test_the_643_titan_is_not_trusted_with_names_of_people() -> None:
    profiles = profiles_of("FEI-Titan-STEM-630901", load_profiles())

    metadata = apply_profiles(read(Operator="ada", Specimen="Au", Voltage=1), profiles, PATH, "digital_micrograph")

    assert metadata.warnings == ("Operator", "Specimen")
