"""Old databases of both versions with the Titan in them, and their adoption into a new database of either kind."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexuslims_core.db.adoption.adopting import adopt
from nexuslims_core.db.adoption.layouts import OldRow
from nexuslims_core.db.adoption.report import Adoption, Fate
from nexuslims_core.db.database import Database
from nexuslims_core.testing.writers.nexuslims_database import NexusLimsDatabase

Adopt = Callable[..., Adoption]
Sentences = Callable[[Adoption, Fate], dict[str, str]]
MakeRow = Callable[..., OldRow]

FILESTORE = Path("/data/filestore")


@pytest.fixture
def v1(tmp_path: Path) -> NexusLimsDatabase:
    old = NexusLimsDatabase.make(tmp_path / "v1" / "nexuslims_db.sqlite", 1)
    old.instrument()
    return old


@pytest.fixture
def v2(tmp_path: Path) -> NexusLimsDatabase:
    old = NexusLimsDatabase.make(tmp_path / "v2" / "nexuslims.db", 2)
    old.instrument()
    return old


@pytest.fixture
def adopts(url: str) -> Adopt:
    """Adopt an old database into the new one, which is made by that."""

    def run(old: NexusLimsDatabase) -> Adoption:
        return adopt(old.path, url, FILESTORE, lambda: datetime(2026, 3, 2, tzinfo=UTC))

    return run


@pytest.fixture
def new(url: str) -> Iterator[Callable[[], Database]]:
    """Open the new database."""
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database.create(url))
        return opened[-1]

    yield open_it
    for database in opened:
        database.engine.dispose()


@pytest.fixture
def sentences() -> Sentences:
    """Return what was said of one fate, by name."""

    def of(adoption: Adoption, fate: Fate) -> dict[str, str]:
        return {note.name: note.sentence for note in adoption.notes if note.fate is fate}

    return of


@pytest.fixture
def make_row() -> MakeRow:
    """Make a row of the instruments table of NexusLIMS 1; what is given replaces its cells."""

    def make(**given: str | None) -> OldRow:
        cells = {
            "instrument_pid": "FEI-Titan-TEM-635816",
            "api_url": "https://nemo.example.org/api/tools/?id=10",
            "schema_name": "FEI Titan TEM",
            "filestore_path": "./Titan",
            "harvester": "nemo",
            "timezone": "America/New_York",
        }
        return OldRow(number=1, cells={**cells, **given})

    return make
