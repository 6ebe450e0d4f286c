"""What kind of data a signal is, told by the type that its reader states, its instrument and its axes.

Signal types are those of HyperSpy and its extensions (eXSpy, LumiSpy, pyXem, kikuchipy, HoloSpy); capital letters and
underscores in them do not matter.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Axis
from nexuslims_core.extractors.rosetta.values import Tree, at

Kind = tuple[DatasetType, str]

_TECHNIQUES = {
    "eds": "EDS",
    "edstem": "EDS",
    "edssem": "EDS",
    "eels": "EELS",
    "temeels": "EELS",
    "cl": "CL",
    "clsem": "CL",
    "clstem": "CL",
    "clspectrum": "CL",
    "pl": "PL",
    "el": "EL",
    "raman": "Raman",
    "luminescence": "Luminescence",
    "lumitransient": "Luminescence",
    "transient": "Luminescence",
    "lumitransientspectrum": "Luminescence",
    "transientspec": "Luminescence",
    "ms": "Mass",
    "fib-sims": "FIB_SIMS",
    "hologram": "Holography",
}
_DIFFRACTION = frozenset({"diffraction", "diffraction2d", "electrondiffraction", "electrondiffraction2d"})
_EBSD = {
    **dict.fromkeys(("ebsd", "ebsdmasterpattern", "ecpmasterpattern"), DatasetType.DIFFRACTION),
    "virtualbseimage": DatasetType.IMAGE,
}
_RECIPROCAL = frozenset({"1/nm", "1/Å", "1/µm", "mrad", "1/pm"})


def classify(tree: Tree, axes: Sequence[Axis], steps: int, *, is_complex: bool = False) -> Kind:
    """Return the record's type of dataset, and the words for its data.

    Parameters
    ----------
    tree
        ``metadata`` of a dictionary that a RosettaSciIO reader returned.
    axes
        All axes, those over which the signal was repeated first.
    steps
        How many those are.
    """
    kind = str(at(tree, "Signal.signal_type") or "").lower().replace("_", "")
    beam, technique = beam_of(tree, kind), _TECHNIQUES.get(kind, "")
    size = len(axes) - steps
    if kind in _EBSD:
        return _EBSD[kind], "SEM_EBSD"
    if kind in _DIFFRACTION or (size == 2 and not is_complex and _is_reciprocal(tree, axes[steps:])):
        return DatasetType.DIFFRACTION, "4D_STEM" if steps == 2 and size == 2 else joined(beam, "Diffraction")
    if size == 1:
        return _spectral(axes[-1], steps, beam, technique)
    if size == 2 or steps > 1:
        return DatasetType.IMAGE, joined(beam, technique or "Imaging")
    return DatasetType.MISC, joined(beam, technique or "Data")


def beam_of(tree: Tree, kind: str = "") -> str:
    """Return TEM, STEM, SEM or FIB; empty where the file does not tell."""
    instruments = at(tree, "Acquisition_instrument")
    names = set(instruments) if isinstance(instruments, Mapping) else set()
    if names & {"STEM", "CL_STEM"} or kind == "clstem":
        return "STEM"
    if "TEM" in names or kind in {"edstem", "temeels"}:
        return "STEM" if "STEM" in str(at(tree, "Acquisition_instrument.TEM.acquisition_mode")).upper() else "TEM"
    return "SEM" if names & {"SEM", "FESEM", "CL_SEM"} or kind in {"edssem", "clsem"} else ""


def joined(*said: str) -> str:
    """Join words that say something with an underscore."""
    return "_".join(word for word in said if word)


def _spectral(axis: Axis, steps: int, beam: str, technique: str) -> Kind:
    if not technique and axis.name.lower().startswith("raman"):
        technique = "Raman"
    if not technique and not steps and axis.unit in {"s", "ms", "µs", "ns"}:
        return DatasetType.MISC, joined(beam, "Time_Series")
    if steps:
        return DatasetType.SPECTRUM_IMAGE, joined(beam, technique, "Spectrum_Imaging")
    return DatasetType.SPECTRUM, joined(beam, technique or "Spectrum")


def _is_reciprocal(tree: Tree, axes: Sequence[Axis]) -> bool:
    """Tell patterns by the units of both axes; transforms of images have such units too, and say what they are."""
    title: Any = at(tree, "General.title")
    return all(axis.unit in _RECIPROCAL for axis in axes) and "fft" not in str(title).lower()
