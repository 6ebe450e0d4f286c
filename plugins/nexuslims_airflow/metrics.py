"""What is measured, sent as Airflow sends its own metrics: by StatsD, Datadog or OpenTelemetry (docs/metrics.md).

Airflow's settings rule whether, how and under which prefix. Nothing here disturbs the work that it measures.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from airflow.sdk.configuration import conf
from airflow.sdk.observability import stats

from nexuslims_core.errors import NexusLimsError
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import Session
from nexuslims_core.sessions.turnaround import RECENT, came_online

if TYPE_CHECKING:  # a DAG is read without it
    from nexuslims_core.db.database import Database

log = logging.getLogger(__name__)

BUILT = "nexuslims.session.built"
END_TO_ONLINE = "nexuslims.session.end_to_online"
STAGE = "nexuslims.stage.duration"
READ = "nexuslims.files.read"
UNREADABLE = "nexuslims.files.unreadable"
WAITING = "nexuslims.sessions.waiting"
OLDEST_WAIT = "nexuslims.sessions.oldest_wait"
RECEIVERS = ("statsd_on", "statsd_datadog_enabled", "otel_on")
"""Settings of Airflow; where none is on, nobody receives what is measured."""
KNOWS_TAGS = ("statsd_datadog_enabled", "statsd_influxdb_enabled")


@contextmanager
def timed(stage: str, instrument_pid: str) -> Iterator[None]:
    """Measure how long one stage of one session takes, well ended or not."""
    begun = perf_counter()
    try:
        yield
    finally:
        stage_took(stage, instrument_pid, perf_counter() - begun)


def stage_took(stage: str, instrument_pid: str, seconds: float) -> None:
    """Tell how long one stage of one session took."""
    if not _somebody_receives():
        return
    name, tags = spelt(STAGE, {"stage": stage, "instrument": instrument_pid})
    stats.timing(name, timedelta(seconds=seconds), tags=tags)


def attempt_ended(database: "Database", session_identifier: str) -> None:
    """Tell how the last attempt on a session ended, what it read, and how long people waited for its record."""
    if not _somebody_receives():
        return
    try:
        session = database.summary(session_identifier)
        attempts = database.attempts(session_identifier)
    except NexusLimsError as error:
        log.warning("session %s is not measured: %s", session_identifier, error)
        return
    tags = {"instrument": session.instrument_pid}
    for last in attempts[-1:]:
        _tell_of(last, tags)
        online = came_online(attempts)
        if online is not None and online == last.ended_at and session.dt_to is not None:
            _tell_of_wait(online - session.dt_to, tags)


def _tell_of(attempt: Attempt, tags: Mapping[str, str]) -> None:
    if attempt.outcome is not None:
        _count(BUILT, 1, {"status": attempt.outcome.name, **tags})
    if attempt.files is not None and attempt.unreadable is not None:
        _count(READ, attempt.files - attempt.unreadable, tags)
        _count(UNREADABLE, attempt.unreadable, tags)


def _tell_of_wait(span: timedelta, tags: Mapping[str, str]) -> None:
    """Tell for how long people waited for a record, unless it is one of the past that nobody waited for."""
    if span <= RECENT:
        name, kept = spelt(END_TO_ONLINE, tags)
        stats.timing(name, span, tags=kept)


def sessions_wait(waiting: Sequence[Session], now: datetime) -> None:
    """Tell how many sessions wait to be built, and for how many seconds the one has that ended first."""
    oldest = max((now - session.dt_to for session in waiting), default=timedelta(0))
    stats.gauge(WAITING, len(waiting))
    stats.gauge(OLDEST_WAIT, max(0.0, oldest.total_seconds()))


def _somebody_receives() -> bool:
    return any(conf.getboolean("metrics", each) for each in RECEIVERS)


def _count(name: str, number: int, tags: Mapping[str, str]) -> None:
    name, kept = spelt(name, tags)
    stats.incr(name, number, tags=kept)


def spelt(name: str, tags: Mapping[str, str]) -> tuple[str, dict[str, str] | None]:
    """Return name and tags as the operator's receiver understands them: plain StatsD knows names only."""
    if not conf.getboolean("metrics", "statsd_on") or any(conf.getboolean("metrics", each) for each in KNOWS_TAGS):
        return name, dict(tags)
    words = (stats.normalize_name_for_stats(each.replace(".", "_"), log_warning=False) for each in tags.values())
    return ".".join((name, *words)), None
