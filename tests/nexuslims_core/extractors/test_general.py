"""Formats that RosettaSciIO reads: which reader, what becomes of axes and metadata, and what damaged files do."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.general import extractor
from nexuslims_core.extractors.rosetta import reading as rosetta
from nexuslims_core.extractors.rosetta.signals import ForeignData
from nexuslims_core.quantities import Quantity
from nexuslims_core.testing.writers.hspy import write_hspy

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
Read = Callable[..., Signal]

SWEEP = """
import json, resource, sys, time
from datetime import UTC
from pathlib import Path
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.rosetta import reading as rosetta
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.files.models import FoundFile

resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
for name in sys.stdin.read().splitlines():
    path, began = Path(name), time.process_time()
    answer = {"path": name, "extractor": choose(path).name, "signals": 0, "reason": "", "other": ""}
    stat = path.stat()
    try:
        source = Source(file=FoundFile(path=path, size=stat.st_size, mtime=stat.st_mtime), zone=UTC)
        signals = choose(path).read(source)
        answer["signals"] = len(signals)
        assert all(signal.metadata.creation_time for signal in signals)
    except ExtractionError as error:
        answer["reason"] = error.reason
    except BaseException as error:
        answer["other"] = repr(error)
    answer["seconds"] = time.process_time() - began
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def read(tmp_path: Path, source_of: SourceOf) -> Read:
    """Write a HyperSpy file and read it back."""

    def write_and_read(
        data: NDArray[Any], metadata: dict[str, Any] | None = None, *, zone: tzinfo = UTC, **options: Any
    ) -> Signal:
        path = write_hspy(tmp_path / "a.hspy", data, metadata=metadata or {"Signal": {}}, **options)
        (signal,) = extractor.read(source_of(path, zone=zone))
        return signal

    return write_and_read


@pytest.mark.parametrize(
    ("navigate", "kind"),
    [
        ([False], SignalKind.SPECTRUM),
        ([True, False], SignalKind.LINE_SCAN),
        ([True, True, False], SignalKind.SPECTRUM_IMAGE),
        ([False, False], SignalKind.IMAGE),
        ([True, False, False], SignalKind.IMAGE_STACK),
        ([True, True, False, False], SignalKind.IMAGE_STACK),
    ],
    ids=["spectrum", "line", "map", "image", "series", "4D"],
)
def test_tells_pictures_from_spectra_by_the_axes(read: Read, navigate: list[bool], kind: SignalKind) -> None:
    shape = tuple(range(2, 2 + len(navigate)))

    signal = read(np.zeros(shape), axes=[{"navigate": flag} for flag in navigate])

    assert signal.kind is kind
    assert tuple(axis.size for axis in signal.axes) == shape


def test_puts_the_axes_of_the_scan_first(read: Read, numbers_of: NumbersOf) -> None:
    data = np.arange(24.0).reshape(4, 2, 3)
    axes = [{"name": "Energy"}, {"name": "y", "navigate": True}, {"name": "x", "navigate": True}]

    signal = read(data, axes=axes)

    assert [axis.name for axis in signal.axes] == ["y", "x", "Energy"]
    assert np.array_equal(numbers_of(signal, 1, 2), data[:, 1, 2])


def test_names_the_settings_with_their_units(read: Read) -> None:
    tem = {"beam_energy": 200.0, "magnification": 1e5, "camera_length": 135.0, "Stage": {"x": 0.5, "tilt_alpha": 5.0}}

    signal = read(np.zeros((2, 2)), {"Signal": {}, "Acquisition_instrument": {"TEM": tem}})

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=200.0, unit="kV")
    assert entries["Magnification"] == 1e5
    assert entries["Stage Position α"] == Quantity(value=5.0, unit="degree")


def test_leaves_out_what_a_program_was_not_told(read: Read) -> None:
    tem = {"beam_energy": 0.0, "magnification": 0, "beam_current": 0.0}

    metadata = read(np.zeros((2, 2)), {"Signal": {}, "Acquisition_instrument": {"TEM": tem}}).metadata

    assert metadata.entries.keys() == {"Data Dimensions", "Beam Current"}
    assert metadata.notes == tuple(
        f"left out {name}, which the file gives as 0" for name in ("Voltage", "Magnification")
    )


