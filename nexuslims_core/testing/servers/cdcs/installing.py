"""CDCS's own virtual environment."""

from collections.abc import Callable
from pathlib import Path

from nexuslims_core.testing.servers.installing import Product

REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")
_CDCS = Product(name="CDCS", requirements=REQUIREMENTS, size_mb=180)


def make_venv(folder: Path, progress: Callable[[str], None]) -> Path:
    """Return the Python of a virtual environment with CDCS in it, as :meth:`Product.make_venv` does."""
    return _CDCS.make_venv(folder, progress)
