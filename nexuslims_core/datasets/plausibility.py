"""Values that no instrument can have measured: damaged numbers, and those that mean "not known" to a program."""

from dataclasses import replace

from nexuslims_core.datasets.models import Metadata
from nexuslims_core.quantities import MetadataValue, Quantity

_POSSIBLE: dict[str, tuple[float, float]] = {
    "V": (-1e7, 1e7),
    "A": (-1e3, 1e3),
    "eV": (-1e10, 1e10),
    "m": (-1e6, 1e6),
    "Å": (-1e16, 1e16),
    "s": (0, 1e10),
    "K": (0, 1e5),
    "degC": (-273.15, 1e5),
    "Pa": (0, 1e10),
    "bar": (0, 1e5),
    "torr": (0, 1e8),
    "degree": (-1e6, 1e6),
    "rad": (-1e6, 1e6),
    "%": (-1e6, 1e6),
}
"""The least and the most that can be true, in units without prefix; wide, since only nonsense is meant."""

_PREFIXES = {"": 1.0, "M": 1e6, "k": 1e3, "c": 1e-2, "m": 1e-3, "µ": 1e-6, "n": 1e-9, "p": 1e-12}
_ELSE = (-1e30, 1e30)


def without_impossible(metadata: Metadata) -> Metadata:
    """Return metadata without values that cannot be true, and with a note on each that was left out."""
    impossible = {name: value for name, value in metadata.entries.items() if not _possible(value)}
    if not impossible:
        return metadata
    return replace(
        metadata,
        entries={name: value for name, value in metadata.entries.items() if name not in impossible},
        warnings=tuple(name for name in metadata.warnings if name not in impossible),
        notes=(*metadata.notes, *(f"left out {name}, {_text(value)} cannot be" for name, value in impossible.items())),
    )


def _possible(value: MetadataValue) -> bool:
    if isinstance(value, Quantity):
        least, most = _range(value.unit)
        return least <= value.value <= most
    return not isinstance(value, int | float) or _ELSE[0] <= value <= _ELSE[1]


def _range(unit: str) -> tuple[float, float]:
    for prefix, factor in _PREFIXES.items():
        base = unit[len(prefix) :]
        if unit.startswith(prefix) and base in _POSSIBLE:
            least, most = _POSSIBLE[base]
            return least / factor, most / factor
    return _ELSE


def _text(value: MetadataValue) -> str:
    return f"{value.value:g} {value.unit}" if isinstance(value, Quantity) else f"{value:g}"
