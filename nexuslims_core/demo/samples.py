"""The demo's instrument files: synthetic pictures and spectra in real formats, the same bytes at every run."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.testing.writers.digital_micrograph import Calibration, write_dm
from nexuslims_core.testing.writers.fei_tiff import write_fei_tiff
from nexuslims_core.testing.writers.hspy import write_hspy
from nexuslims_core.testing.writers.msa import write_msa
from nexuslims_core.testing.writers.text import write_text

PIXELS = 384
PAUSE_S = 60.0
"""Times further apart than this belong to different groups of the published example."""

Image = NDArray[np.float64]


def write_eels_session(store: Path, below: str, times: Sequence[float]) -> tuple[str, ...]:
    """Write the published example: at each position an overview, a HAADF signal and an EELS spectrum image.

    Parameters
    ----------
    store, below
        The file store, and the folder below it that the files go to.
    times
        Modification times, epoch seconds, ascending.

    Returns
    -------
    names
        Paths below the file store, one for each time.
    """
    folder = _folder(store, below)
    paths = []
    for position, group in enumerate(_groups(times), start=1):
        for kind, mtime in zip(("survey", "HAADF", "EELS SI")[-len(group) :], group, strict=True):
            path = folder / f"{position:02d} {kind}.{'dm4' if kind == 'EELS SI' else 'dm3'}"
            paths.append(_EELS_SESSION[kind](path, position, mtime))
    return _below(store, paths)


def write_sem_session(store: Path, below: str, begun: datetime) -> tuple[str, ...]:
    """Write a mixed session: images, X-ray spectra, a map, notes, and one file whose copy was cut short."""
    folder = _folder(store, below)
    start = begun.timestamp()
    paths = [_sem_image(folder, i, start + 20 * i) for i in range(5)]
    paths += [_sem_image(folder, i, start + 2400 + 25 * i) for i in range(5, 8)]
    paths += [_xray_spectrum(folder / f"point {i}.msa", i, start + 4200 + 40 * i) for i in (1, 2)]
    paths.append(_xray_map(folder / "map.hspy", start + 4330))
    paths.append(write_text(folder / "notes.txt", _NOTES, mtime=start + 4400))
    paths.append(_cut_short(folder / "interrupted copy.tif", start + 2490))
    return _below(store, paths)


def write_unbooked_session(store: Path, below: str, begun: datetime) -> tuple[str, ...]:
    """Write an evening's session: images, then diffraction patterns."""
    folder = _folder(store, below)
    start = begun.timestamp()
    paths = [_tem_image(folder / f"grain {i}.dm3", i, start + 15 * i) for i in range(1, 5)]
    paths += [_diffraction(folder / f"DP {i}.dm3", i, start + 1500 + 20 * i) for i in range(1, 4)]
    return _below(store, paths)


def _groups(times: Sequence[float]) -> Iterator[list[float]]:
    group = [times[0]]
    for before, time in pairwise(times):
        if time - before > PAUSE_S:
            yield group
            group = []
        group.append(time)
    yield group


