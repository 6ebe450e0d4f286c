"""Each file goes to the extractor that knows it: by suffix, and by content where the suffix proves nothing or lies."""

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from nexuslims_core.errors import ConfigurationError, ExtractionError
from nexuslims_core.extractors import choosing
from nexuslims_core.extractors.base import Extractor, Source
from nexuslims_core.extractors.choosing import catalogue, choose, installed
from nexuslims_core.testing.writers.digital_micrograph import write_dm
from nexuslims_core.testing.writers.fei_tiff import write_fei_tiff
from nexuslims_core.testing.writers.hspy import write_hspy
from nexuslims_core.testing.writers.msa import write_msa
from nexuslims_core.testing.writers.text import write_text

SourceOf = Callable[..., Source]
TIFFS = "fei_tiff jeol_tiff phenom_tiff tescan tvips_tiff zeiss_orion zeiss_sem"


@pytest.fixture
def samples(tmp_path: Path) -> dict[str, Path]:
    image = np.arange(12, dtype=np.uint16).reshape(3, 4)
    return {
        "digital_micrograph": write_dm(tmp_path / "a.dm3", image),
        "fei_tiff": write_fei_tiff(tmp_path / "a.tif", image, metadata={"User": {"User": "a"}}),
        "general": write_hspy(tmp_path / "a.hspy", image, metadata={"Signal": {}}),
        "msa": write_msa(tmp_path / "a.msa", [1, 2]),
    }


@pytest.mark.parametrize("name", ["digital_micrograph", "fei_tiff", "general", "msa"])
@pytest.mark.parametrize("suffix", ["own", "OWN", ".dm3", ".tif", ".ser", ".csv", ".xyz", ""])
def test_a_file_goes_to_its_reader_whatever_its_suffix(samples: dict[str, Path], name: str, suffix: str) -> None:
    own = samples[name].suffix
    path = samples[name].rename(samples[name].with_suffix({"own": own, "OWN": own.upper()}.get(suffix, suffix)))

    extractor = choose(path)

    assert extractor.name == name


@pytest.mark.parametrize("name", ["a.csv", "a.xml", "a.h5", "a.img", "a.xyz", "a", "a.db"])
def test_a_file_that_nobody_knows_is_listed(tmp_path: Path, name: str) -> None:
    path = write_text(tmp_path / name, "This,is,a,table\n1,2,3,4\n")

    assert choose(path).name == "basic"


@pytest.mark.parametrize("suffix", [".dm3", ".tif", ".msa", ".ser", ".emd"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, source_of: SourceOf, suffix: str) -> None:
    path = write_text(tmp_path / f"a{suffix}", "Not what you think.")

    with pytest.raises(ExtractionError):
        choose(path).read(source_of(path))


def test_few_suffixes_belong_to_several() -> None:
    owners = {suffix: [one.name for one in installed() if suffix in one.suffixes] for suffix in catalogue().suffixes}
    tiff = [*TIFFS.split(), "general"]

    assert {suffix: names for suffix, names in owners.items() if len(names) > 1} == {
        ".emd": ["velox", "general"],
        ".h5": ["ebsd_hdf5", "tofwerk", "general"],
        ".hdf5": ["ebsd_hdf5", "general"],
        ".img": ["jeol", "general"],
        ".map": ["jeol", "mrc"],
        ".tif": tiff,
        ".tiff": tiff,
        ".xml": ["empad", "general"],
    }


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.xml", b"<?xml version='1.0'?><LSX_Data>"),
        ("a.img", b"IM" + bytes((0, 0, 4, 0, 4, 0, 0, 0, 0, 0, 2, 0))),
        ("a.emd", b"\x89HDF\r\n\x1a\n" + bytes(600)),
        ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(600)),
        ("a.mib", b"WDF1" + bytes(600)),
        ("a.map", b"II*\0" + bytes(600)),
    ],
)
def test_what_others_do_not_claim_reaches_the_general_reader(tmp_path: Path, name: str, head: bytes) -> None:
    (tmp_path / name).write_bytes(head)

    assert choose(tmp_path / name).name == "general"


@pytest.mark.parametrize(
    ("name", "owner"),
    [("a.mrc", "mrc"), ("a.mib", "merlin"), ("a.blo", "blockfile"), ("a.tvips", "tvips"), ("a.rpl", "ripple")],
)
def test_a_damaged_file_stays_with_the_owner_of_its_suffix(tmp_path: Path, name: str, owner: str) -> None:
    path = write_text(tmp_path / name, "Not what you think.")

    assert choose(path).name == owner


def test_a_missing_file_goes_to_the_reader_of_its_suffix(tmp_path: Path) -> None:
    assert choose(tmp_path / "gone.msa").name == "msa"


def test_a_sites_own_reader_comes_before_the_general_one(samples: dict[str, Path]) -> None:
    class Own:
        name = "zz_site"
        suffixes = frozenset({".hspy"})
        companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data

        def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's parameters
            return True

        def read(self, source: Source) -> tuple[()]:  # noqa: ARG002 - the protocol's parameters
            return ()

    own: Extractor = Own()

    assert choose(samples["general"], (own, *installed())) is own


def test_all_extractors_are_installed_and_the_general_one_is_last() -> None:
    names = [extractor.name for extractor in installed()]

    assert names[-1] == "general"
    assert names[:-1] == sorted(names[:-1])
    assert {"digital_micrograph", "fei_tiff", "msa", "tia"} <= set(names)


@pytest.mark.parametrize(
    "value", ["nexuslims_core.extractors.gone:extractor", "json:gone", "json:dumps"], ids=["module", "name", "protocol"]
)
def test_a_plug_in_that_cannot_be_used_stops_and_is_named(value: str) -> None:
    point = EntryPoint(name="site", value=value, group=choosing.GROUP)

    with pytest.raises(ConfigurationError, match="site"):
        choosing._loaded(point)


def test_tells_the_scan_which_files_are_opened_and_which_belong_to_them() -> None:
    assert {".dm3", ".dm4", ".tif", ".ser", ".msa", ".emd", ".mrc", ".hspy"} <= catalogue().suffixes
    assert catalogue().companions[".emi"] == {".ser", "_#.ser"}
    assert catalogue().companions[".rpl"] == {".raw"}


def test_every_suffix_is_lower_case_with_a_dot() -> None:
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in catalogue().suffixes)


@pytest.mark.slow
def test_choosing_pays_for_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    path = write_msa(tmp_path / "a.msa", [1])
    heavy = "dask hyperspy rsciio h5py tifffile matplotlib scipy pandas pint"
    script = (
        "import sys; from pathlib import Path; from nexuslims_core.extractors.choosing import choose;"
        "choose(Path(sys.argv[1])); print(*(name for name in sys.argv[2].split() if name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", script, str(path), heavy], text=True, capture_output=True, check=True)

    assert done.stdout.split() == []
