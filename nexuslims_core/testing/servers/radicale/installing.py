"""Radicale's own virtual environment."""

from collections.abc import Callable
from pathlib import Path

from nexuslims_core.testing.servers.installing import Product

REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")
_RADICALE = Product(name="Radicale", requirements=REQUIREMENTS, size_mb=40)


def make_venv(folder: Path, progress: Callable[[str], None]) -> Path:
    """Return the Python of a virtual environment with Radicale in it, as :meth:`Product.make_venv` does."""
    return _RADICALE.make_venv(folder, progress)
