"""Who may call: Airflow says who it is and what they may do."""

from collections.abc import Collection, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user, requires_access_dag
from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials

from nexuslims_airflow.api.answers import ForgedRequestError, NotLoggedInError

BUILDING = "nexuslims_build_records"
OF_OUR_OWN_PAGES = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site: called by a page of this server, or by the user's own hand."""

Token = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_scheme)]

_may_trigger = requires_access_dag("POST", DagAccessEntity.RUN, BUILDING)
_may_look = requires_access_dag("GET", None, BUILDING)


async def logged_in(request: Request, token: Token) -> BaseUser:
    """Return who calls, by a bearer token or the cookie of Airflow's pages.

    Raises
    ------
    NotLoggedInError
        If it is nobody whom Airflow knows; a token that is none or was revoked is nobody too.
    """
    try:
        return await get_user(request, None, token)
    except HTTPException as error:
        raise NotLoggedInError("log in first: POST /auth/token gives a token, or gives a new one") from error


User = Annotated[BaseUser, Depends(logged_in)]


def may_write(request: Request, user: User) -> None:
    """Let those write starts and ends who may trigger a run of the DAG that builds records.

    An end does start a run of it, so that this is the very right that is used; every auth manager of Airflow knows it,
    and a viewer never has it. The right to post asset events would shut out Airflow's role User, which is enough for an
    instrument's account.

    Raises
    ------
    HTTPException
        With status 403 for all others.
    """
    _may_trigger(request, user)


def may_act(request: Request, user: BaseUser) -> bool:
    """Return whether a user may do what :func:`may_write` lets through."""
    try:
        _may_trigger(request, user)
    except HTTPException:
        return False
    return True


def may_read(request: Request, user: User) -> None:
    """Let those look at sessions who may look at the DAG that builds records.

    Raises
    ------
    HTTPException
        With status 403 for all others.
    """
    _may_look(request, user)


def refuse_foreign_form(request: Request, token: Token) -> None:
    """Refuse a form that no page of this server has sent: other than a program, a browser always says which one did.

    Raises
    ------
    ForgedRequestError
        If it was sent by a page of another site, or by nobody knows whom.
    """
    said = request.headers
    if token is None and (said.get("sec-fetch-site") == "none" or not {"sec-fetch-site", "origin"} & set(said)):
        raise ForgedRequestError("send this form from its own page")
    refuse_forged(request, token)


def refuse_forged(request: Request, token: Token) -> None:
    """Refuse what a page of another site makes a browser send with the cookie of Airflow; a token is never so sent.

    Raises
    ------
    ForgedRequestError
        If the browser says that it comes from elsewhere.
    """
    own = {request.headers.get("host", ""), urlsplit(conf.get("api", "base_url", fallback="")).netloc} - {""}
    if token is None and is_foreign(request.headers, own):
        raise ForgedRequestError("a page of another site may not write down sessions")


def is_foreign(headers: Mapping[str, str], own: Collection[str]) -> bool:
    """Return whether a browser says that a page of another site calls; what is no browser says nothing of it.

    Parameters
    ----------
    headers
        Header fields, whose names do not depend on case or are in lower case.
    own
        Names, with their port, under which this server is known.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in OF_OUR_OWN_PAGES
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] not in own
