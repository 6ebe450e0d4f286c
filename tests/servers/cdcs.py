"""Fixtures that give a test a real CDCS: installed and prepared once per checkout, started once per run."""

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nexuslims_core import schemas
from nexuslims_core.testing.servers import cdcs as package
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.cdcs.installing import REQUIREMENTS, make_venv

NEXUS_EXPERIMENT = schemas.schema_path(schemas.NEXUS_EXPERIMENT)
RECORD_TO_HTML = schemas.schema_path(schemas.RECORD_TO_HTML)
RECORD_LIST = schemas.schema_path(schemas.RECORD_LIST)
SHEETS = {"schema": NEXUS_EXPERIMENT, "detail_xsl": RECORD_TO_HTML, "list_xsl": RECORD_LIST}
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "cdcs"


@pytest.fixture(scope="session")
def cdcs_python() -> Path:
    """The Python of an environment in which CDCS is installed."""
    return make_venv(CACHE, lambda _: None)


@pytest.fixture(scope="session")
def prepared_cdcs_home(cdcs_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a CDCS that was started and stopped, with its template and without a record; copy it."""
    inside = sorted((Path(package.__file__).parent / "inside").glob("*.py"))
    made_from = b"".join(path.read_bytes() for path in (*SHEETS.values(), REQUIREMENTS, *inside))
    prepared = CACHE / f"home-{hashlib.sha256(made_from).hexdigest()[:16]}"
    with (CACHE / "home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not prepared.exists():
            for old in CACHE.glob("home-*"):
                shutil.rmtree(old)
            draft = CACHE / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            CdcsServer(home=draft, python=cdcs_python, search_pages=True, **SHEETS).prepare()
            draft.rename(prepared)
        return shutil.copytree(prepared, tmp_path_factory.mktemp("prepared") / "home")  # another run may replace it


@pytest.fixture(scope="session")
def cdcs(cdcs_python: Path, prepared_cdcs_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CdcsServer]:
    """A CDCS that runs; its records outlive a test, so every test takes titles of its own."""
    home = shutil.copytree(prepared_cdcs_home, tmp_path_factory.mktemp("cdcs") / "home")
    with CdcsServer(home=home, python=cdcs_python, search_pages=True, **SHEETS) as server:
        yield server


@pytest.fixture(scope="session")
def cdcs_on_postgresql(cdcs_python: Path) -> Iterator[CdcsServer]:
    """A CDCS that keeps its records in a PostgreSQL of its own; records outlive a test here too."""
    with tempfile.TemporaryDirectory(prefix="cdcs-on-postgresql-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL does not run as root, and its account must reach its data
        home = Path(folder) / "home"
        with CdcsServer(home=home, python=cdcs_python, schema=NEXUS_EXPERIMENT, database="postgresql") as server:
            yield server