@pytest.mark.parametrize(
    ("signal_type", "shape", "dataset_type", "data_type"),
    [
        ("EELS", (5,), DatasetType.SPECTRUM, "TEM_EELS"),
        ("EELS", (2, 5), DatasetType.SPECTRUM_IMAGE, "TEM_EELS_Spectrum_Imaging"),
        ("electron_diffraction", (2, 5), DatasetType.DIFFRACTION, "TEM_Diffraction"),
        ("", (2, 5), DatasetType.IMAGE, "TEM_Imaging"),
    ],
)
def test_names_the_kind_of_data(
    read: Read, signal_type: str, shape: tuple[int, ...], dataset_type: DatasetType, data_type: str
) -> None:
    tree = {"Signal": {"signal_type": signal_type}, "Acquisition_instrument": {"TEM": {"beam_energy": 200.0}}}
    axes = [{"navigate": signal_type == "EELS" and i < len(shape) - 1} for i in range(len(shape))]

    signal = read(np.zeros(shape), tree, axes=axes)

    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (dataset_type, data_type)


@pytest.mark.parametrize(
    ("general", "made"),
    [
        ({"date": "2020-02-23", "time": "12:00:00"}, datetime(2020, 2, 23, 3, tzinfo=UTC)),
        ({"date": "2020-02-23", "time": "12:00:00", "time_zone": "UTC"}, datetime(2020, 2, 23, 12, tzinfo=UTC)),
        ({"date": "2020-02-23", "time": "12:00:00+02:00"}, datetime(2020, 2, 23, 10, tzinfo=UTC)),
    ],
    ids=["no zone", "a zone beside it", "a zone in it"],
)
def test_takes_the_date_in_the_zone_that_is_stated(read: Read, general: dict[str, str], made: datetime) -> None:
    signal = read(np.zeros((2, 2)), {"General": general}, zone=ZoneInfo("Asia/Tokyo"))

    assert signal.metadata.creation_time == made


@pytest.mark.parametrize(
    "general", [{"date": "14.10.2014"}, {"date": "0201-08-31", "time": "12:00"}, {"date": "2020-02-23"}]
)
def test_notes_a_date_that_it_does_not_believe(read: Read, general: dict[str, str]) -> None:
    signal = read(np.zeros((2, 2)), {"General": general}, mtime=1_542_135_802.0)

    assert signal.metadata.creation_time == datetime(2018, 11, 13, 19, 3, 22, tzinfo=UTC)
    assert signal.metadata.notes


@pytest.mark.parametrize(
    ("said", "shown"),
    [("thickness $t/\\lambda$", "thickness t/λ"), ("$e^-$", "e⁻"), ("5 $ and 6", "5 $ and 6"), ("__unnamed__", "a")],
)
def test_titles_are_for_people(read: Read, said: str, shown: str) -> None:
    assert read(np.zeros((2, 2)), {"General": {"title": said}}).title == shown


