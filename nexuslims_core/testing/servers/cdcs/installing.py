"""CDCS's own virtual environment; ``python -m nexuslims_core.testing.servers.cdcs.installing FOLDER`` makes it."""

import sys
from collections.abc import Callable
from pathlib import Path

from nexuslims_core.testing.servers.installing import Product

REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")
_CDCS = Product(name="CDCS", requirements=REQUIREMENTS, size_mb=180)


def make_venv(folder: Path, progress: Callable[[str], None]) -> Path:
    """Return the Python of a virtual environment with CDCS in it, as :meth:`Product.make_venv` does."""
    return _CDCS.make_venv(folder, progress)


if __name__ == "__main__":
    make_venv(Path(sys.argv[1]), print)
