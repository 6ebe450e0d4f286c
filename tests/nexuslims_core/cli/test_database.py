import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.nexuslims_core.conftest import Lab, Nexuslims


@pytest.fixture
def without_database(lab: Lab) -> Lab:
    shutil.rmtree(lab.data)
    return lab


def test_check_names_a_database_that_is_not_there_and_makes_none(without_database: Lab, nexuslims: Nexuslims) -> None:
    said = nexuslims("db", "check")

    assert (said.code, said.out) == (1, "")
    assert said.err.endswith("nexuslims.sqlite: run `nexuslims db upgrade`\n")
    assert not without_database.data.exists()


def test_upgrade_makes_it_and_changes_nothing_the_second_time(without_database: Lab, nexuslims: Nexuslims) -> None:
    nexuslims("db", "upgrade")
    file = without_database.data / "nexuslims.sqlite"
    before = file.read_bytes()

    said = nexuslims("db", "upgrade", "--json")

    assert (said.code, said.document) == (0, {"database": f"sqlite:///{file}", "fits": True})
    assert file.read_bytes() == before
    assert nexuslims("db", "check").code == 0


@pytest.mark.parametrize("command", [("db", "check"), ("db", "upgrade"), ("doctor",)], ids=" ".join)
def test_an_index_that_was_taken_away_is_told(lab: Lab, nexuslims: Nexuslims, command: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(lab.data / "nexuslims.sqlite")) as connection, connection:
        connection.execute("DROP INDEX ix_session_builds_one_open_attempt")

    said = nexuslims(*command)

    assert (said.code, "lacks the index ix_session_builds_one_open_attempt" in said.out + said.err) == (1, True)


@pytest.mark.parametrize("action", ["check", "upgrade"])
def test_a_database_from_the_future_is_left_alone(lab: Lab, nexuslims: Nexuslims, action: str) -> None:
    with sqlite3.connect(lab.data / "nexuslims.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    said = nexuslims("db", action)

    assert said.code == 1
    assert "is a database from a newer release" in said.err
    assert "install that release or restore a backup" in said.err


@pytest.mark.parametrize("action", ["check", "upgrade"])
def test_a_file_of_another_kind_is_left_alone(without_database: Lab, nexuslims: Nexuslims, action: str) -> None:
    without_database.data.mkdir()
    file = without_database.data / "nexuslims.sqlite"
    file.write_bytes(b"a shopping list, long enough to be read as a header of a page" * 20)
    before = file.read_bytes()

    said = nexuslims("db", action)

    assert (said.code, file.read_bytes() == before) == (1, True)
    assert "is a file of another kind: correct NEXUSLIMS_DB_URL" in said.err


def test_a_data_path_that_cannot_be_made_is_named(without_database: Lab, nexuslims: Nexuslims) -> None:
    without_database.data.write_text("in the way")

    said = nexuslims("db", "upgrade")

    assert said.code == 1
    assert said.err.startswith(f"nexuslims: cannot make the database's folder {without_database.data}")


def test_a_password_in_the_address_is_not_shown(
    nexuslims: Nexuslims, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_DB_URL", f"postgresql://u:tell-nobody@127.0.0.1:1/{lab.data.name}")

    said = nexuslims("db", "check", "--json")

    assert said.code == 1
    assert "tell-nobody" not in said.out + said.err


def test_a_backup_is_made_by_a_command_and_fits(
    lab: Lab, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.waits("s1")
    kept = lab.data.with_name("kept.sqlite")

    said = nexuslims("db", "backup", kept, "--json")

    assert (said.code, said.document) == (0, {"path": str(kept), "size_bytes": kept.stat().st_size, "sessions": 1})
    monkeypatch.setenv("NEXUSLIMS_DB_URL", f"sqlite:///{kept}")
    assert nexuslims("db", "check").code == 0
    again = nexuslims("db", "backup", kept)
    assert (again.code, "is there already: give the backup another name" in again.err) == (1, True)
