"""The stylesheets that a CDCS shows records with, put there by an administrator's account."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeVar

import requests
from pydantic import BaseModel, TypeAdapter, ValidationError

from nexuslims_core.connections import Deadline, make_cuttable
from nexuslims_core.errors import UnexpectedAnswerError
from nexuslims_core.publishing.cdcs_contents import CdcsContents
from nexuslims_core.publishing.cdcs_rest import CdcsRest, base_url, credentials

T = TypeVar("T")
_LIMIT_S = 600


class _Sheet(BaseModel):
    """A stylesheet, in CDCS's words."""

    id: int
    name: str


class _Rendering(BaseModel):
    """Which stylesheets a version of a template has, in CDCS's words."""

    id: int
    template: int
    list_detail_xslt: list[int] = []


def load_sheets(
    url: str,
    token: str,
    template_title: str | None,
    *,
    detail: tuple[str, bytes],
    listed: tuple[str, bytes],
    session: requests.Session | None = None,
) -> None:
    """Make CDCS show the records of a template with these stylesheets; sheets of the same names are replaced.

    Parameters
    ----------
    url, token
        Address of the CDCS, and the token of a superuser.
    template_title
        Title of the template, whose current version gets the sheets; only needed where several describe records.
    detail, listed
        Name and content of the sheet of a record's page, and of that of a record in a list.
    session
        The connections, for instance with a site's own certificates.

    Raises
    ------
    ServiceUnavailableError
        If CDCS does not answer, or says that it cannot now.
    AuthenticationError
        If it refuses the token.
    PublishingError
        If it refuses a sheet, or the account is no superuser's.
    UnexpectedAnswerError
        If what answers is no CDCS.
    """
    rest = CdcsRest(
        url=base_url(url),
        auth=credentials(token, None, None),
        timeout_s=(5, 60),
        session=make_cuttable(session or requests.Session()),
        deadline=Deadline(limit_s=_LIMIT_S),
    )
    template = CdcsContents(rest=rest).template(template_title).current
    page, line = (_put_sheet(rest, name, content.decode()) for name, content in (detail, listed))
    kept = next(
        (each for each in _read(list[_Rendering], rest.get("template/xsl_rendering/")) if each.template == template),
        None,
    )
    others = [each for each in kept.list_detail_xslt if each != page] if kept else []
    rendering = {
        "template": template,
        "list_xslt": line,
        "default_detail_xslt": page,
        "list_detail_xslt": [page, *others],
    }
    _write(rest, "template/xsl_rendering/", kept.id if kept else None, rendering)


def _put_sheet(rest: CdcsRest, name: str, content: str) -> int:
    sheet = {"name": name, "filename": f"{name}.xsl", "content": content}
    kept = next((each.id for each in _read(list[_Sheet], rest.get("xslt/")) if each.name == name), None)
    return _read(_Sheet, _write(rest, "xslt/", kept, sheet)).id


def _write(rest: CdcsRest, path: str, kept: int | None, payload: Mapping[str, object]) -> object:
    if kept is None:
        return rest.send("POST", path, HTTPStatus.CREATED, payload)
    return rest.send("PATCH", f"{path}{kept}/", HTTPStatus.OK, payload)


def _read(kind: type[T], document: object) -> T:
    try:
        return TypeAdapter(kind).validate_python(document)
    except ValidationError as error:
        raise UnexpectedAnswerError(
            f"CDCS answered with something else than stylesheets: {error.errors()[0]['msg']}"
        ) from error
