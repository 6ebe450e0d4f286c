"""Small HyperSpy files (HDF5, version 3.1 of their layout)."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]  # has no types
from numpy.typing import NDArray


def write_hspy(
    path: Path,
    data: NDArray[Any],
    *,
    metadata: Mapping[str, Any],
    axes: Sequence[Mapping[str, Any]] | None = None,
    mtime: float | None = None,
) -> Path:
    """Write one signal, and return its path.

    Parameters
    ----------
    metadata
        HyperSpy's tree, such as ``{"General": {"title": "Map"}, "Signal": {"signal_type": "EELS"}}``.
    axes
        In the order of ``data.shape``, with any of ``name``, ``scale``, ``offset``, ``units``, ``navigate``; those that
        are not given step by 1. Without ``axes`` the last two (or the only one) are the signal's own.
    mtime
        Epoch seconds; now if None.
    """
    given = axes or [{"navigate": i < data.ndim - 2} for i in range(data.ndim)]
    with h5py.File(path, "w") as file:
        file.attrs.update({"file_format": "HyperSpy", "file_format_version": "3.1"})
        signal = file.create_group("Experiments/signal")
        signal.create_dataset("data", data=data, chunks=True)
        for i, (axis, size) in enumerate(zip(given, data.shape, strict=True)):
            filled = {"name": "", "scale": 1.0, "offset": 0.0, "units": "", "navigate": False, **axis}
            group = signal.create_group(f"axis-{i}")
            group.attrs.update({**filled, "size": size, "_type": "UniformDataAxis"})
        _write_tree(signal.create_group("metadata"), metadata)
        signal.create_group("original_metadata")
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def _write_tree(group: Any, tree: Mapping[str, Any]) -> None:  # noqa: ANN401 - an untyped h5py group
    for key, value in tree.items():
        if isinstance(value, Mapping):
            _write_tree(group.create_group(key), value)
        else:
            group.attrs[key] = value
