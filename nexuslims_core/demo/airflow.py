"""Airflow for the demo, as processes: its environment, one run of the DAG, or all of its services.

The package does not import Airflow; it only starts its command.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nexuslims_core.errors import NexusLimsError

REPOSITORY = Path(__file__).resolve().parents[2]
DAG = "nexuslims_build_records"
USER = "admin"


class AirflowFailedError(NexusLimsError):
    """A command of Airflow ended with an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Airflow:
    """One Airflow of the demo.

    Attributes
    ----------
    home
        Its folder: settings, logs and, without a server, its metadata database.
    metadata_url
        SQLAlchemy address of its metadata database.
    port
        Where its pages are served.
    facility
        Environment of the tasks: the NEXUSLIMS_ settings.
    """

    home: Path
    metadata_url: str
    facility: Mapping[str, str]
    port: int = 8080

    @property
    def log(self) -> Path:
        """Where what its commands print is kept."""
        return self.home / "airflow.log"

    @property
    def url(self) -> str:
        """Address of its pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def password(self) -> str:
        """Password of the one user, made once and kept."""
        kept = self.home / "password.json"
        if not kept.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(json.dumps({USER: secrets.token_urlsafe(9)}))
        password: str = json.loads(kept.read_text())[USER]
        return password

    def environment(self) -> dict[str, str]:
        """Return the environment of every process of this Airflow."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "NEXUSLIMS_"))}
        options = {
            "CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
            "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "CORE__PARALLELISM": "4",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.home / "password.json"),
            "CORE__FERNET_KEY": "",
            "DATABASE__SQL_ALCHEMY_CONN": self.metadata_url,
            "API__PORT": str(self.port),
            "API__HOST": "127.0.0.1",
            "API__BASE_URL": self.url,
            "API__WORKERS": "1",
            "API_AUTH__JWT_SECRET": self._secret(),
            "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
            "LOGGING__BASE_LOG_FOLDER": str(self.home / "logs"),
        }
        return {
            **inherited,
            **self.facility,
            **{f"AIRFLOW__{name}": value for name, value in options.items()},
            "AIRFLOW_HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }

    def prepare(self) -> None:
        """Make the metadata database.

        Raises
        ------
        AirflowFailedError
            If Airflow cannot.
        """
        self._run("db", "migrate")

    def run_dag(self) -> bool:
        """Run the DAG once, in one process, and return whether all of its tasks ended well."""
        return self.start(("dags", "test", DAG)).wait() == 0

    def start(self, service: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start one service, such as ``("scheduler",)``, in a process group of its own."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "airflow", *service],
                env=self.environment(),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _run(self, *words: str) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        process = self.start(words)
        if process.wait() != 0:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
            raise AirflowFailedError(f"`airflow {' '.join(words)}` failed; the end of {self.log}:\n{tail}")

    def _secret(self) -> str:
        kept = self.home / "secret"
        if not kept.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_hex(32))
        return kept.read_text()
