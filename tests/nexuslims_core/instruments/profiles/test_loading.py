"""Profiles from files: the shipped ones, a site's own, and the sentence on one that is wrong."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.profiles.loading import check, digest, load_profiles, profiles_of
from nexuslims_core.instruments.profiles.models import DatasetTypeName, Mode, Profile
from nexuslims_core.quantities import Quantity

WriteProfile = Callable[..., Path]


@pytest.fixture
def write_profile(tmp_path: Path) -> WriteProfile:
    def write(text: str, name: str = "site.toml") -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path

    return write


def named(name: str, profiles: tuple[Profile, ...]) -> Profile:
    (profile,) = (profile for profile in profiles if profile.name == name)
    return profile


@pytest.mark.parametrize(
    ("instrument_pid", "name"),
    [
        ("FEI-Titan-TEM-635816", "fei_titan_tem_635816"),
        ("FEI-Titan-STEM-630901", "fei_titan_stem_630901"),
        ("JEOL-JEM3010-TEM-565989", "jeol_jem3010_565989"),
    ],
)
def test_the_requirements_instruments_have_a_profile(instrument_pid: str, name: str) -> None:
    profiles = profiles_of(instrument_pid, load_profiles())

    assert [profile.name for profile in profiles] == [name]


def test_nobodys_file_has_no_profile_of_an_instrument() -> None:
    assert profiles_of(None, load_profiles()) == ()


def test_units_of_the_shipped_profiles_are_units() -> None:
    assert check().startswith("3 profiles: ")


def test_a_profile_says_all_that_it_can(write_profile: WriteProfile) -> None:
    folder = write_profile(
        """
        about = "the tilted one"
        instruments = ["Titan-*"]
        order = 10
        extractors = ["digital_micrograph"]
        suffixes = [".dm3"]
        drop = ["GMS *"]
        warnings = ["Operator"]
        rename = { "Tecnai User" = "Operator" }
        replace = { Voltage = { value = 300, unit = "kV" }, Facility = "EMC" }
        fill = { "Spot Size" = 3 }
        [[mode]]
        when = { "Imaging Mode" = "LM", "Spot Size" = [1, 2] }
        without = ["Binning*"]
        dataset_type = "Diffraction"
        """
    )

    assert named("site", load_profiles(folder)) == Profile(
        name="site",
        about="the tilted one",
        instruments=("Titan-*",),
        order=10,
        extractors=("digital_micrograph",),
        suffixes=(".dm3",),
        drop=("GMS *",),
        warnings=("Operator",),
        rename={"Tecnai User": "Operator"},
        replace={"Voltage": Quantity(value=300, unit="kV"), "Facility": "EMC"},
        fill={"Spot Size": 3},
        mode=(
            Mode(
                when={"Imaging Mode": "LM", "Spot Size": (1, 2)},
                without=("Binning*",),
                dataset_type="Diffraction",
            ),
        ),
    )


def test_profiles_come_in_their_written_order_and_then_by_name(write_profile: WriteProfile) -> None:
    write_profile('instruments = ["*"]', "b.toml")
    write_profile('instruments = ["*"]', "a.toml")
    folder = write_profile('instruments = ["*"]\norder = 1', "z.toml")

    assert [profile.name for profile in profiles_of(None, load_profiles(folder))] == ["z", "a", "b"]


def test_a_sites_file_takes_the_place_of_a_shipped_one(write_profile: WriteProfile) -> None:
    folder = write_profile('instruments = ["FEI-Titan-TEM-635816"]\ndrop = ["Name"]', "fei_titan_tem_635816.toml")

    (profile,) = profiles_of("FEI-Titan-TEM-635816", load_profiles(folder))

    assert (profile.drop, profile.mode) == (("Name",), ())


WRONG = {
    "unknown key": ('instruments = ["*"]\nwarning = ["x"]', "warning is no key of a profile; do you mean warnings?"),
    "unknown key of a mode": (
        'instruments = ["*"]\n[[mode]]\nwen = {}\ndata_type = "x"',
        "[[mode]] 1: wen is no key of a profile; do you mean when?",
    ),
    "unknown key of a quantity": (
        'instruments = ["*"]\nreplace = { Voltage = { value = 1, units = "kV" } }',
        "replace.'Voltage': units is no key of a profile; do you mean unit?",
    ),
    "no instrument": ("drop = []", "instruments is missing"),
    "empty instruments": ("instruments = []", "instruments is empty"),
    "text for a list": ('instruments = "Titan"', "instruments cannot be 'Titan'"),
    "no type of the schema": (
        'instruments = ["*"]\n[[mode]]\ndataset_type = "Picture"',
        "mode.1.dataset_type cannot be 'Picture'",
    ),
    "a mode that says nothing": ('instruments = ["*"]\n[[mode]]\nwhen = { a = 1 }', "a mode says what a dataset is"),
    "a suffix without its dot": ('instruments = ["*"]\nsuffixes = ["DM3"]', 'write it as ".dm3"'),
    "a kept name": ('instruments = ["*"]\nreplace = { "Creation Time" = "x" }', "'Creation Time' is no value"),
    "an infinite value": ('instruments = ["*"]\nfill = { a = { value = inf, unit = "m" } }', "not a finite number"),
    "no TOML": ("instruments = [", "is no TOML file"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_profile_is_refused_with_file_and_key(write_profile: WriteProfile, text: str, sentence: str) -> None:
    folder = write_profile(text)

    with pytest.raises(ConfigurationError, match=re.escape(sentence)) as raised:
        load_profiles(folder)

    assert str(folder / "site.toml") in str(raised.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match=r"site\.toml is no TOML file"):
        load_profiles(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="NEXUSLIMS_PROFILES_PATH"):
        load_profiles(tmp_path / "absent")


def test_a_unit_that_is_none_is_refused(write_profile: WriteProfile) -> None:
    folder = write_profile('instruments = ["*"]\nfill = { Dose = { value = 1, unit = "electrns" } }')

    with pytest.raises(ConfigurationError, match=r"site\.toml: Dose is given in 'electrns'"):
        check(folder)


def test_the_digest_changes_with_what_a_profile_says(write_profile: WriteProfile) -> None:
    before = digest(load_profiles(write_profile('instruments = ["*"]\nfill = { Spot = 1 }')))
    after = digest(load_profiles(write_profile('instruments = ["*"]\nfill = { Spot = 2 }')))

    assert before != after
    assert digest(load_profiles(write_profile('instruments = ["*"]\nfill = { Spot = 1 }'))) == before


def test_the_example_of_the_documentation_is_a_profile(write_profile: WriteProfile) -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "add_a_profile.md").read_text()
    example = page[page.index("    about =") : page.index("All that `when` names")]

    profile = named("site", load_profiles(write_profile(textwrap.dedent(example))))

    assert profile.mode[0].data_type == "STEM_Diffraction"


def test_types_of_datasets_are_those_of_the_schema() -> None:
    assert get_args(DatasetTypeName) == tuple(one.value for one in DatasetType)
