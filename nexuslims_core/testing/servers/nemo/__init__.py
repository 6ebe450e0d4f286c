"""A real NEMO on this machine, in its own process and its own virtual environment, for tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.testing.servers.own_process import OwnProcess

_SERVE = Path(__file__).resolve().with_name("inside") / "serve.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to reach a NEMO that runs.

    Attributes
    ----------
    url
        Its address, without a slash at the end.
    harvester_token
        Of an account that may look at users, tools, projects, reservations and usage events, and change nothing.
    admin_token
        Of a superuser, who may create, change and delete them.
    nobody_token
        Of an account that may do nothing.
    """

    url: str
    harvester_token: str
    admin_token: str
    nobody_token: str


@dataclass(kw_only=True)
class NemoServer:
    """A NEMO that runs between :meth:`start` and :meth:`stop`, or inside a ``with``; it never outlives this process.

    Attributes
    ----------
    home
        Folder of all that it keeps; starting on it again finds the same events.
    python
        The Python of the environment that :func:`~nexuslims_core.testing.servers.nemo.installing.make_venv` makes.
    port
        Port on 127.0.0.1; 0 takes a free one.
    zone
        The site's time zone, in which it says times.
    """

    home: Path
    python: Path
    port: int = 0
    zone: str = "America/New_York"
    _process: OwnProcess = field(init=False, repr=False)
    _access: Access | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._process = OwnProcess(name="NEMO", log=self.log)

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
            raise ServiceUnavailableError(f"the NEMO of {self.home} does not run: start it first")
        return self._access

    @property
    def api(self) -> str:
        """Root of its REST interface, such as ``http://127.0.0.1:8000/api/``."""
        return f"{self.access.url}/api/"

    @property
    def token(self) -> str:
        """Token of the account that harvests."""
        return self.access.harvester_token

    def start(self) -> None:
        """Start it and wait until it answers; the first start on a home makes what it needs.

        Raises
        ------
        ServiceUnavailableError
            If it ends or stays silent instead; the end of its log says why.
        """
        if not self._process.runs:
            self._access = self._process.start(list(self._command()), {}, Access)

    def prepare(self) -> None:
        """Make its home ready and leave it stopped; a prepared home may be copied, which is faster than making one."""
        with self:
            self.log.unlink()

    def stop(self) -> None:
        """Stop it and wait until it is gone; does nothing where it does not run."""
        self._access = None
        self._process.stop()

    def _command(self) -> Iterator[str]:
        yield from (str(self.python), "-I", str(_SERVE), "--lifeline")
        yield from ("--home", str(self.home), "--port", str(self.port), "--zone", self.zone)
