"""When sessions ended, and when their records were online."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import SessionBuildRow, SessionLogRow
from nexuslims_core.sessions.models import EventType
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.turnaround import AWAITED, Delivery


def since(transaction: Transaction, ended_since: datetime) -> tuple[Delivery, ...]:
    """Return the sessions that ended since then and have a record online, or are to have one."""
    log, build = SessionLogRow, SessionBuildRow
    first = (
        select(build.session_identifier, func.min(build.ended_at).label("online"))
        .where(build.outcome == RecordStatus.COMPLETED.value, build.ended_at >= ended_since)
        .group_by(build.session_identifier)
        .subquery()
    )
    query = (
        select(log.session_identifier, func.max(log.timestamp), first.c.online)
        .outerjoin(first, first.c.session_identifier == log.session_identifier)
        .where(log.event_type == EventType.END, log.timestamp >= ended_since)
        .where(or_(first.c.online.is_not(None), log.record_status.in_(sorted(AWAITED))))
        .group_by(log.session_identifier, first.c.online)
        .order_by(log.session_identifier)
    )
    return tuple(
        Delivery(session_identifier=identifier, ended=ended, online=online)
        for identifier, ended, online in transaction.execute(query)
    )
