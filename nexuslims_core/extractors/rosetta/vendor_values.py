"""What RosettaSciIO's readers leave in the formats' own trees, read by read: values, times and kinds.

Named: Delmic (Odemis), Renishaw, DENS Impulse and Digiheater, Hamamatsu, Berkeley EMD with PRISM's simulations, NeXus.
The trees of all other readers are complete in RosettaSciIO's own words (``names.py``).
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nexuslims_core.datasets.cleaning import clean_value
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.rosetta.kinds import Kind, joined
from nexuslims_core.extractors.rosetta.names import DOUBTFUL
from nexuslims_core.extractors.rosetta.values import Tree, at, named, unnamed
from nexuslims_core.extractors.rosetta.vendor_names import ROWS, SIMULATION
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.quantities import MetadataValue, Quantity

Read = Mapping[str, Any]
Named = Callable[[Read, Signal], Signal]

SOONER: Mapping[str, tuple[Mapping[str, Any], ...]] = {"nexus": ({"nxdata_only": True},)}
"""By reader: what it is told first, so that the axes of data and the logs of motors are no datasets of their own; if
the file then holds nothing, it is read without."""

_NX_SAYS_NOTHING = frozenset({"instrument", "scannables", "value"})
_ELECTRON_IMAGES = ("secondary electron", "anchor region", "sem ", "survey")
_ANCHOR = "anchor region"
_SIZES = frozenset({"Pixel Width", "Pixel Height", "Step Size", "Step Size X", "Step Size Y"})
_PRISMATIC = {"nm": 0.1, "mrad": 1e3}
"""By the unit that Prismatic writes: what its numbers have to be multiplied with to be in it."""


def options_of(reader: str, path: Path) -> Mapping[str, Any]:
    """Return what a reader has to be told: to give all that a file holds, and not to open it for writing."""
    if reader == "delmic":
        return {"signal": "all"}  # it would leave out the electron images
    return {"mode": "r"} if reader == "zspy" and path.is_dir() else {}


def without_by_products(reader: str, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Return the signals without those that Odemis only steers by: drift anchors, and the electrons of one spot."""
    if reader != "delmic":
        return signals
    kept = tuple(one for one in signals if one.axes and not one.title.lower().startswith(_ANCHOR))
    return kept or signals


def naming(reader: str, source: Source) -> Named:
    """Return what completes a signal with what its format's own tree says."""

    def complete(read: Read, signal: Signal) -> Signal:
        tree = read.get("original_metadata") or {}
        own = tree if isinstance(tree, Mapping) else {}
        metadata = _with_values(signal.metadata, dict(_values(reader, own, signal.metadata)))
        if reader in _KINDS:
            dataset_type, data_type = _KINDS[reader](own, signal)
            metadata = replace(metadata, dataset_type=dataset_type, data_type=data_type)
        made = _MADE[reader](own) if reader in _MADE else None
        if made is not None:
            taken, notes = creation_time(source, made)
            metadata = replace(metadata, creation_time=taken, notes=(*metadata.notes, *notes))
        signal = replace(signal, metadata=metadata)
        if reader == "dens":  # which counts seconds since midnight
            signal = replace(signal, axes=tuple(replace(axis, offset=0.0) for axis in signal.axes))
        return _prismatic_units(signal) if at(own, SIMULATION) else signal

    return complete


def _prismatic_units(signal: Signal) -> Signal:
    """Mend the axes of simulations: Prismatic counts in Å and rad and writes ``n_m`` and ``mrad`` beside.

    That is plain from the size of its cell, which it states in Å and which its slices fill to the last pixel, and from
    the step of its detector's angles. Places that it calls Å are in Å.
    """
    axes = tuple(_scaled(axis, _PRISMATIC[axis.unit]) if axis.unit in _PRISMATIC else axis for axis in signal.axes)
    entries = {
        name: Quantity(value=float(f"{0.1 * value.value:.12g}"), unit="nm")
        if isinstance(value, Quantity) and value.unit == "nm" and name in _SIZES
        else value
        for name, value in signal.metadata.entries.items()
    }
    return replace(signal, axes=axes, metadata=replace(signal.metadata, entries=entries))


def _scaled(axis: Axis, factor: float) -> Axis:
    return replace(axis, scale=factor * axis.scale, offset=factor * axis.offset)


def _with_values(metadata: Metadata, found: Mapping[str, MetadataValue]) -> Metadata:
    entries = {**found, **metadata.entries}
    ordered = {name: entries[name] for name in (*metadata.entries, *found)}
    return replace(metadata, entries=ordered, warnings=tuple(name for name in ordered if name in DOUBTFUL))


