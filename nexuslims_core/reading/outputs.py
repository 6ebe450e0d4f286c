"""What is written for each dataset: its metadata as JSON and its preview as PNG, mirroring the raw path."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nexuslims_core.artefacts import confined, sha256
from nexuslims_core.datasets.models import Metadata
from nexuslims_core.quantities import MetadataValue, Quantity

LONGEST_NAME = 255
"""Bytes of a file name that file systems take."""
_AS_IT_IS = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """Where the files about a raw file go.

    Attributes
    ----------
    filestore
        Root of the raw data.
    data_path
        Root of what is written; the raw path below ``filestore`` is repeated below it.
    """

    filestore: Path
    data_path: Path

    def preview(self, raw: Path, signal: int, of: int) -> Path:
        """Return where the preview of one signal goes."""
        return self._beside(raw, signal, of, ".thumb.png")

    def json(self, raw: Path, signal: int, of: int) -> Path:
        """Return where the metadata of one signal go."""
        return self._beside(raw, signal, of, ".json")

    def _beside(self, raw: Path, signal: int, of: int, ending: str) -> Path:
        relative = raw.relative_to(self.filestore)
        marked = f"_signal{signal}{ending}" if of > 1 else ending
        return confined(self.data_path, *relative.parts[:-1], _fitting(relative.name, marked))


def _fitting(name: str, ending: str) -> str:
    encoded, tail = os.fsencode(name), ending.encode()
    if len(encoded) + len(tail) <= LONGEST_NAME:
        return name + ending
    tail = b"-" + sha256(encoded)[:12].encode() + tail
    return os.fsdecode(encoded[: LONGEST_NAME - len(tail)] + tail)


def nx_meta(metadata: Metadata) -> dict[str, Any]:
    """Return metadata as the ``nx_meta`` of the JSON file: the reserved names first, then each value with its unit."""
    created = metadata.creation_time
    return {
        "DatasetType": metadata.dataset_type.value,
        "Data Type": metadata.data_type,
        "Creation Time": created.isoformat() if created else None,
        "warnings": list(metadata.warnings),
        **{name: plain(value) for name, value in metadata.entries.items()},
    }


def plain(value: MetadataValue) -> Any:  # noqa: ANN401 - a JSON value
    """Return a value as JSON: a quantity as ``{"value", "unit"}``, everything else as it is."""
    return {"value": value.value, "unit": value.unit} if isinstance(value, Quantity) else value


def jsonable(tree: object, depth: int = 32) -> Any:  # noqa: ANN401 - a JSON value
    """Return a vendor's own metadata tree as plain JSON; what JSON cannot carry, or lies too deep, becomes text."""
    if type(tree) in _AS_IT_IS:  # nearly every leaf; asking whether it is a Mapping takes ten times as long
        return tree
    if isinstance(tree, Mapping) and depth:
        return {str(key): jsonable(value, depth - 1) for key, value in tree.items()}
    if isinstance(tree, list | tuple) and depth:
        return [jsonable(value, depth - 1) for value in tree]
    if isinstance(tree, float) and not math.isfinite(tree):
        return str(tree)
    return tree if tree is None or isinstance(tree, str | bool | int | float) else str(tree)