def _folder(store: Path, below: str) -> Path:
    folder = store / below
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _below(store: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(str(path.relative_to(store)) for path in paths)


def _grid(size: int = PIXELS) -> tuple[Image, Image]:
    side = np.linspace(-1.0, 1.0, size)
    y, x = np.meshgrid(side, side, indexing="ij")
    return y, x


def _particles(seed: int, count: int, radius: float, size: int = PIXELS) -> Image:
    """Return round particles on a noisy support, shape ``(size, size)``."""
    chance = np.random.default_rng(seed)
    y, x = _grid(size)
    image = chance.normal(40.0, 6.0, (size, size))
    for cy, cx, r in zip(*chance.uniform(-1, 1, (2, count)), chance.uniform(0.4, 1.0, count) * radius, strict=True):
        thickness = np.clip(1 - ((y - cy) ** 2 + (x - cx) ** 2) / r**2, 0, None)
        image += 160 * np.sqrt(thickness)
    return image


def _interface(seed: int, size: int) -> Image:
    """Return an interface between two crystals with their atomic rows, shape ``(size, size)``, from 0 to 1."""
    chance = np.random.default_rng(seed)
    y, x = _grid(size)
    step = 0.5 + 0.4 * np.tanh(12 * (y + 0.05 * np.sin(7 * x + seed)))
    rows = (1 + np.cos(70 * y)) * (1 + np.cos(70 * x)) / 4
    lit: Image = np.clip(step * (0.35 + 0.65 * rows) + chance.normal(0, 0.03, (size, size)), 0, 1)
    return lit


def _titan(mode: str, illumination: str, position: int, magnification: float) -> dict[str, object]:
    return {
        "Microscope Info": {
            "Voltage": 300000.0,
            "Operation Mode": mode,
            "Illumination Mode": illumination,
            "Imaging Mode": "DIFFRACTION" if mode == "DIFFRACTION" else "IMAGING",
            "Indicated Magnification": magnification,
            "Cs(mm)": 1.2,
            "Microscope": "FEI Titan",
            "Operator": "ada",
            "Specimen": "LNO-17",
            "Stage Position": {
                "Stage X": 12.4 + 1.5 * position,
                "Stage Y": -80.25,
                "Stage Z": 31.0,
                "Stage Alpha": -3.5,
                "Stage Beta": 1.25,
            },
        },
        "GMS Version": {"Created": "3.21.1374.0"},
    }


def _survey(path: Path, position: int, mtime: float) -> Path:
    tags = _titan("SCANNING", "STEM NANOPROBE", position, 28500.0)
    tags["DataBar"] = {"Device Name": "DigiScan", "Signal Name": "HAADF"}
    tags["DigiScan"] = {"Sample Time": 4.0}
    data = _particles(position, 9, 0.3).astype(np.float32)
    nm = Calibration(scale=2.1, unit="nm")
    return write_dm(path, data, tags=tags, calibrations=(nm, nm), name=f"Survey {position}", mtime=mtime)


def _haadf(path: Path, position: int, mtime: float) -> Path:
    tags = _titan("SCANNING", "STEM NANOPROBE", position, 910000.0)
    tags["DataBar"] = {"Device Name": "DigiScan", "Signal Name": "HAADF"}
    tags["DigiScan"] = {"Sample Time": 12.0}
    data = (_interface(position, PIXELS) * 30000).astype(np.int16)
    nm = Calibration(scale=0.031, unit="nm")
    return write_dm(path, data, tags=tags, calibrations=(nm, nm), name=f"HAADF {position}", mtime=mtime)


def _eels_map(path: Path, position: int, mtime: float) -> Path:
    """Write a spectrum image, shape ``(energy, y, x)``: O K at 532 eV, Ni L at 855 eV where the nickelate is."""
    tags = _titan("SCANNING", "STEM NANOPROBE", position, 910000.0)
    tags["Meta Data"] = {"Format": "Spectrum image", "Signal": "EELS", "Acquisition Mode": "Parallel dispersive"}
    tags["EELS"] = {
        "Acquisition": {"Exposure (s)": 0.05, "Number of frames": 1},
        "Experimental Conditions": {"Collection semi-angle (mrad)": 39.0, "Convergence semi-angle (mrad)": 13.0},
    }
    tags["SI"] = {"Acquisition": {"Pixel time (s)": 0.05, "Spatial Sampling": {"Height": 24, "Width": 24}}}
    chance = np.random.default_rng(100 + position)
    energy = 480.0 + 1.6 * np.arange(288)
    nickel = _interface(position, 24)
    background = 4e4 * (energy / 480.0) ** -2.8
    oxygen = 2400 * (energy > 532) * np.exp(-(energy - 532) / 160)
    edge = 6000 * np.exp(-(((energy - 857) / 5) ** 2)) + 900 * (energy > 855)
    counts = (background + oxygen)[:, None, None] + edge[:, None, None] * nickel
    data = chance.poisson(counts).astype(np.float32)
    nm, ev = Calibration(scale=0.5, unit="nm"), Calibration(origin=-300.0, scale=1.6, unit="eV")
    return write_dm(
        path, data, tags=tags, calibrations=(ev, nm, nm), name=f"EELS SI {position}", version=4, mtime=mtime
    )


_EELS_SESSION: Mapping[str, Callable[[Path, int, float], Path]] = {
    "survey": _survey,
    "HAADF": _haadf,
    "EELS SI": _eels_map,
}


def _tem_image(path: Path, number: int, mtime: float) -> Path:
    tags = _titan("IMAGING", "TEM", number, 38000.0)
    tags["Acquisition"] = {"Parameters": {"High Level": {"Exposure (s)": 0.5, "Binning": (2, 2)}}}
    tags["DataBar"] = {"Device Name": "Orius SC200D"}
    data = np.clip(400 - _particles(200 + number, 14, 0.22), 0, None).astype(np.uint16)
    nm = Calibration(scale=1.1, unit="nm")
    return write_dm(path, data, tags=tags, calibrations=(nm, nm), name=f"Grain {number}", mtime=mtime)


def _diffraction(path: Path, number: int, mtime: float) -> Path:
    tags = _titan("DIFFRACTION", "TEM", number, 0.0)
    tags["DataBar"] = {"Device Name": "Orius SC200D", "Exposure Time (s)": 0.2}
    y, x = _grid()
    angle = np.deg2rad(11 * number)
    u, v = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    r = np.hypot(x, y)
    spots = np.exp(-((np.sin(np.pi * u / 0.18) ** 2 + np.sin(np.pi * v / 0.18) ** 2) / 0.02)) * np.exp(
        -((r / 0.5) ** 2)
    )
    data = (200 + 9000 * spots + 1500 * np.exp(-((r / 0.12) ** 2))).astype(np.uint16)
    scale = Calibration(origin=PIXELS / 2, scale=0.05, unit="1/nm")
    return write_dm(path, data, tags=tags, calibrations=(scale, scale), name=f"DP {number}", mtime=mtime)


def _quanta(number: int) -> dict[str, dict[str, object]]:
    width_m = 256e-6 / (1 + number // 5)
    return {
        "User": {"Date": "03/12/2024", "Time": f"{9 + number // 5:02d}:{5 + number:02d}:00 AM", "User": "ben"},
        "System": {
            "Type": "SEM",
            "SystemType": "Quanta 200 FEG",
            "Software": "6.2.6",
            "BuildNr": 3123,
            "Column": "FEG",
        },
        "Beam": {"HV": 15000, "Spot": 3.5, "Beam": "EBeam", "Scan": "EScan"},
        "EBeam": {
            "HV": 15000,
            "HFW": width_m,
            "VFW": width_m,
            "WD": 0.0101 + 1e-5 * number,
            "EmissionCurrent": 0.000118,
            "StageX": 0.0124 + 1e-4 * number,
            "StageY": -0.0031,
            "StageZ": 0.0101,
            "StageR": 0.5,
            "StageTa": 0.0,
        },
        "Scan": {
            "InternalScan": "true",
            "Dwelltime": 3e-05,
            "PixelWidth": width_m / PIXELS,
            "PixelHeight": width_m / PIXELS,
        },
        "EScan": {
            "Dwell": 3e-05,
            "FrameTime": 4.9,
            "PixelWidth": width_m / PIXELS,
            "PixelHeight": width_m / PIXELS,
            "HorFieldsize": width_m,
            "VerFieldsize": width_m,
        },
        "Image": {"ResolutionX": PIXELS, "ResolutionY": PIXELS, "DriftCorrected": "Off", "Integrate": 1},
        "Vacuum": {"ChPressure": 8.2e-4, "UserMode": "High vacuum"},
        "Specimen": {"Temperature": 293.4},
        "Detectors": {"Number": 1, "Name": "ETD", "Mode": "SE"},
        "ETD": {"Contrast": 55.2, "Brightness": 41.7, "Signal": "SE", "Grid": 250},
    }


def _sem_image(folder: Path, number: int, mtime: float) -> Path:
    """Write a fracture surface; one name needs care on its way into XML and a link."""
    name = "dimples & <facets>" if number == 3 else f"fracture {number}"
    y, x = _grid()
    chance = np.random.default_rng(300 + number)
    relief = sum(np.cos(k * (x * np.cos(a) + y * np.sin(a)) + p) / k for k, a, p in chance.uniform(2, 30, (24, 3)))
    shaded = np.gradient(np.asarray(relief), axis=0)
    grey = (shaded - shaded.min()) / np.ptp(shaded) * 220 + chance.normal(12, 5, x.shape)
    return write_fei_tiff(
        folder / f"{name}.tif", np.clip(grey, 0, 255).astype(np.uint8), metadata=_quanta(number), mtime=mtime
    )


def _xray_lines(seed: int, size: int = 1024) -> Image:
    """Return an X-ray spectrum of a steel, 10 eV a channel."""
    kev = 0.01 * np.arange(size)
    counts = 90 * np.exp(-kev / 3) * (kev > 0.15)
    for line, height in ((0.705, 400), (5.41, 330), (5.95, 60), (6.40, 900), (7.06, 130), (7.47, 110), (2.29, 60)):
        counts = counts + height * np.exp(-(((kev - line) / 0.055) ** 2))
    return np.random.default_rng(seed).poisson(counts).astype(np.float64)


def _xray_spectrum(path: Path, number: int, mtime: float) -> Path:
    header = {
        "TITLE": f"Point {number}",
        "DATE": "12-MAR-2024",
        "TIME": f"10:{15 + number}",
        "OWNER": "ben",
        "XUNITS": "keV",
        "YUNITS": "counts",
        "XPERCHAN": 0.01,
        "OFFSET": 0.0,
        "SIGNALTYPE": "EDS",
        "BEAMKV   -kV": 15.0,
        "LIVETIME  -s": 60.0,
        "REALTIME  -s": 71.3,
        "ELEVANGLE-dg": 35.0,
    }
    return write_msa(path, _xray_lines(400 + number).tolist(), header=header, mtime=mtime)


def _xray_map(path: Path, mtime: float) -> Path:
    chance = np.random.default_rng(500)
    amount = np.clip(_particles(501, 6, 0.5, size=32) / 200, 0.1, None)
    data = chance.poisson(amount[..., None] * _xray_lines(502, 512) / 8).astype(np.uint16)
    axes = [
        {"name": "y", "scale": 0.5, "units": "µm", "navigate": True},
        {"name": "x", "scale": 0.5, "units": "µm", "navigate": True},
        {"name": "Energy", "scale": 0.01, "units": "keV", "navigate": False},
    ]
    metadata = {
        "General": {"title": "Map of a facet", "date": "2024-03-12", "time": "10:17:00"},
        "Signal": {"signal_type": "EDS_SEM"},
        "Acquisition_instrument": {"SEM": {"beam_energy": 15.0, "magnification": 2500.0}},
    }
    return write_hspy(path, data, metadata=metadata, axes=axes, mtime=mtime)


def _cut_short(path: Path, mtime: float) -> Path:
    """Write the first third of an image's file, as an interrupted copy leaves it."""
    _sem_image(path.parent, 99, mtime).rename(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 3)
    os.utime(path, (mtime, mtime))
    return path


_NOTES = """\
316L tensile bar 4, 500 h at 650 °C
fracture 0-4: overview, dimples everywhere
fracture 5-7: facets near the rim
point 1: matrix, point 2: precipitate
"""
