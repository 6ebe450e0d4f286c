"""The database of sessions in a process of the web server: the one that the tasks use, opened once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from nexuslims_core.config import load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.errors import AuthenticationError, DatabaseError, ServiceUnavailableError


class Books:
    """Lends the database to those who call, a few at the same time; after a failure it is opened anew.

    Parameters
    ----------
    at_once
        To how many it is lent at the same time. Fewer than the threads that all pages of Airflow share, and than the
        connections to PostgreSQL: where the database of sessions hangs, Airflow does not.
    patience_s
        For how long one more waits.
    """

    def __init__(self, *, at_once: int = 8, patience_s: float = 5.0) -> None:
        self._opening = Lock()
        self._places = BoundedSemaphore(at_once)
        self._patience_s = patience_s
        self._database: Database | None = None

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """Lend the database while the block lasts.

        Raises
        ------
        ConfigurationError
            If a setting is missing or cannot be used.
        DatabaseError
            If there is none, or it is of another release.
        ServiceUnavailableError
            If it does not answer, or too many wait for it already.
        """
        if not self._places.acquire(timeout=self._patience_s):
            raise ServiceUnavailableError("too many calls wait for the database of sessions already")
        try:
            yield self._kept()
        except (ServiceUnavailableError, DatabaseError, AuthenticationError):
            self._forget()
            raise
        finally:
            self._places.release()

    def _kept(self) -> Database:
        with self._opening:
            if self._database is None:
                self._database = Database.open(load_settings().database_url)
            return self._database

    def _forget(self) -> None:
        """Drop the database and its idle connections; who works with it still keeps their own."""
        with self._opening:
            database, self._database = self._database, None
        if database is not None:
            database.engine.dispose()
