"""Airflow's provider of OpenLineage, beside this project's environment and not in it: a folder for PYTHONPATH."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLineage:
    """The provider, and the file that it writes its events to.

    Attributes
    ----------
    packages
        Folder that holds it and what it needs beside what is installed here.
    events
        One JSON document a line.
    """

    packages: Path
    events: Path

    @property
    def options(self) -> Mapping[str, str]:
        """Settings of Airflow, without their ``AIRFLOW__``."""
        transport = {"type": "file", "log_file_path": str(self.events), "append": True}
        return {"OPENLINEAGE__TRANSPORT": json.dumps(transport), "OPENLINEAGE__NAMESPACE": "lab"}

    def told(self, task: str, kind: str = "COMPLETE") -> list[dict[str, Any]]:
        """Return the events of one kind about a task, such as ``session.upload_record``, in their order."""
        if not self.events.exists():
            return []
        said = [json.loads(line) for line in self.events.read_text().splitlines() if line]
        return [each for each in said if each["job"]["name"].endswith(f".{task}") and each["eventType"] == kind]


def installed(folder: Path) -> Path:
    """Return a folder that holds the provider, made or renewed only where needed."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        packages, stamp = folder / "packages", folder / "stamp"
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(packages, ignore_errors=True)
            pinned = ("--require-hashes", "--no-deps", "--requirements", str(REQUIREMENTS))
            command = (sys.executable, "-m", "uv", "--quiet", "pip", "install", "--target", str(packages), *pinned)
            subprocess.run(command, check=True)
            stamp.write_text(wanted)
    return packages
