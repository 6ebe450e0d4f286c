"""Airflow for the demo, as processes: its environment, one run of the DAG, or all of its services.

The package does not import Airflow; it only starts its command.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nexuslims_core.demo import processes
from nexuslims_core.errors import NexusLimsError

REPOSITORY = Path(__file__).resolve().parents[2]
DAG = "nexuslims_build_records"
USER = "admin"
MIGRATE = ("db", "migrate")
RUN = ("dags", "test", DAG)


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
    facility
        Environment of the tasks: the NEXUSLIMS_ settings.
    port
        Where its pages are served.
    options
        Airflow's own settings that are to be others than the demo's, such as ``{"CORE__EXECUTOR": "CeleryExecutor"}``.
    """

    home: Path
    metadata_url: str
    facility: Mapping[str, str] = field(default_factory=dict)
    port: int = 8080
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address of its pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def password(self) -> str:
        """Password of the one user, made once and kept."""
        fresh = json.dumps({USER: secrets.token_urlsafe(9)})
        password: str = json.loads(self._kept("password.json", fresh))[USER]
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
            "API_AUTH__JWT_SECRET": self._kept("secret", secrets.token_hex(32)),
            "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
            "LOGGING__BASE_LOG_FOLDER": str(self.home / "logs"),
            **self.options,
        }
        return {
            **inherited,
            **self.facility,
            **{f"AIRFLOW__{name}": value for name, value in options.items()},
            "AIRFLOW_HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """Make the metadata database while the block runs, and wait for it at its end.

        Raises
        ------
        AirflowFailedError
            If Airflow cannot.
        """
        process = self.start(MIGRATE)
        try:
            yield
            if process.wait() != 0:
                raise AirflowFailedError(f"`airflow {' '.join(MIGRATE)}` failed: {self.tail(MIGRATE)}")
        finally:
            processes.stop([process])

    def run_dag(self, watch: Callable[[], None]) -> bool:
        """Run the DAG once, in one process, and return whether all of its tasks ended well.

        Parameters
        ----------
        watch
            Called a few times a second while it runs.
        """
        process = self.start(RUN)
        try:
            while True:
                try:
                    return process.wait(0.25) == 0
                except subprocess.TimeoutExpired:
                    watch()
        finally:
            processes.stop([process])

    def start(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start one command of Airflow, such as ``("scheduler",)``."""
        self.home.mkdir(parents=True, exist_ok=True)
        command = (sys.executable, "-m", "airflow", *words)
        return processes.start(command, env=self.environment(), cwd=self.home, log=self.log(words))

    def log(self, words: Sequence[str]) -> Path:
        """Return where what a command prints is kept."""
        return self.home / f"{'-'.join(word for word in words[:2] if not word.startswith('-'))}.log"

    def tail(self, words: Sequence[str]) -> str:
        """Return where the last of what a command printed is, and what it was."""
        log = self.log(words)
        said = log.read_text(errors="replace").splitlines()[-20:] if log.exists() else []
        return "\n".join((f"the end of {log}:", *said))

    def _kept(self, name: str, fresh: str) -> str:
        """Return a secret that is made once and that only its owner can read."""
        kept = self.home / name
        if not kept.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(fresh)
        return kept.read_text()
