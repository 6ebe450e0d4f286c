"""The text in which a Tecnai or Titan tells DigitalMicrograph its settings: lines that end in U+2028.

Names are those of NexusLIMS; units stand as the text states them, but for camera lengths in mm. What is
retracted, or not in the text, is left out.
"""

import re

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.flattening import Nested
from nexuslims_core.quantities import MetadataValue

_LINE_END = "\u2028"
_FILTER_FROM = "Filter related settings:"
_NUMBER = r"([-+]?\d{1,15}(?:\.\d{1,15})?)"
_READ_IN = {"m": ("mm", 3)}
"""The unit that people read in the place of the text's, and the power of ten between them."""

_Rows = tuple[tuple[str, str, str], ...]

_SETTINGS: _Rows = (
    (r"Microscope (.+)", "Tecnai Microscope Name", ""),
    (r"User (.+)", "Tecnai User", ""),
    (r"Gun (.+?) Extr volt", "Gun Name", ""),
    (rf"Gun .*Extr volt {_NUMBER} V", "Extractor Voltage", "V"),
    (rf"Gun .*Gun Lens {_NUMBER}", "Gun Lens #", ""),
    (rf"Gun .*Emission {_NUMBER}uA", "Emission Current", "µA"),
    (r"Mode (.+?) Defocus", "Tecnai Mode", ""),
    (rf"Mode .* Defocus \(um\) {_NUMBER}", "Defocus", "µm"),
    (rf"Mode .* Defocus {_NUMBER}", "Defocus", ""),
    (rf"Mode .* CL {_NUMBER}m", "Camera Length", "m"),
    (rf"Spot {_NUMBER}", "Spot", ""),
    (rf"C2 {_NUMBER}%", "C2 Lens Strength", "%"),
    (rf"C3 {_NUMBER}%", "C3 Lens Strength", "%"),
    (rf"Obj {_NUMBER}%", "Objective Lens Strength", "%"),
    (rf"Dif {_NUMBER}%", "Diffraction Lens Strength", "%"),
    (rf"Image shift {_NUMBER}/", "Image Shift X", "µm"),
    (rf"Image shift .*/{_NUMBER}um", "Image Shift Y", "µm"),
    (rf"C1 Aperture: {_NUMBER} um", "C1 Aperture", "µm"),
    (rf"C2 Aperture: {_NUMBER} um", "C2 Aperture", "µm"),
    (rf"C3 Aperture: {_NUMBER} um", "C3 Aperture", "µm"),
    (rf"OBJ Aperture: {_NUMBER} um", "Objective Aperture", "µm"),
    (rf"SA Aperture: {_NUMBER} um", "Selected Area Aperture", "µm"),
)
_STAGE: _Rows = (
    (rf"Stage {_NUMBER} um", "X", "µm"),
    (rf"Stage (?:[^,]+, ){{1}}{_NUMBER} um", "Y", "µm"),
    (rf"Stage (?:[^,]+, ){{2}}{_NUMBER} um", "Z", "µm"),
    (rf"Stage (?:[^,]+, ){{3}}{_NUMBER} deg", "θ", "degree"),
    (rf"Stage (?:[^,]+, ){{4}}{_NUMBER} deg", "φ", "degree"),
)
_FILTER: _Rows = (
    (r"Mode: (.+)", "Mode", ""),
    (rf"Selected dispersion: {_NUMBER}\[eV/Channel\]", "Dispersion", "eV"),
    (rf"Selected aperture: {_NUMBER} ?mm", "Aperture", "mm"),
    (rf"Prism shift: {_NUMBER}\[eV\]", "Prism Shift", "eV"),
    (rf"Drift tube: {_NUMBER}\[eV\]", "Drift Tube", "eV"),
    (rf"Total energy loss: {_NUMBER}\[eV\]", "Total Energy Loss", "eV"),
)


def read_tecnai(text: str) -> Nested:
    """Return what the text of ``Tecnai: Microscope Info`` says; empty where it says nothing that is known."""
    column, _, energy_filter = text.partition(_FILTER_FROM)
    lines, filter_lines = column.split(_LINE_END), energy_filter.split(_LINE_END)
    return {
        **_matched(_SETTINGS, lines),
        "Stage Position": _matched(_STAGE, lines),
        "Tecnai Filter": _matched(_FILTER, filter_lines),
    }


def _matched(rows: _Rows, lines: list[str]) -> dict[str, MetadataValue]:
    found: dict[str, MetadataValue] = {}
    for pattern, name, unit in rows:
        match = next(filter(None, (re.match(pattern, line[:500]) for line in lines[:100])), None)
        value = None if match is None else _value(match[1], unit)
        if value is not None:
            found.setdefault(name, value)
    return found


def _value(text: str, unit: str) -> MetadataValue | None:
    if not re.fullmatch(_NUMBER, text):
        return clean_value(text)
    return quantity(float(text) if "." in text else int(text), *_READ_IN.get(unit, (unit, 0)))
