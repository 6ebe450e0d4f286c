"""The files that the demo's CDCS points to, as a browser gets them."""

import http.client
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
import requests

from nexuslims_core.demo.file_server import FileServer, Shelf

PNG = b"\x89PNG\r\n\x1a\n..."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with two shelves, and a secret beside them."""
    for name, content in {
        "data/Titan/a b.dm3.thumb.png": PNG,
        "data/Titan/a b.dm3.json": b"{}",
        "data/nexuslims.sqlite": b"every session",
        "filestore/Titan/a b.dm3": b"DM",
        "filestore/Titan/page.html": b"<script>",
        "secret.json": b'"secret"',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


@pytest.fixture
def server(root: Path) -> Iterator[FileServer]:
    shelves = {
        "data": Shelf(root=root / "data", suffixes=frozenset({".png", ".json"})),
        "files": Shelf(root=root / "filestore"),
    }
    with FileServer(shelves) as running:
        yield running


Ask = Callable[..., tuple[int, bytes]]


@pytest.fixture
def ask(server: FileServer) -> Ask:
    """Ask for exactly this path, which a polite client would tidy up first."""

    def get(path: str, host: str = "127.0.0.1", method: str = "GET") -> tuple[int, bytes]:
        port = int(server.url("data").split(":")[2].split("/")[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    return get


def test_a_preview_is_shown(server: FileServer) -> None:
    reply = requests.get(f"{server.url('data')}/Titan/a%20b.dm3.thumb.png", timeout=10)

    assert (reply.status_code, reply.content, reply.headers["Content-Type"]) == (200, PNG, "image/png")


def test_a_raw_file_can_only_be_kept_and_is_never_run(server: FileServer) -> None:
    reply = requests.get(f"{server.url('files')}/Titan/page.html", timeout=10)

    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"] == "attachment"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_name_that_is_not_utf8_is_found(root: Path, ask: Ask) -> None:
    (root / "filestore" / "gr\udcfcn.dm3").write_bytes(b"DM green")

    assert ask("/files/" + quote_from_bytes(b"gr\xfcn.dm3")) == (200, b"DM green")


@pytest.mark.parametrize(
    "path",
    [
        "/data/../secret.json",
        "/data/%2e%2e/secret.json",
        "/data//etc/passwd.json",
        "/data/..%2fsecret.json",
        "/data/link/secret.json",
        "/data/circle.json",
        "/data/%00.json",
        "/data/" + "a" * 5000 + ".json",
        "/data/nexuslims.sqlite",
        "/data/Titan",
        "/data/Titan/",
        "/other/a.json",
        "/",
    ],
)
def test_nothing_else_is_given_away(root: Path, ask: Ask, path: str) -> None:
    (root / "data" / "link").symlink_to(root)
    (root / "data" / "circle.json").symlink_to(root / "data" / "circle.json")

    status, body = ask(path)

    assert status == 404
    assert b"secret" not in body


def test_a_page_from_elsewhere_cannot_look_in_under_a_name_of_its_own(ask: Ask) -> None:
    assert ask("/data/Titan/a%20b.dm3.json", host="evil.example.org")[0] == 404


def test_head_says_what_get_would(ask: Ask) -> None:
    assert ask("/data/Titan/a%20b.dm3.json", method="HEAD") == (200, b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_nothing_can_be_changed(ask: Ask, method: str) -> None:
    assert ask("/data/Titan/a%20b.dm3.json", method=method)[0] == 501
