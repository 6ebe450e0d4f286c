"""What a client hears when something is wrong: ``{"error": {"type": class name, "sentence": text}}``.

A client that hears 503 keeps what it wanted to say and says it again later; all other errors are its own to mend. What
is wrong on this side is told to the log alone: an instrument's computer need not know our hosts, files and accounts.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from nexuslims_core.errors import (
    NexusLimsError,
    ServiceUnavailableError,
    SessionStateError,
    UnknownInstrumentError,
    UnknownSessionError,
    UnusableInstrumentError,
)

RETRY_AFTER_S = 30

log = logging.getLogger(__name__)


class NotLoggedInError(NexusLimsError):
    """Airflow does not know who calls."""


class NotAllowedError(NexusLimsError):
    """Airflow knows who calls, and they may not do this."""


class ForgedRequestError(NexusLimsError):
    """A page of another site makes a browser call us with the cookie of its user."""


class UnusableBodyError(NexusLimsError):
    """What a client sent is no call of ours."""


STATUS: Mapping[type[NexusLimsError], int] = {
    NotLoggedInError: 401,
    NotAllowedError: 403,
    ForgedRequestError: 403,
    UnknownSessionError: 404,
    UnknownInstrumentError: 404,
    SessionStateError: 409,
    UnusableBodyError: 422,
}
"""Errors that a client can mend; every other one is ours."""


def _ours(_: Request, error: Exception) -> JSONResponse:
    """Answer to an error that has a name here."""
    status = STATUS.get(type(error)) if isinstance(error, NexusLimsError) else None
    if isinstance(error, UnusableInstrumentError):
        return _answer(500, type(error).__name__, str(error))  # of this instrument alone: the others may go on
    if status is None:
        return _unavailable(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return _answer(status, type(error).__name__, str(error), headers)


def _of_database(_: Request, error: Exception) -> JSONResponse:
    """Answer where Airflow's own database keeps us from knowing who calls."""
    return _unavailable(error)


def _of_framework(_: Request, error: Exception) -> JSONResponse:
    """Answer to what the framework refuses by itself: an unknown path, another method, a role."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 403:
        return _answer(403, NotAllowedError.__name__, "your role in Airflow may not do this: it takes User or above")
    sentence = {404: "there is no such path", 405: "this path is called with POST"}.get(status, "it cannot be served")
    return _answer(status, HTTPException.__name__, sentence)


def _of_fault(_: Request, __: Exception) -> JSONResponse:
    """Answer to a fault of ours; the server logs it."""
    return _answer(500, "InternalError", "this is a fault of the server, whose log tells more")


def _unavailable(error: Exception) -> JSONResponse:
    log.error("answered 503 to a logger of an instrument: %s", error)
    sentence = f"the database does not answer now: say it again in {RETRY_AFTER_S} s; the server's log tells why"
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return _answer(503, ServiceUnavailableError.__name__, sentence, headers)


def _answer(status: int, kind: str, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"type": kind, "sentence": sentence}}, status, headers)


ANSWERS: Mapping[Any, Callable[[Request, Exception], JSONResponse]] = {
    NexusLimsError: _ours,
    HTTPException: _of_framework,
    exc.OperationalError: _of_database,
    exc.InterfaceError: _of_database,
    exc.TimeoutError: _of_database,
    Exception: _of_fault,
}
