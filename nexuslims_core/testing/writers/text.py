"""Text files as people and instruments leave them beside data."""

import os
from pathlib import Path


def write_text(path: Path, text: str, *, encoding: str = "utf-8", mtime: float | None = None) -> Path:
    """Write a text, and return its path.

    Parameters
    ----------
    mtime
        Epoch seconds; now if None.
    """
    path.write_bytes(text.encode(encoding))
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path
