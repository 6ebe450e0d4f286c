"""NEMO's own virtual environment."""

from collections.abc import Callable
from pathlib import Path

from nexuslims_core.testing.servers.installing import Product

REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")
_NEMO = Product(name="NEMO", requirements=REQUIREMENTS, size_mb=130)


def make_venv(folder: Path, progress: Callable[[str], None]) -> Path:
    """Return the Python of a virtual environment with NEMO in it, as :meth:`Product.make_venv` does."""
    return _NEMO.make_venv(folder, progress)
