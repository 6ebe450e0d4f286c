"""Previews, metadata and raw files of the demo for the browser that looks at its CDCS: read only, this machine only."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import unquote_to_bytes, urlsplit

from typing_extensions import override

from nexuslims_core.artefacts import confined
from nexuslims_core.errors import UnsafePathError
from nexuslims_core.testing.servers.thread import ServerThread

SHOWN = {".png": "image/png", ".json": "application/json"}
"""What a browser may show; anything else it can only keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A folder whose files are served.

    Attributes
    ----------
    suffixes
        Suffixes of the files that may be seen, with the dot; None for every file.
    """

    root: Path
    suffixes: frozenset[str] | None = None


class FileServer:
    """Serves ``/<name>/<path below the root>`` of each shelf while its ``with`` block runs."""

    def __init__(self, shelves: Mapping[str, Shelf], port: int = 0) -> None:
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.shelves = shelves
        self._thread = ServerThread(self._http)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.stop()

    def url(self, shelf: str) -> str:
        """Return the address of a shelf, without a slash at the end."""
        return f"http://127.0.0.1:{self._http.server_port}/{shelf}"


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    shelves: Mapping[str, Shelf]


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    server_version, sys_version = "NexusLIMS", ""
    timeout = 30

    def do_HEAD(self) -> None:
        """Answer as GET does, without the file."""
        file = self._open()
        if file is not None:
            file.close()

    def do_GET(self) -> None:
        """Send one file."""
        file = self._open()
        if file is not None:
            with file:
                shutil.copyfileobj(file, self.wfile)

    def _open(self) -> BinaryIO | None:
        """Say what comes and return it, or say why nothing comes."""
        host = self.headers.get("Host", "").partition(":")[0]
        path = self._path() if host in {"127.0.0.1", "localhost"} else None  # no page from elsewhere may look in
        try:
            file = path.open("rb") if path and path.is_file() else None
        except OSError:
            file = None
        if path is None or file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        self._announce(path.suffix.lower(), os.fstat(file.fileno()).st_size)
        return file

    def _path(self) -> Path | None:
        """Return the file that is asked for; None where the shelf holds no such file."""
        name, _, rest = urlsplit(self.path).path.lstrip("/").partition("/")
        shelf = self.server.shelves.get(name)
        try:
            path = confined(shelf.root, os.fsdecode(unquote_to_bytes(rest))) if shelf else None
        except (UnsafePathError, ValueError, RuntimeError):  # a name that no file can have, links in a circle
            return None
        seen = path and shelf and (shelf.suffixes is None or path.suffix.lower() in shelf.suffixes)
        return path if seen else None

    def _announce(self, suffix: str, size: int) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", SHOWN.get(suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(size))
        self.send_header("Content-Disposition", "inline" if suffix in SHOWN else "attachment")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal quiet."""
