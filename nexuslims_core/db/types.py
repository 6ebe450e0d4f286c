"""Column types that behave the same on SQLite and PostgreSQL, and take whatever text the outside world holds."""

import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from nexuslims_core.sessions.clocks import NO_TIME


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time to the microsecond: naive ones are refused, and all come back in UTC.

    PostgreSQL keeps it as ``timestamptz``. SQLite has no times, so it gets ISO 8601 text of fixed width, which sorts.
    A naive text by another hand is read as UTC; those of session_log are placed first (repositories/unplaced_logs.py).
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Return text for SQLite and a time with a zone for the rest."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Turn an aware time to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no zone: only aware times are kept")
        utc = value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds") if dialect.name == "sqlite" else utc

    @override
    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC, :data:`NO_TIME` for what another hand wrote and is none."""
        if value is None or isinstance(value, datetime):
            return value and _in_utc(value)
        try:
            return _in_utc(datetime.fromisoformat(value))
        except (TypeError, ValueError, OverflowError):
            return NO_TIME


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


class UtcNow(FunctionElement[datetime]):
    """The time at which a row is inserted, as a default of the table: in the form of :class:`UtcDateTime`."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(UtcNow)
def _utc_now(_element: UtcNow, _compiler: object, **_: object) -> str:
    return "now()"


@compiles(UtcNow, "sqlite")
def _utc_now_in_sqlite(_element: UtcNow, _compiler: object, **_: object) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'"


def any_text(value: str | None) -> str | None:
    """Return text as every database keeps it."""
    if value is None:
        return None
    return value.replace("\0", "�").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class AnyText(TypeDecorator[str]):
    """Text from outside: what a database cannot hold (NUL, bytes that were no UTF-8) becomes the replacement sign."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be kept."""
        return any_text(value)

    @override
    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        """Return text, also where another hand left bytes."""
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


class PathText(TypeDecorator[Path]):
    """An absolute path; one that is not UTF-8 is kept as a percent-encoded ``file:`` address, so no name is lost."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Path | None, dialect: Dialect) -> str | None:
        """Return the path as text that any database can hold."""
        if value is None:
            return None
        try:
            str(value).encode("utf-8")
        except UnicodeEncodeError:
            return value.as_uri()
        return str(value)

    @override
    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> Path | None:
        """Return the path that was given."""
        if value is None:
            return None
        if isinstance(value, bytes):  # by another hand
            return Path(os.fsdecode(value))
        if value.startswith("file://"):
            return Path(unquote_to_bytes(value.removeprefix("file://")).decode("utf-8", "surrogateescape"))
        return Path(value)
