"""Where pages are: ours below ``/nexuslims``, those of Airflow beside them, by where this server is mounted."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import Request

from nexuslims_core.sessions.page_links import MOUNTED, said_of, session_path

TASKS: Mapping[str, str] = {
    "nexuslims_build_records": "session.{stage}",
    "nexuslims_backfill_records": "build_session",
}
"""DAG to the task that runs a stage of a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where this server's pages are.

    Attributes
    ----------
    own
        What comes before our own paths, such as ``/nexuslims``.
    airflow
        What comes before those of Airflow; empty where it is at the root.
    """

    own: str
    airflow: str

    @classmethod
    def of(cls, request: Request) -> "Addresses":
        """Return the addresses as the one who asks sees them."""
        own = str(request.scope.get("root_path", "")).rstrip("/")
        return cls(own=own, airflow=own.removesuffix(MOUNTED))

    def page(self, path: str, **query: str | None) -> str:
        """Return the address of one of our pages; what is None or empty is left out of its query."""
        said = urlencode({name: value for name, value in query.items() if value}, quote_via=quote)
        return f"{self.own}/{path}{'?' if said else ''}{said}"

    def session(self, identifier: str, number: int | None = None, *, done: str | None = None) -> str:
        """Return the address of the page of a session.

        Parameters
        ----------
        number
            Of one of its logs; takes the place of an identifier that is too long for an address.
        done
            What was just done to it.
        """
        path = session_path(identifier, number)
        if done is None:
            return f"{self.own}/{path}"
        return f"{self.own}/{path}{'&' if '?' in path else '?'}{urlencode({'done': done})}"

    def record(self, identifier: str, number: int | None = None) -> str:
        """Return the address of the page that shows the record of a session."""
        return self.page("record", **said_of(identifier, number))

    def task_log(self, holder: str, stage: str | None) -> str | None:
        """Return where Airflow shows the log of the task, or the run, that holds an attempt; None for other holders.

        Parameters
        ----------
        holder
            ``<DAG>/<run>/<map index>``, as the operators name themselves.
        """
        dag, _, rest = holder.partition("/")
        run, _, index = rest.rpartition("/")
        if not (dag.startswith("nexuslims_") and run and index.lstrip("-").isdecimal()):
            return None
        address = f"{self.airflow}/dags/{quote(dag, safe='')}/runs/{quote(run, safe='')}"
        if dag not in TASKS or int(index) < 0:
            return address
        return f"{address}/tasks/{TASKS[dag].format(stage=quote(stage or 'claim', safe=''))}/mapped/{index}"
