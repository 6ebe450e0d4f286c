"""Airflow inside the test process, in a home of its own: imported before anything else of Airflow."""

import importlib.util
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = tempfile.TemporaryDirectory(prefix="nexuslims-airflow-")

os.environ |= {
    "AIRFLOW_HOME": HOME.name,
    "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
}


def fresh_python(script: str, **env: str) -> str:
    """Run a script in an interpreter that has imported nothing, and return the last line that it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEXUSLIMS")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=kept | {"PYTHONPATH": str(REPOSITORY / "plugins"), **env},
        cwd=HOME.name,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1]


def _import_quietly() -> None:
    """Import Airflow and take back the handlers that it gives to everybody's log."""
    everybody = logging.getLogger()
    handlers, level = everybody.handlers[:], everybody.level
    importlib.import_module("airflow")
    everybody.handlers[:] = handlers
    everybody.setLevel(level)


if importlib.util.find_spec("airflow") is not None:
    _import_quietly()
