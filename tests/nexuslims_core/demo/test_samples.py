"""The demo's instrument files."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexuslims_core.demo.samples import write_eels_session, write_sem_session, write_unbooked_session
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.files.models import FoundFile

BEGUN = datetime(2024, 3, 12, 9, 5, tzinfo=UTC)
TIMES = (1000.0, 1002.5, 1003.0, 2000.0, 2001.0)
Write = Callable[[Path], tuple[str, ...]]
SESSIONS: dict[str, Write] = {
    "eels": lambda store: write_eels_session(store, "Titan/ada", TIMES),
    "sem": lambda store: write_sem_session(store, "Quanta/ben", BEGUN),
    "unbooked": lambda store: write_unbooked_session(store, "Titan/evening", BEGUN),
}


def unreadable(store: Path, names: tuple[str, ...]) -> list[str]:
    """Return the files that their extractor refuses."""
    refused = []
    for name in names:
        path = store / name
        file = FoundFile(path=path, size=path.stat().st_size, mtime=path.stat().st_mtime)
        try:
            choose(path).read(Source(file=file, zone=UTC))
        except ExtractionError:
            refused.append(path.name)
    return refused


@pytest.mark.parametrize("session", SESSIONS)
def test_the_names_are_those_of_the_files(tmp_path: Path, session: str) -> None:
    names = SESSIONS[session](tmp_path)

    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert set(names) == there
    assert len(names) == len(there)


@pytest.mark.parametrize("session", SESSIONS)
def test_each_run_writes_the_same_bytes(tmp_path: Path, session: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"

    names = SESSIONS[session](first)
    SESSIONS[session](second)

    assert [(first / name).read_bytes() for name in names] == [(second / name).read_bytes() for name in names]


def test_files_of_the_published_example_have_its_times(tmp_path: Path) -> None:
    names = write_eels_session(tmp_path, "Titan/ada", TIMES)

    assert tuple((tmp_path / name).stat().st_mtime for name in names) == TIMES


def test_each_position_ends_with_its_spectrum_image(tmp_path: Path) -> None:
    names = write_eels_session(tmp_path, "Titan/ada", TIMES)

    assert [Path(name).name for name in names] == [
        "01 survey.dm3",
        "01 HAADF.dm3",
        "01 EELS SI.dm4",
        "02 HAADF.dm3",
        "02 EELS SI.dm4",
    ]


@pytest.mark.parametrize(("session", "refused"), [("eels", []), ("sem", ["interrupted copy.tif"]), ("unbooked", [])])
def test_every_file_can_be_read_but_the_one_whose_copy_was_cut_short(
    tmp_path: Path, session: str, refused: list[str]
) -> None:
    names = SESSIONS[session](tmp_path)

    assert unreadable(tmp_path, names) == refused
