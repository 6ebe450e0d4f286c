"""What a command logs on stderr: each line names the session that was worked on when it was written."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from typing_extensions import override

_FORMAT = "%(asctime)s %(levelname)s %(session)s%(message)s"
_session: ContextVar[str | None] = ContextVar("session", default=None)


@contextmanager
def about(session_identifier: str) -> Iterator[None]:
    """Name a session in every line that is logged meanwhile, whoever logs it."""
    before = _session.set(session_identifier)
    try:
        yield
    finally:
        _session.reset(before)


class NamingFormatter(logging.Formatter):
    """Puts the session before the message: ``2026-03-02 10:00:00,000 INFO [the session] …``."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    @override
    def format(self, record: logging.LogRecord) -> str:
        session = _session.get()
        record.session = "" if session is None else f"[{session}] "
        return super().format(record)


def log_to_stderr(level: int) -> None:
    """Write what is logged from this level on to stderr, unless somebody has said already where it goes."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(NamingFormatter())
    logging.basicConfig(level=level, handlers=[handler])
