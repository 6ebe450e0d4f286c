"""The CDCS of docker-compose's profile: its command from the Dockerfile, with the paths of this machine."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from nexuslims_core.demo import processes
from tests.deploy.conftest import REPOSITORY, steps


@pytest.fixture
def ready(cdcs_python: Path, prepared_cdcs_home: Path, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What it says of itself once it answers, with the port that it has here."""
    home = shutil.copytree(prepared_cdcs_home, tmp_path / "home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (command,) = [json.loads(rest) for word, rest in steps("cdcs") if word == "CMD"]
    here = {
        "/opt/cdcs/venv/bin/python": str(cdcs_python),
        "/opt/nexuslims": str(REPOSITORY),
        "/opt/airflow/cdcs": str(home),
        "8000": str(port),
    }
    for inside, outside in here.items():
        command = [word.replace(inside, outside) for word in command]
    server = subprocess.Popen(
        command, env={"PATH": os.defpath}, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert server.stdout is not None
        yield {**json.loads(server.stdout.readline()), "port": port}
    finally:
        processes.stop([server], limit_s=10)
        server.stdout.close()


def test_other_containers_reach_it_by_its_name_and_strangers_do_not(ready: dict[str, Any]) -> None:
    answers = {
        host: requests.get(f"http://127.0.0.1:{ready['port']}/", headers={"Host": host}, timeout=30).status_code
        for host in ("cdcs:8000", "localhost:8000", "cdcs.example.org")
    }

    assert answers == {"cdcs:8000": 200, "localhost:8000": 200, "cdcs.example.org": 400}


def test_it_prints_the_token_of_an_account_that_may_publish(ready: dict[str, Any]) -> None:
    headers = {"Authorization": f"Token {ready['token']}"}

    answer = requests.get(f"http://127.0.0.1:{ready['port']}/rest/data/", headers=headers, timeout=30)

    assert (answer.status_code, ready["url"]) == (200, f"http://cdcs:{ready['port']}")
