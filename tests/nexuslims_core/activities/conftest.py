"""Sessions whose activities are known, and random ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.nexuslims_core.activities import yardstick

CASES = Path(__file__).parents[2] / "data" / "clustering"


@pytest.fixture(scope="session")
def case() -> Callable[[str], dict[str, Any]]:
    """Return one of the sessions below tests/data/clustering by its number, such as ``"d01"``."""

    def case(number: str) -> dict[str, Any]:
        (path,) = CASES.glob(f"{number}_*.json")
        known: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return known

    return case


@pytest.fixture(scope="session")
def published_figures() -> dict[str, dict[str, Any]]:
    """What scikit-learn's implementation of the published method found in each session, by its number."""
    index = json.loads((CASES / "INDEX.json").read_text("utf-8"))
    return {entry["name"][:3]: entry["published_kde"] for entry in index if "published_kde" in entry}


@pytest.fixture(scope="session")
def random_session() -> Callable[..., list[float]]:
    """Return the times of a session made of bursts, of a steady series or of single files, by its seed."""
    return yardstick.random_session
