"""How a spectrum is shown, by the technique that made it.

The electrons of a low-loss spectrum that lost nothing outnumber the others a hundred to one: it is drawn in logarithms.
An X-ray detector counts its own noise around 0 keV: that peak is cut off and left out of maps.
"""

from dataclasses import replace

import numpy as np

from nexuslims_core.datasets.signals import Axis, Signal
from nexuslims_core.previews.dimensions import ENERGY, measured_in
from nexuslims_core.previews.plot import Curve, cut_at, logarithmic
from nexuslims_core.previews.reduction import Floats
from nexuslims_core.previews.rulers import counts_down

_NOISE_ENDS_EV = 150.0
_IN_KEV_FROM_EV = 2500.0
_ZERO_LOSS_WITHIN_EV = 10.0
_OUTNUMBERS = 20
_ALL = slice(None)


def uses(signal: Signal, technique: str) -> bool:
    """Tell whether a signal was made by a technique: ``EELS``, ``EDS``."""
    return technique in signal.metadata.data_type.split("_")


def usual(signal: Signal, axis: Axis) -> Axis:
    """Return the axis of a spectrum in the unit that people use: X-ray energies in keV."""
    span_ev = abs(axis.scale) * axis.size
    if axis.unit == "eV" and uses(signal, "EDS") and span_ev > _IN_KEV_FROM_EV:
        return replace(axis, scale=axis.scale / 1000, offset=axis.offset / 1000, unit="keV")
    return axis


def counted(signal: Signal, axis: Axis) -> slice:
    """Return the channels that count: of an X-ray spectrum those above the noise of the detector, of others all."""
    kind, size = measured_in(axis.unit)
    if not uses(signal, "EDS") or kind != ENERGY or not axis.scale > 0:
        return _ALL
    first = np.ceil((_NOISE_ENDS_EV / size - axis.offset) / axis.scale)
    return slice(int(first), None) if 0 < first < axis.size / 2 else _ALL


def shown(signal: Signal, axis: Axis, curve: Curve) -> Curve:
    """Return the curve of a spectrum as its technique wants it drawn."""
    in_order = curve.highest[::-1] if counts_down(axis) else curve.highest
    if uses(signal, "EELS") and has_zero_loss(axis, in_order):
        return logarithmic(curve)
    first = counted(signal, axis).start
    if first is None:
        return curve
    kept = curve.highest[-(-first * len(curve.highest) // axis.size) :]
    top = float(np.nanmax(kept)) if np.isfinite(kept).any() else 0.0
    return cut_at(curve, top) if 0 < top < float(np.nanmax(curve.highest)) else curve


def has_zero_loss(axis: Axis, spectrum: Floats) -> bool:
    """Tell whether a spectrum, in the order of its axis, rises where nothing is lost far above the rest of it."""
    kind, size = measured_in(axis.unit)
    positive = spectrum[spectrum > 0]
    if kind != ENERGY or not positive.size or not axis.scale:
        return False
    stretch = axis.size / len(spectrum)
    peak_ev = (axis.offset + axis.scale * stretch * int(np.nanargmax(spectrum))) * size
    return abs(peak_ev) <= _ZERO_LOSS_WITHIN_EV and float(positive.max()) > _OUTNUMBERS * float(np.median(positive))
