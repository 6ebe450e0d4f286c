"""Small EMSA/MAS spectra."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

_FRAME = {"FORMAT": "EMSA/MAS Spectral Data File", "VERSION": "1.0"}


def write_msa(
    path: Path, counts: Sequence[float], *, header: Mapping[str, object] | None = None, mtime: float | None = None
) -> Path:
    """Write a spectrum as one column of counts, and return its path.

    Parameters
    ----------
    header
        Keyword, with its unit as the standard writes it, to value: ``{"BEAMKV   -kV": 200.0}``.
    mtime
        Epoch seconds; now if None.
    """
    fields = {**_FRAME, "NPOINTS": len(counts), "NCOLUMNS": 1, "DATATYPE": "Y", **(header or {})}
    lines = [f"#{keyword:<12}: {value}" for keyword, value in fields.items()]
    lines += ["#SPECTRUM    : Spectral Data Starts Here", *(f"{count}" for count in counts), "#ENDOFDATA   :"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path
