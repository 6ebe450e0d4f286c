"""What the long runs share: how much of them to do, which dice, and a line for the figures they end with.

They are not part of `make test`: run them with `make soak`, a share of them with `make soak ARGS="--soak-share 0.2"`.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.nexuslims_core.publishing.conftest import title, write_record  # noqa: F401 - fixtures of the faults of CDCS
from tests.soak.facility import Facility, lay_out

SESSIONS, MIXTURES = 40, 500
FIGURES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak-share", type=float, default=1.0, help="how much of the long runs to do, 0 to 1")
    parser.addoption("--soak-seed", type=int, default=1, help="seed of what goes wrong when")


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """Return that part of a number which is to be done, at least one."""
    part: float = request.config.getoption("--soak-share")
    return lambda whole: max(1, round(part * whole))


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    number: int = request.config.getoption("--soak-seed")
    return number


@pytest.fixture(scope="session")
def dice(seed: int) -> Callable[[], random.Random]:
    """Return fresh dice that fall the same way at every run with one seed."""
    return lambda: random.Random(seed)  # noqa: S311 - no secret


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keep a line of figures for the end of the run."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(f"soak: {line}")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    with PostgresqlServer(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture(scope="session")
def facility(tmp_path_factory: pytest.TempPathFactory, share: Callable[[int], int]) -> Facility:
    """A file store with sessions of every kind."""
    folder: Path = tmp_path_factory.mktemp("facility")
    return lay_out(folder, share(SESSIONS))
