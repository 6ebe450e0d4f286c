"""What a client says, read from the body of its call: small, JSON, and every value checked."""

from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from nexuslims_airflow.api.answers import UnusableBodyError
from nexuslims_core.sessions.naming import LONGEST_NAME

MOST_BYTES = 16_384
LONGEST_TIME = 64
NO_TIME = "write a time as 2026-03-01T09:30:00+01:00"

T = TypeVar("T", bound=BaseModel)


def _readable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("it must be one line of readable text")
    return text


def _moment(value: object) -> datetime | None:
    """Return the time that a text states, naive if it states no zone; one that no zone can shift is none."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_TIME:
        raise ValueError(NO_TIME)
    try:
        time = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(NO_TIME) from error
    if not MINYEAR < time.year < MAXYEAR:
        raise ValueError(NO_TIME)
    return time


Text = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_readable)]
Moment = Annotated[datetime | None, PlainValidator(_moment)]


class Start(BaseModel):
    """A session starts: ``at`` a time that somebody states, else when the logger was called, else now."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Text
    instrument: Text
    user: Text | None = None
    at: Moment = None
    called_at: Moment = None


class End(BaseModel):
    """A session ends; the times are those of a start."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Text
    at: Moment = None
    called_at: Moment = None


async def body(request: Request) -> bytes:
    """Return the body of a call.

    A page of another site cannot send JSON without asking this server first, which does not answer it.

    Raises
    ------
    UnusableBodyError
        If it is not said to be JSON, or is longer than any call of ours.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnusableBodyError("the body must be JSON, and say so: Content-Type: application/json")
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            raise UnusableBodyError(f"the body is longer than {MOST_BYTES} bytes")
    return bytes(read)


Body = Annotated[bytes, Depends(body)]


def said(kind: type[T], json: bytes) -> T:
    """Return what a body says.

    Raises
    ------
    UnusableBodyError
        If it does not say what it should; the sentence names each field, and repeats nothing of its value.
    """
    try:
        return kind.model_validate_json(json)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        sentences = [f"{_field(kind, each['loc'])}: {each['msg'].removeprefix('Value error, ')}" for each in found[:5]]
        raise UnusableBodyError("; ".join(sentences)) from error


def _field(kind: type[BaseModel], where: tuple[int | str, ...]) -> str:
    """Return how people know the place of a fault; names that are none of ours are not repeated."""
    if not where:
        return "the body"
    return str(where[0]) if where[0] in kind.model_fields else f"another field than {', '.join(kind.model_fields)}"
