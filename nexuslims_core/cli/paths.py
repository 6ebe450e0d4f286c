"""Paths on the command line and in JSON: absolute, and whole even where a name is not UTF-8."""

import os
from pathlib import Path
from urllib.parse import quote_from_bytes


def absolute(text: str) -> Path:
    """Return a path from the root on, without ``..``; links stay links. For argparse."""
    path = Path(text).absolute()
    return path.parent.resolve() / path.name if ".." in path.parts else path


def path_fields(path: Path) -> dict[str, str]:
    """Return a path for JSON: as text, and as percent-encoded bytes where it is not UTF-8."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return {"path": str(path), "path_encoded": quote_from_bytes(os.fsencode(path))}
    return {"path": str(path)}
