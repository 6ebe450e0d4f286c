"""What a form of our pages sends: small, plain, and every value checked where it is used."""

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, datetime, tzinfo
from typing import Annotated
from urllib.parse import parse_qsl, unquote

from fastapi import Depends, Request

from nexuslims_airflow.api.answers import UnusableBodyError
from nexuslims_core.sessions.clocks import by_the_clock
from nexuslims_core.sessions.naming import LONGEST_NAME

MOST_BYTES = 400_000
"""The longest identifier that the database keeps, in any script, encoded twice."""
FORM = "application/x-www-form-urlencoded"


async def fields(request: Request) -> Mapping[str, str]:
    """Return the fields of a form, blanks around them cut off.

    Raises
    ------
    UnusableBodyError
        If it is none, or longer than any form of ours.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise UnusableBodyError("this is called by a form of our pages")
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            raise UnusableBodyError(f"the form is longer than {MOST_BYTES} bytes")
    try:
        said = parse_qsl(read.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise UnusableBodyError("this is no form of our pages") from error
    return {name: value.strip() for name, value in said}


Fields = Annotated[Mapping[str, str], Depends(fields)]


def named(form: Mapping[str, str]) -> str:
    """Return the identifier of the session that a form is about."""
    return unquote(form.get("session", ""))


def text(form: Mapping[str, str], name: str) -> str | None:
    """Return a line that somebody wrote, None where it is empty.

    Raises
    ------
    UnusableBodyError
        If it is too long, or holds signs that cannot be read.
    """
    said = form.get(name, "")
    if len(said) > LONGEST_NAME or not said.isprintable():
        raise UnusableBodyError(f"write the {name} in one line of at most {LONGEST_NAME} readable signs")
    return said or None


def moment(form: Mapping[str, str], zone: tzinfo, *, after: datetime | None = None) -> datetime | None:
    """Return the time that somebody chose on the instrument's clock, None where the field is empty.

    Raises
    ------
    UnusableBodyError
        If it is no time.
    """
    said = form.get("at", "")
    if not said:
        return None
    try:
        time = datetime.fromisoformat(said[:64])
    except ValueError as error:
        raise UnusableBodyError("write the time as 2026-03-02 09:30, by the instrument's clock") from error
    if not MINYEAR < time.year < MAXYEAR:
        raise UnusableBodyError("there is no such year")
    return by_the_clock(time, zone, after=after)
