"""docker-compose.yaml as docker-compose reads it; no engine is needed for that."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import REPOSITORY, program

EXAMPLE = REPOSITORY / "deploy" / "compose.env.example"
FILLED = {
    "NEXUSLIMS_FILESTORE_PATH": "/mnt/microscopy",
    "NEXUSLIMS_DATA_PATH": "/srv/nexuslims",
    "POSTGRES_PASSWORD": "of-postgres",
    "REDIS_PASSWORD": "of-redis",
    "JWT_SECRET": "of-tokens",
    "FERNET_KEY": "of-connections",
    "AIRFLOW_USERS": "ada:admin",
}
ENDS = {"prepare"}


def _read(folder: Path, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Have docker-compose read the file beside a .env."""
    compose = program("docker-compose", "apt-get install docker-compose")
    shutil.copy(REPOSITORY / "docker-compose.yaml", folder)
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    command = [compose, "--profile", "cdcs", "config"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin"})


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The services as docker-compose understands them."""
    done = _read(tmp_path_factory.mktemp("compose"), FILLED)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
    return found


def test_the_example_names_every_setting_that_has_no_default() -> None:
    asked = set(re.findall(r"^([A-Z_]+)=$", EXAMPLE.read_text(), re.MULTILINE))

    assert asked == set(FILLED)


@pytest.mark.parametrize("missing", FILLED)
def test_nothing_starts_without_a_setting_that_has_no_default(tmp_path: Path, missing: str) -> None:
    done = _read(tmp_path, {**FILLED, missing: ""})

    assert done.returncode != 0
    assert missing in done.stderr


def test_no_secret_stands_in_the_file() -> None:
    secrets = re.findall(
        r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)([^}]*)\}", (REPOSITORY / "docker-compose.yaml").read_text()
    )

    assert {name for name, _ in secrets} == {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "JWT_SECRET", "FERNET_KEY"}
    assert all(rest.startswith(":?") for _, rest in secrets)


def test_every_image_is_pinned(services: dict[str, Any]) -> None:
    assert all(re.search(r":\d+\.\d+(\.\d+)?(-\w+)?$", each["image"]) for each in services.values())


def test_every_service_that_stays_tells_its_health(services: dict[str, Any]) -> None:
    assert {name for name, each in services.items() if "healthcheck" not in each} == ENDS


def test_nobody_is_root_but_the_database_that_steps_down_by_itself(services: dict[str, Any]) -> None:
    root = {name for name, each in services.items() if each.get("user", "0").split(":")[0] in {"0", "root"}}

    assert root == {"postgres"}
    assert all("no-new-privileges:true" in each["security_opt"] for each in services.values())


def test_raw_files_are_mounted_to_be_read_alone(services: dict[str, Any]) -> None:
    filestore = [m for each in services.values() for m in each.get("volumes", ()) if m.startswith("/mnt/microscopy")]

    assert len(filestore) == 5
    assert set(filestore) == {"/mnt/microscopy:/mnt/microscopy:ro"}


def test_only_this_machine_reaches_a_port_unless_asked(services: dict[str, Any]) -> None:
    ports = [port for each in services.values() for port in each.get("ports", ())]

    assert len(ports) == 2
    assert all(str(port).startswith("127.0.0.1:") for port in ports)


def test_the_tasks_wait_until_both_databases_are_made(services: dict[str, Any]) -> None:
    waits = services["worker"]["depends_on"]

    assert waits["prepare"] == {"condition": "service_completed_successfully"}
    assert services["prepare"]["command"][-1] == "airflow db migrate && nexuslims db upgrade"


def test_a_worker_loads_what_tasks_need_before_it_forks_them(services: dict[str, Any]) -> None:
    assert services["worker"]["environment"]["AIRFLOW__CORE__LAZY_LOAD_PLUGINS"] == "False"
    assert services["worker"]["environment"].items() > services["scheduler"]["environment"].items()
