from pathlib import Path

import pytest

from nexuslims_core.db.adoption.layouts import OldRow, read
from nexuslims_core.db.database import Database
from nexuslims_core.errors import DatabaseError
from nexuslims_core.testing.writers.nexuslims_database import NexusLimsDatabase


def test_version_1_is_known_by_its_columns(v1: NexusLimsDatabase) -> None:
    found = read(v1.path)

    assert found.layout == "NexusLIMS 1, without receipts of uploads"
    assert found.instruments[0].text("schema_name") == "FEI Titan TEM"


def test_version_2_is_known_by_its_columns(v2: NexusLimsDatabase) -> None:
    found = read(v2.path)

    assert found.layout == "NexusLIMS 2, with receipts of uploads"
    assert found.instruments[0].text("display_name") == "FEI Titan TEM"


def test_a_database_on_its_way_from_1_to_2_is_read_as_well(v1: NexusLimsDatabase) -> None:
    v1.run("CREATE TABLE upload_log (session_identifier, destination_name, success, timestamp, record_id)")
    v1.add("upload_log", {"session_identifier": "s1", "destination_name": "cdcs", "success": 1})

    found = read(v1.path)

    assert found.layout == "NexusLIMS 2, with receipts of uploads"
    assert found.receipts[0].text("record_url") is None


def test_the_tables_of_2020_without_zone_and_harvester_are_read(tmp_path: Path) -> None:
    old = NexusLimsDatabase(path=tmp_path / "old.db", version=1)
    old.run("CREATE TABLE instruments (instrument_pid, api_url, schema_name, filestore_path)")
    old.run("CREATE TABLE session_log (session_identifier, instrument, timestamp, event_type, record_status, user)")
    old.add("instruments", {"instrument_pid": "Titan"})

    cells = {"instrument_pid": "Titan", "api_url": None, "schema_name": None, "filestore_path": None}
    assert read(old.path).instruments == (OldRow(number=1, cells=cells),)


def test_cells_are_text_whatever_type_they_have(v1: NexusLimsDatabase) -> None:
    v1.log(b"bytes \xff", "START", 20190301, user=7)

    row = read(v1.path).logs[0]

    assert [row.text(column) for column in ("session_identifier", "timestamp", "user")] == ["bytes �", "20190301", "7"]


def test_other_tables_are_counted_and_views_are_not_looked_into(v2: NexusLimsDatabase) -> None:
    v2.run('CREATE VIEW everybody AS SELECT * FROM session_log; CREATE TABLE "odd "" name" (x); ')
    user = {"nexuslims_username": "ada", "external_system": "nemo", "external_id": "7", "created_at": "2026-01-01"}
    v2.add("external_user_identifiers", user)

    assert read(v2.path).others == {"external_user_identifiers": 1, 'odd " name': 0}


def test_a_database_of_ours_is_not_adopted(tmp_path: Path) -> None:
    Database.create(f"sqlite:///{tmp_path}/ours.db").engine.dispose()

    with pytest.raises(DatabaseError, match="is a database of this program already"):
        read(tmp_path / "ours.db")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("CREATE TABLE shopping (milk)", "it has no table instruments"),
        ("CREATE TABLE instruments (instrument_pid)", "it has no table session_log"),
        ("CREATE VIEW instruments AS SELECT 1 AS instrument_pid", "it has no table instruments"),
        (
            "CREATE TABLE instruments (instrument_pid); CREATE TABLE session_log (instrument, timestamp, event_type)",
            "its table session_log has no record_status, session_identifier",
        ),
    ],
)
def test_another_programs_tables_are_named(tmp_path: Path, script: str, sentence: str) -> None:
    other = NexusLimsDatabase(path=tmp_path / "other.db", version=1)
    other.run(script)

    with pytest.raises(DatabaseError, match=f"is no database of NexusLIMS: .*{sentence}"):
        read(other.path)
