"""Where a logger's entries go: to Airflow where NEXUSLIMS_API_URL names it, else straight into the database."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from nexuslims_core.config import LoggerSettings, load_logger_settings, load_settings
from nexuslims_core.logger.entries import Entry, Logbook, Written
from nexuslims_core.logger.queue import Queue

if TYPE_CHECKING:  # an instrument's computer need not have SQLAlchemy
    from nexuslims_core.db.database import Database


@dataclass(frozen=True, kw_only=True)
class DatabaseLogbook:
    """The logbook that is the database of sessions itself.

    Attributes
    ----------
    url
        SQLAlchemy address; the database is opened for the first entry.
    """

    url: str

    @cached_property
    def _database(self) -> "Database":
        from nexuslims_core.db.database import Database

        return Database.open(self.url)

    def write(self, entry: Entry) -> Written:
        """Write an entry down; raises as :meth:`nexuslims_core.logger.entries.Logbook.write` says."""
        from nexuslims_core.sessions.clocks import by_the_clock

        if entry.instrument is not None:
            at = by_the_clock(entry.at, self._database.instrument(entry.instrument).zone)
            self._database.start_session(
                entry.instrument, entry.user, session_identifier=entry.session, **_said(entry, at)
            )
        else:
            summary = self._database.summary(entry.session)
            zone = self._database.instrument(summary.instrument_pid).zone
            self._database.end_session(
                entry.session, **_said(entry, by_the_clock(entry.at, zone, after=summary.dt_from))
            )
        found = self._database.summary(entry.session)
        return Written(session=entry.session, status=found.status.value, start=found.dt_from, end=found.dt_to)


def _said(entry: Entry, at: datetime) -> dict[str, datetime]:
    """Return a time by what it is: stated, or that of the call."""
    return {"at" if entry.stated else "called_at": at}


def opened() -> tuple[Queue, Logbook]:
    """Return where entries are kept on this computer, and where they are sent to.

    Raises
    ------
    ConfigurationError
        If a setting is missing or cannot be used.
    """
    settings = load_logger_settings()
    if settings.api_url is not None:
        return Queue(folder=settings.queue_folder), _airflow(settings, settings.api_url)
    facility = load_settings()
    folder = settings.queue_path or facility.data_path / "queue"
    return Queue(folder=folder), DatabaseLogbook(url=facility.database_url)


def _airflow(settings: LoggerSettings, url: str) -> Logbook:
    from nexuslims_core.logger.client import AirflowLogbook

    password = settings.password.get_secret_value() if settings.password else None
    return AirflowLogbook(url=url, user=settings.user, password=password, timeout_s=settings.api_timeout_s)
