"""A private PostgreSQL for one CDCS: its data lie in the CDCS's home, and it listens on a Unix socket only.

PostgreSQL refuses to run as root, so root hands it to the account ``postgres``, or ``nobody`` where there is none;
that account must be able to reach the home.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "cdcs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivatePostgres:
    """One cluster and the programs that run it.

    Attributes
    ----------
    programs
        The folder that holds ``initdb`` and ``pg_ctl``.
    data
        The folder of the cluster.
    socket
        The folder of the Unix socket; a short path, since the system allows about a hundred letters.
    """

    programs: Path
    data: Path
    socket: Path

    def start(self) -> None:
        """Make the cluster where it is missing, and start it; one that a killed CDCS left running is stopped first."""
        for folder in (self.data, self.socket):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if (account := _account()) is not None:
                os.chown(folder, account.pw_uid, account.pw_gid)
        if not (self.data / "PG_VERSION").exists():
            self._run("initdb", "-U", SUPERUSER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        elif (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-m", "immediate", "-w", "stop", check=False)
        options = f"-c listen_addresses='' -c fsync=off -k {self.socket}"
        self._run("pg_ctl", "-w", "-l", str(self.data / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it and remove its socket."""
        self._run("pg_ctl", "-m", "fast", "-w", "stop")
        shutil.rmtree(self.socket, ignore_errors=True)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        account = _account()
        who = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        command = [str(self.programs / program), "-D", str(self.data), *arguments]
        subprocess.run(command, check=check, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **who)


def _account() -> pwd.struct_passwd | None:
    """Return the account that PostgreSQL must run as, or None if ours will do."""
    if os.getuid() != 0:
        return None
    names = {account.pw_name: account for account in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def start_postgres(programs: Path, home: Path) -> dict[str, str]:
    """Start the PostgreSQL of ``home``, stop it when this process ends, and return how to reach it."""
    server = PrivatePostgres(
        programs=programs, data=home / "postgres", socket=Path(tempfile.mkdtemp(prefix="cdcs-postgres-"))
    )
    server.start()
    atexit.register(server.stop)
    return {"PGHOST": str(server.socket), "PGUSER": SUPERUSER}