def test_knows_a_format_under_a_wrong_suffix(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_hspy(tmp_path / "a.hspy", np.zeros((2, 2)), metadata={"General": {"title": "Map"}})
    wrong = path.rename(tmp_path / "a.h5")

    (signal,) = extractor.read(source_of(wrong))

    assert signal.title == "Map"


def test_leaves_numbers_in_the_file_that_lie_there_in_one_piece(
    tmp_path: Path, source_of: SourceOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    import h5py

    monkeypatch.setattr(rosetta, "MOST_BYTES_READ_WHOLE", 0)
    numbers = np.arange(12.0).reshape(3, 4)
    path = write_hspy(tmp_path / "a.hspy", numbers, metadata={"Signal": {}})
    with h5py.File(path, "r+") as file:
        del file["Experiments/signal/data"]
        file["Experiments/signal"].create_dataset("data", data=numbers)

    (signal,) = extractor.read(source_of(path))

    assert isinstance(signal.data, ForeignData)
    assert np.concatenate(list(signal.data.blocks())).tolist() == numbers.tolist()


def test_refuses_numbers_that_the_file_cannot_hold(tmp_path: Path, source_of: SourceOf) -> None:
    import h5py

    path = write_hspy(tmp_path / "a.hspy", np.zeros((2, 2)), metadata={"Signal": {}})
    with h5py.File(path, "r+") as file:
        del file["Experiments/signal/data"]
        file["Experiments/signal"].create_dataset("data", (10**5, 10**5), np.float64, chunks=(100, 100))

    with pytest.raises(ExtractionError, match="100000 × 100000"):
        extractor.read(source_of(path))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.emd", b""),
        ("a.hspy", b"\x89HDF\r\n\x1a\n" + bytes(600)),
        ("a.tif", b"MM\x00*\x00\x00\x00\x08\x00\x00"),
        ("a.wdf", b"WDF1" + bytes(8)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_file_ends_in_one_error_with_a_reason(
    tmp_path: Path, source_of: SourceOf, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ExtractionError) as caught:
        extractor.read(source_of(path))

    assert len(caught.value.reason) > len("is empty") - 1


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("delmic/sparc-hyperspectral-spot.h5", "delmic"),
        ("hspy/example1_v1.2.hdf5", "hspy"),
        ("protochips_csv/protochips_gas_cell_no_user.csv", "protochips"),
        ("impulse_csv/StubExperiment_Heat raw.csv", "impulse"),
        ("hamamatsu_img/focus_mode.img", "hamamatsu"),
        ("mrc/EMD-3001.map", None),
        ("empad/stack_images.xml", None),
        ("ebsd_h5/EBSD_TEST_Ni.h5", None),
        ("impulse_csv/random_csv_file.csv", None),
    ],
)
def test_chooses_the_reader_by_content(all_em_files: Path, name: str, reader: str | None) -> None:
    from nexuslims_core.extractors.rosetta.readers import reader_of

    path = all_em_files / name

    assert reader_of(path, path.read_bytes()[:4096]) == reader


def test_completes_the_tree_from_the_formats_own(all_em_files: Path, source_of: SourceOf) -> None:
    path = all_em_files / "emd_velox" / "fei_emd_image.emd"

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.entries["Voltage"] == Quantity(value=200.0, unit="kV")
    assert signal.metadata.creation_time == datetime(2017, 3, 6, 9, 56, 41, tzinfo=UTC)


@pytest.mark.parametrize("suffix", [".hspy", ".emd", ".mrc", ".tif", ".bcf", ".mib", ".nxs"])
def test_reading_never_writes(all_em_files: Path, tmp_path: Path, source_of: SourceOf, suffix: str) -> None:
    original = min(all_em_files.rglob(f"*{suffix}"), key=lambda path: path.stat().st_size)
    path = tmp_path / original.name
    path.write_bytes(original.read_bytes())
    path.chmod(0o444)

    with contextlib.suppress(ExtractionError):
        choose(path).read(source_of(path))

    assert path.read_bytes() == original.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_every_real_file_is_read_or_refused_with_a_reason(all_em_files: Path) -> None:
    paths = sorted(path for path in all_em_files.rglob("*") if path.is_file())

    answers = in_a_child_process(paths)

    assert [answer["path"] for answer in answers] == [str(path) for path in paths]
    assert [answer for answer in answers if answer["other"]] == []
    assert all(answer["signals"] or answer["reason"] for answer in answers)


@pytest.mark.slow
def test_reads_what_the_list_of_real_files_says_is_readable(all_em_files: Path) -> None:
    import csv

    with (all_em_files / "MANIFEST.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["load_status"].startswith("ok") and row["n_signals"]]
    expected = {str(all_em_files / row["path"]): int(row["n_signals"]) for row in rows}

    answers = in_a_child_process([Path(name) for name in expected if not name.endswith((".dm3", ".dm4"))])

    unread = [answer for answer in answers if not answer["signals"]]
    assert [Path(answer["path"]).name for answer in unread if "needs the Python package" not in answer["reason"]] == []


def in_a_child_process(paths: list[Path]) -> list[dict[str, Any]]:
    """Read files where a reader may crash or fill the memory, and return one answer a file."""
    names = "\n".join(map(str, paths))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SWEEP],
        input=names,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
