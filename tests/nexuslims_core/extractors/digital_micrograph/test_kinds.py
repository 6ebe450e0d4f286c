"""What a DigitalMicrograph image is: its kind, its axes, and the words for it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.digital_micrograph.extractor import extractor
from nexuslims_core.testing.writers.digital_micrograph import Calibration, write_dm

SourceOf = Callable[..., Source]
MakeSignal = Callable[..., Signal]


@pytest.fixture
def make_signal(tmp_path: Path, source_of: SourceOf) -> MakeSignal:
    def make(shape: tuple[int, ...] = (2, 3), units: tuple[str, ...] = (), **tags: object) -> Signal:
        nested = {name.replace("_", " "): value for name, value in tags.items()}
        calibrations = tuple(Calibration(unit=unit) for unit in units)
        data = np.zeros(shape, np.float32)
        path = write_dm(tmp_path / "a.dm4", data, tags=nested, calibrations=calibrations, version=4)
        (signal,) = extractor.read(source_of(path))
        return signal

    return make


SI = {"Meta Data": {"Format": "Spectrum image", "Signal": "EELS"}}
KINDS: dict[str, tuple[tuple[int, ...], tuple[str, ...], Mapping[str, object], SignalKind, list[tuple[str, int]]]] = {
    "image": ((2, 3), ("nm", "nm"), {}, SignalKind.IMAGE, [("y", 2), ("x", 3)]),
    "one row": ((1, 3), (), {}, SignalKind.IMAGE, [("y", 1), ("x", 3)]),
    "stack": ((4, 2, 3), (), {}, SignalKind.IMAGE_STACK, [("z", 4), ("y", 2), ("x", 3)]),
    "stack of one": ((1, 2, 3), (), {}, SignalKind.IMAGE, [("y", 2), ("x", 3)]),
    "4D": ((2, 3, 4, 5), (), {}, SignalKind.IMAGE_STACK, [("t", 2), ("z", 3), ("y", 4), ("x", 5)]),
    "plot": ((7,), (), {}, SignalKind.SPECTRUM, [("Channel", 7)]),
    "spectrum": ((7,), ("eV",), {}, SignalKind.SPECTRUM, [("Energy", 7)]),
    "spectrum in one row": (
        (1, 7),
        ("", "eV"),
        {"Meta Data": {"Format": "Spectrum"}},
        SignalKind.SPECTRUM,
        [("Energy", 7)],
    ),
    "line scan": ((5, 7), ("nm", "eV"), SI, SignalKind.LINE_SCAN, [("x", 5), ("Energy", 7)]),
    "spectrum image": (
        (7, 2, 3),
        ("eV", "nm", "nm"),
        SI,
        SignalKind.SPECTRUM_IMAGE,
        [("Energy", 7), ("y", 2), ("x", 3)],
    ),
    "spectrum image of one row": ((7, 1, 3), ("eV", "", "nm"), SI, SignalKind.LINE_SCAN, [("Energy", 7), ("x", 3)]),
    "Orsay": (
        (7, 2, 3),
        (),
        {"spim": {"eels": {"x": 1}}},
        SignalKind.SPECTRUM_IMAGE,
        [("Energy", 7), ("y", 2), ("x", 3)],
    ),
    "light": (
        (7, 2, 3),
        ("nm", "µm", "µm"),
        {"Meta Data": {"Format": "Spectrum image", "Signal": "CL"}},
        SignalKind.SPECTRUM_IMAGE,
        [("Wavelength", 7), ("y", 2), ("x", 3)],
    ),
}


@pytest.mark.parametrize(("shape", "units", "tags", "kind", "axes"), KINDS.values(), ids=KINDS)
def test_kind_and_axes_follow_the_format_tags(
    make_signal: MakeSignal,
    shape: tuple[int, ...],
    units: tuple[str, ...],
    tags: Mapping[str, object],
    kind: SignalKind,
    axes: list[tuple[str, int]],
) -> None:
    signal = make_signal(shape, units, **tags)

    assert signal.kind is kind
    assert [(axis.name, axis.size) for axis in signal.axes] == axes
    assert signal.data is not None
    assert signal.data.shape == tuple(size for _, size in axes)


def modes(illumination: str, imaging: str = "", operation: str = "") -> dict[str, object]:
    return {
        "Microscope Info": {
            "Illumination Mode": illumination,
            "Imaging Mode": imaging,
            "Operation Mode": operation,
        }
    }


CAMERA = {"Acquisition": {"Device": {"Name": "US1000"}}}
SCAN = {"DigiScan": {"Sample Time": 4.0}}
EELS = {"Meta Data": {"Signal": "EELS", "Format": "Spectrum"}}
TYPES: dict[str, tuple[tuple[int, ...], Mapping[str, object], tuple[DatasetType, str]]] = {
    "nothing said": ((2, 3), {}, (DatasetType.IMAGE, "TEM_Imaging")),
    "TEM": ((2, 3), modes("TEM", "IMAGING", "IMAGING"), (DatasetType.IMAGE, "TEM_Imaging")),
    "STEM": ((2, 3), modes("STEM NANOPROBE", "DIFFRACTION", "SCANNING") | SCAN, (DatasetType.IMAGE, "STEM_Imaging")),
    "SEM": ((2, 3), modes("SEM", "IMAGING", "SCANNING") | SCAN, (DatasetType.IMAGE, "SEM_Imaging")),
    "TEM diffraction": (
        (2, 3),
        modes("TEM", "DIFFRACTION", "DIFFRACTION"),
        (DatasetType.DIFFRACTION, "TEM_Diffraction"),
    ),
    "TEM diffraction by imaging mode": (
        (2, 3),
        modes("TEM", "DIFFRACTION"),
        (DatasetType.DIFFRACTION, "TEM_Diffraction"),
    ),
    "EFTEM diffraction": (
        (2, 3),
        modes("TEM", "EFTEM DIFFRACTION"),
        (DatasetType.DIFFRACTION, "TEM_Diffraction"),
    ),
    "camera under a probe": (
        (2, 3),
        modes("STEM", "DIFFRACTION", "SCANNING") | CAMERA,
        (DatasetType.DIFFRACTION, "STEM_Diffraction"),
    ),
    "4D-STEM": (
        (2, 2, 3, 3),
        modes("STEM", "DIFFRACTION") | SCAN | {"Meta Data": {"Format": "Diffraction image"}},
        (DatasetType.DIFFRACTION, "STEM_Diffraction"),
    ),
    "TEM EELS": ((9,), modes("TEM") | EELS, (DatasetType.SPECTRUM, "TEM_EELS")),
    "STEM EELS": ((9,), modes("STEM") | EELS, (DatasetType.SPECTRUM, "STEM_EELS")),
    "map made of EELS": (
        (2, 3),
        modes("STEM") | {"Meta Data": {"Signal": "EELS", "Format": "Image"}},
        (DatasetType.IMAGE, "STEM_EELS"),
    ),
    "EELS spectrum image": ((9, 2, 3), modes("STEM") | SI, (DatasetType.SPECTRUM_IMAGE, "STEM_EELS_Spectrum_Imaging")),
    "spectrum image of an unknown beam": ((9, 2, 3), SI, (DatasetType.SPECTRUM_IMAGE, "EELS_Spectrum_Imaging")),
    "EDS spectrum image": (
        (9, 2, 3),
        modes("STEM") | {"Meta Data": {"Format": "Spectrum image", "Signal": "X-ray"}},
        (DatasetType.SPECTRUM_IMAGE, "STEM_EDS_Spectrum_Imaging"),
    ),
    "EDS": ((9,), modes("STEM") | {"EDS": {"Live time": 1.0}}, (DatasetType.SPECTRUM, "STEM_EDS")),
    "some spectrum image": (
        (9, 2, 3),
        {"Meta Data": {"Format": "Spectrum image"}},
        (DatasetType.SPECTRUM_IMAGE, "Spectrum_Imaging"),
    ),
    "light": (
        (9,),
        modes("SEM") | {"Meta Data": {"Signal": "CL", "Format": "Spectrum"}},
        (DatasetType.SPECTRUM, "SEM_CL"),
    ),
    "plot": ((9,), {}, (DatasetType.MISC, "Plot")),
}


@pytest.mark.parametrize(("shape", "tags", "expected"), TYPES.values(), ids=TYPES)
def test_types_follow_the_modes_of_the_microscope(
    make_signal: MakeSignal, shape: tuple[int, ...], tags: Mapping[str, object], expected: tuple[DatasetType, str]
) -> None:
    signal = make_signal(shape, **tags)

    assert (signal.metadata.dataset_type, signal.metadata.data_type) == expected


@pytest.mark.parametrize("unit", ["1/nm", "1/Å", "mrad"])
def test_a_camera_calibrated_in_reciprocal_lengths_or_angles_saw_diffraction(
    make_signal: MakeSignal, unit: str
) -> None:
    signal = make_signal((2, 3), (unit, unit), **CAMERA)

    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.DIFFRACTION, "TEM_Diffraction")


@pytest.mark.parametrize(("signal", "kind"), [("Pulse 0", "SEM_CL"), ("", "SEM_CL"), ("SE2", "SEM_Imaging")])
def test_a_scanned_image_of_a_spectrometer_for_light_is_one_of_light(
    make_signal: MakeSignal, signal: str, kind: str
) -> None:
    taken = make_signal(
        Acquisition={"Monarc Spectrometer": {"Grating": "300"}},
        DataBar={"Signal Name": signal},
        DigiScan={"Rotation": 0.0},
        Meta_Data={"Format": "Image", "Signal": "DigiScan"},
        Microscope_Info={"Illumination Mode": "SEM"},
    )

    assert (taken.metadata.dataset_type, taken.metadata.data_type) == (DatasetType.IMAGE, kind)


def test_a_computed_transform_is_no_diffraction_pattern(make_signal: MakeSignal) -> None:
    signal = make_signal((2, 3), ("1/nm", "1/nm"))

    assert signal.metadata.dataset_type is DatasetType.IMAGE


def test_a_name_never_makes_a_diffraction_pattern(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_dm(tmp_path / "SAED_DP_Diff.dm3", np.zeros((2, 2), np.int16), name="DP diffraction")

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.data_type == "TEM_Imaging"
