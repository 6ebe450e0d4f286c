"""A web server on 127.0.0.1 that gives out the files of a folder, to everybody or behind a password."""

import base64
import hmac
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from typing_extensions import override

from nexuslims_core.testing.servers.thread import ServerThread


@dataclass(kw_only=True)
class WebFolder:
    """Serves inside a ``with``.

    Attributes
    ----------
    folder
        Whose files are given out.
    user, password
        Who may have them; without a user everybody may.
    logins
        How often somebody showed a password.
    """

    folder: Path
    user: str = ""
    password: str = field(default="", repr=False)
    logins: int = 0
    _server: ThreadingHTTPServer | None = field(default=None, init=False, repr=False)
    _thread: ServerThread | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        """Start to serve."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self, directory=str(self.folder)))
        self._thread = ServerThread(self._server)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        if self._thread is not None:
            self._thread.stop()

    def address(self, name: str = "") -> str:
        """Return the address of a file."""
        port = self._server.server_port if self._server is not None else 0
        return f"http://127.0.0.1:{port}/{name}"

    def lets_in(self, shown: str) -> bool:
        """Tell whether an Authorization header is that of the user."""
        self.logins += bool(shown)
        told = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return not self.user or hmac.compare_digest(shown.encode(), f"Basic {told}".encode())


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, served: WebFolder, *args: object, directory: str) -> None:
        self._served = served
        super().__init__(*args, directory=directory)  # type: ignore[arg-type] # as the server gives them

    @override
    def send_head(self) -> object:  # type: ignore[override] # what it returns is copied on
        """Ask for the password first."""
        if self._served.lets_in(self.headers.get("Authorization", "")):
            return super().send_head()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="files"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
