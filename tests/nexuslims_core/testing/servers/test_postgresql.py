import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.testing.servers.postgresql import PostgresqlServer

pytestmark = pytest.mark.server


def ask(url: str, question: str) -> object:
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        answer = connection.execute(text(question))
        return answer.scalar() if answer.returns_rows else None


def serving(folder: Path) -> int:
    """Return the process id of the server in a folder."""
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def runs(process: int) -> bool:
    """Return whether a process is alive; one that ended may stay listed until its parent asks for it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_finds_its_databases_again(tmp_path: Path) -> None:
    with PostgresqlServer(tmp_path / "server", fsync=False) as server:
        ask(server.database("facility"), "CREATE TABLE kept AS SELECT 42 AS x")

    with PostgresqlServer(tmp_path / "server", fsync=False) as server:
        assert ask(server.database("facility"), "SELECT x FROM kept") == 42


@pytest.mark.parametrize("name", ["airflow", 'Robert"; DROP TABLE x; --', "a:b %c"])
def test_makes_a_database_of_any_name_once(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    with PostgresqlServer(tmp_path_factory.getbasetemp() / "names", fsync=False) as server:
        first, second = server.database(name), server.database(name)

        assert first == second
        assert ask(first, "SELECT current_database()") == name
        server.drop(name)


def test_works_below_folders_of_any_name_and_length(tmp_path: Path) -> None:
    folder = tmp_path / "a folder's name" / ("long" * 30)

    with PostgresqlServer(folder, fsync=False) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1


def test_leaves_alone_a_server_that_is_in_use(tmp_path: Path) -> None:
    with PostgresqlServer(tmp_path / "server", fsync=False) as server:
        with pytest.raises(ConfigurationError, match="another process runs"), PostgresqlServer(tmp_path / "server"):
            pass

        assert ask(server.url("postgres"), "SELECT 1") == 1


def test_replaces_a_server_whose_keeper_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    keeper = os.fork()
    if keeper == 0:
        PostgresqlServer(folder, fsync=False).__enter__()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(keeper, 0)
    orphan = serving(folder)

    with PostgresqlServer(folder, fsync=False) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1
        assert serving(folder) != orphan

    assert not runs(orphan)


def test_is_gone_when_its_block_ends(tmp_path: Path) -> None:
    with PostgresqlServer(tmp_path / "server", fsync=False):
        process = serving(tmp_path / "server")

    assert not runs(process)
    assert not (tmp_path / "server" / "data" / "postmaster.pid").exists()
