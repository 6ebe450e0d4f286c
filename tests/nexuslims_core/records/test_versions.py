import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256, write_whole
from nexuslims_core.records.versions import keep_earlier, versions
from nexuslims_core.schemas import NEXUS_NAMESPACE


def record(title: str) -> bytes:
    return f'<Experiment xmlns="{NEXUS_NAMESPACE}"><title>{title}</title><summary/></Experiment>'.encode()


def file_record(path: Path, title: str, day: int) -> None:
    xml = record(title)
    keep_earlier(path, xml)
    write_whole(path, xml)
    filed = datetime(2026, 3, day, tzinfo=UTC).timestamp()
    os.utime(path, (filed, filed))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "2026-03-02_Titan_x.xml"


def test_each_version_has_its_date_its_digest_and_what_changed(path: Path) -> None:
    for day, title in enumerate(["A", "B", "A"], start=1):
        file_record(path, title, day)

    found = versions(path)

    assert [version.filed_at.day for version in found] == [1, 2, 3]
    assert [version.sha256 for version in found] == [sha256(record(title)) for title in "ABA"]
    assert [version.changed for version in found] == [(), ("title 'A' → 'B'",), ("title 'B' → 'A'",)]


def test_only_the_last_stands_now(path: Path) -> None:
    file_record(path, "A", 1)
    file_record(path, "B", 2)

    found = versions(path)

    assert [version.current for version in found] == [False, True]
    assert found[1].path == path


def test_filing_the_same_again_makes_no_version(path: Path) -> None:
    file_record(path, "A", 1)
    file_record(path, "A", 2)

    found = versions(path)

    assert len(found) == 1


def test_a_version_that_somebody_took_away_leaves_a_gap_that_is_not_filled(path: Path) -> None:
    for day, title in enumerate(["A", "B", "C"], start=1):
        file_record(path, title, day)
    path.with_name(f"{path.stem}.v1.xml").unlink()

    file_record(path, "D", 4)

    assert [version.number for version in versions(path)] == [2, 3, 4]


def test_other_records_and_files_of_that_folder_are_none_of_its_versions(path: Path) -> None:
    file_record(path, "A", 1)
    for name in ("other.v1.xml", f"{path.stem}.v1.html", f"{path.stem}.vx.xml", f"{path.stem}-invalid.xml"):
        path.with_name(name).write_bytes(b"")

    found = versions(path)

    assert [version.path for version in found] == [path]


def test_a_record_that_never_was_has_none(path: Path) -> None:
    absent = path.parent / "absent" / path.name

    assert versions(path) == versions(absent) == ()


def test_earlier_versions_are_listed_where_the_record_itself_is_gone(path: Path) -> None:
    file_record(path, "A", 1)
    file_record(path, "B", 2)
    path.unlink()

    found = versions(path)

    assert [(version.number, version.current) for version in found] == [(1, False)]
