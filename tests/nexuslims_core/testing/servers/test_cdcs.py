"""The CDCS that we run for tests and demonstrations: it starts, says why when it does not, and really stops."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from nexuslims_core import schemas
from nexuslims_core.errors import AuthenticationError, ServiceUnavailableError
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.cdcs.installing import make_venv

pytestmark = [pytest.mark.server, pytest.mark.slow]

SCHEMA = schemas.schema_path(schemas.NEXUS_EXPERIMENT)
RECORD = f'<Experiment xmlns="{schemas.NEXUS_NAMESPACE}"><title>a</title><summary/></Experiment>'.encode()
START_AND_BE_KILLED = """
import os, signal, sys
from pathlib import Path
from nexuslims_core.testing.servers.cdcs import CdcsServer
server = CdcsServer(home=Path(sys.argv[1]), python=Path(sys.argv[2]), schema=Path(sys.argv[3]))
server.start()
print(server.url, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def server(cdcs_python: Path, prepared_cdcs_home: Path, tmp_path: Path) -> CdcsServer:
    """A CDCS of its own that a test may start, stop and break."""
    home = shutil.copytree(prepared_cdcs_home, tmp_path / "home")
    return CdcsServer(home=home, python=cdcs_python, schema=SCHEMA)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can reach, since PostgreSQL does not run as root."""
    folder = Path(tempfile.mkdtemp(prefix="cdcs-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def is_listening(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as client:
        return client.connect_ex((str(address.hostname), int(address.port or 0))) == 0


def wait_until_closed(url: str) -> bool:
    end = time.monotonic() + 30
    while is_listening(url) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_listening(url)


def test_after_stop_nobody_listens_and_nothing_is_known(server: CdcsServer) -> None:
    with server:
        url = server.url

    assert not is_listening(url)
    with pytest.raises(ServiceUnavailableError, match="does not run"):
        _ = server.url


def test_records_outlive_a_restart(server: CdcsServer) -> None:
    with server:
        CdcsStore(url=server.url, token=server.token).put("kept", RECORD)

    with server:
        found = requests.get(f"{server.url}/rest/data/1/", timeout=30).json()

    assert found["xml_content"].encode() == RECORD


def test_a_taken_port_is_said(server: CdcsServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server.port = taken.getsockname()[1]

        with pytest.raises(ServiceUnavailableError, match=f"port {server.port} .* cannot be taken"):
            server.start()


def test_a_schema_that_cdcs_does_not_take_is_said(server: CdcsServer, tmp_path: Path) -> None:
    server.schema = tmp_path / "broken.xsd"
    server.schema.write_text("<no-schema/>")

    with pytest.raises(ServiceUnavailableError, match=r"template/global/ with [45]00"):
        server.start()


def test_a_server_whose_parent_was_killed_stops_by_itself(server: CdcsServer) -> None:
    arguments = [str(server.home), str(server.python), str(server.schema)]

    parent = subprocess.run(
        [sys.executable, "-c", START_AND_BE_KILLED, *arguments], stdout=subprocess.PIPE, text=True, check=False
    )

    assert parent.returncode == -signal.SIGKILL
    assert wait_until_closed(parent.stdout.strip())


def test_starts_from_a_process_that_has_no_stdin(server: CdcsServer) -> None:
    arguments = [str(server.home), str(server.python), str(server.schema)]
    command = 'exec "$0" "$@" <&-'

    parent = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, "-c", START_AND_BE_KILLED, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert parent.stdout.startswith("http://127.0.0.1:")


def test_a_changed_schema_becomes_the_next_version_and_old_records_are_still_found(
    server: CdcsServer, tmp_path: Path
) -> None:
    with server:
        before = server.template
        first = CdcsStore(url=server.url, token=server.token).put("kept", RECORD)
    changed = tmp_path / SCHEMA.name
    changed.write_text(re.sub(r"(<xs:schema\b[^>]*>)", r"\1<!-- changed -->", SCHEMA.read_text("utf-8"), count=1))
    server.schema = changed

    with server:
        store = CdcsStore(url=server.url, token=server.token)
        second = store.put("kept", RECORD.replace(b">a<", b">b<"))

        assert server.template != before
        assert second.record_id == first.record_id


def test_a_login_class_other_than_basic_first_answers_403_and_is_understood(server: CdcsServer) -> None:
    server.authentication = ("session", "token")

    with server, pytest.raises(AuthenticationError, match="403"):
        CdcsStore(url=server.url, user=server.user, password=server.password).put("a", RECORD)


def test_postgresql_keeps_records_too_and_stops_with_its_cdcs(cdcs_python: Path, open_folder: Path) -> None:
    home = open_folder / "home"
    with CdcsServer(home=home, python=cdcs_python, schema=SCHEMA, database="postgresql") as server:
        store = CdcsStore(url=server.url, token=server.token)
        first = store.put("kept", RECORD)
        second = store.put("kept", RECORD.replace(b">a<", b">b<"))

    assert second.record_id == first.record_id
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_an_environment_that_is_up_to_date_is_not_made_again(cdcs_python: Path) -> None:
    said: list[str] = []

    python = make_venv(cdcs_python.parents[2], said.append)

    assert python == cdcs_python
    assert said == []


def test_an_environment_that_cannot_be_made_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))

    with pytest.raises(ServiceUnavailableError, match="CDCS cannot be installed") as failure:
        make_venv(tmp_path / "cdcs", lambda _: None)

    assert "\n" not in str(failure.value)
    assert not os.path.lexists(tmp_path / "cdcs" / "stamp")
