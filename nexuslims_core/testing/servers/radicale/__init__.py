"""A real Radicale, a CalDAV server, on this machine, in its own process and virtual environment, for tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import requests

from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.testing.servers.own_process import OwnProcess

_SERVE = Path(__file__).resolve().with_name("inside") / "serve.py"
_MAKE = """<?xml version="1.0" encoding="utf-8"?><d:mkcol xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<d:set><d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>{}</d:displayname>
</d:prop></d:set></d:mkcol>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to reach a Radicale that runs."""

    url: str
    user: str
    password: str = field(repr=False)


@dataclass(kw_only=True)
class RadicaleServer:
    """A Radicale that runs inside a ``with``; it never outlives this process.

    Attributes
    ----------
    home
        Folder of all that it keeps.
    python
        The Python of the environment that :func:`~nexuslims_core.testing.servers.radicale.installing.make_venv` makes.
    """

    home: Path
    python: Path
    _process: OwnProcess = field(init=False, repr=False)
    _access: Access | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._process = OwnProcess(name="Radicale", log=self.home / "server.log")

    def __enter__(self) -> Self:
        """Start it and wait until it answers."""
        self._access = self._process.start(list(self._command()), {}, Access)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it and wait until it is gone."""
        self._access = None
        self._process.stop()

    @property
    def access(self) -> Access:
        """How to reach it, known while it runs."""
        if self._access is None:
            raise ServiceUnavailableError(f"the Radicale of {self.home} does not run: start it first")
        return self._access

    @property
    def home_url(self) -> str:
        """Address of the folder that holds the user's calendars."""
        return f"{self.access.url}/{self.access.user}/"

    def add_calendar(self, name: str) -> str:
        """Make an empty calendar, and return its address."""
        address = f"{self.home_url}{uuid4().hex}/"
        self._ask("MKCOL", address, _MAKE.format(name))
        return address

    def put(self, calendar: str, name: str, text: str) -> None:
        """Write an event into a calendar, in place of one of the same name."""
        self._ask("PUT", f"{calendar}{name}.ics", text)

    def _ask(self, method: str, address: str, text: str) -> None:
        signed = (self.access.user, self.access.password)
        requests.request(method, address, data=text.encode(), auth=signed, timeout=30).raise_for_status()

    def _command(self) -> Iterator[str]:
        yield from (str(self.python), "-I", str(_SERVE), "--lifeline", "--home", str(self.home))