def _values(reader: str, tree: Tree, metadata: Metadata) -> Iterator[tuple[str, MetadataValue]]:
    seen = set(metadata.entries)
    for name, value in _all_values(reader, tree):
        if name not in seen:
            seen.add(name)
            yield name, value.strip('"') if isinstance(value, str) else value


def _all_values(reader: str, tree: Tree) -> Iterator[tuple[str, MetadataValue]]:
    if reader == "nexus":
        tree = _plain(tree)
        yield from named(tree, ROWS["nexus"])
        yield from unnamed(tree, (row.place for row in ROWS["nexus"]), _NX_SAYS_NOTHING)
    else:
        yield from named(tree, ROWS.get(reader, ()))


def _plain(tree: Tree) -> dict[str, Any]:
    """Turn NeXus fields, which are groups of a value and its attributes, into values with units beside them."""
    plain: dict[str, Any] = {}
    for key, value in tree.items():
        if key == "attrs":
            continue
        if not isinstance(value, Mapping):
            plain[key] = value
        elif "value" in value and not isinstance(value["value"], Mapping):
            plain[key] = value["value"]
            plain[f"{key}_units"] = at(value, "attrs.units")
        else:
            plain[key] = _plain(value)
    return plain


def _cathodoluminescence(tree: Tree, signal: Signal) -> Kind:
    """Tell the light that Odemis measures from the electron images that it keeps beside."""
    title = f"{signal.title} {at(tree, 'ChannelDescription') or ''}".lower()
    if any(word in title for word in _ELECTRON_IMAGES) and "spectrum" not in title:
        return DatasetType.IMAGE, "SEM_Imaging"
    kind = signal.metadata.dataset_type
    if kind in {DatasetType.IMAGE, DatasetType.SPECTRUM}:
        return kind, "SEM_CL"
    if kind is DatasetType.SPECTRUM_IMAGE:
        return kind, "SEM_CL_Spectrum_Imaging"
    return (DatasetType.SPECTRUM if len(signal.axes) == 1 else kind), "SEM_CL"


def _array(_: Tree, signal: Signal) -> Kind:
    """Call a row of NeXus numbers that nothing is said of what it is."""
    kind, (axis, *others) = signal.metadata.dataset_type, signal.axes or (Axis(name="", size=0),)
    counts_only = not others and not axis.unit and (axis.scale, axis.offset) == (1, 0)
    return (DatasetType.MISC, "Data") if counts_only else (kind, signal.metadata.data_type)


def _streak_image(_: Tree, signal: Signal) -> Kind:
    kind = signal.metadata.dataset_type
    return kind, "Streak_Camera_Imaging" if kind is DatasetType.IMAGE else "Streak_Camera"


def _log(_: Tree, __: Signal) -> Kind:
    return DatasetType.MISC, "In_Situ_Log"


def _white_light_or_spectra(_: Tree, signal: Signal) -> Kind:
    kind = signal.metadata.dataset_type
    return kind, "Optical_Imaging" if kind is DatasetType.IMAGE else signal.metadata.data_type


def _scanned(tree: Tree, signal: Signal) -> Kind:
    """Know scanned images and PRISM's simulations of them in Berkeley's EMD files; Velox says it itself."""
    kind, said = signal.metadata.dataset_type, signal.metadata.data_type
    scanned = at(tree, "microscope.dwell time") or at(tree, "simulation_parameters.probeSemiangle")
    if not scanned or said.startswith(("STEM", "TEM", "4D")):
        return kind, said
    return kind, joined("STEM", said)


def _odemis_time(tree: Tree) -> datetime | None:
    """Return when Odemis acquired a signal, which RosettaSciIO passes on without saying that it is UTC."""
    seconds = at(tree, "AcquisitionDate")
    if not isinstance(seconds, int | float) or not math.isfinite(seconds) or not 0 < seconds < 1e10:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _start_time(tree: Tree) -> datetime | None:
    said = clean_value(at(tree, "start_time.value") or at(tree, "start_time"))
    try:
        return datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


_KINDS: Mapping[str, Callable[[Tree, Signal], Kind]] = {
    "delmic": _cathodoluminescence,
    "dens": _log,
    "emd": _scanned,
    "hamamatsu": _streak_image,
    "impulse": _log,
    "nexus": _array,
    "protochips": _log,
    "renishaw": _white_light_or_spectra,
}
_MADE: Mapping[str, Callable[[Tree], datetime | None]] = {"delmic": _odemis_time, "nexus": _start_time}
"""When a format's own tree knows better when a signal was made."""
