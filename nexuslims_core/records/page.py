"""A record as a page for people, and the stylesheets that CDCS shows records with."""

import base64
import hashlib
from functools import cache

from lxml import etree

from nexuslims_core.errors import InvalidRecordError
from nexuslims_core.records.validation import parse
from nexuslims_core.schemas import RECORD_LIST, RECORD_TO_HTML, schema_path

_XSL = "{http://www.w3.org/1999/XSL/Transform}"


def to_html(xml: bytes, *, preview_base: str, dataset_base: str, record_url: str = "", crate_url: str = "") -> bytes:
    """Return a record as one whole HTML page in UTF-8, with nothing from elsewhere but previews and linked files.

    Parameters
    ----------
    preview_base, dataset_base
        What is put before the addresses of previews and metadata files, and of raw files: an address on the web, or
        a path relative to the page, such as ``../..`` for a page in ``DATA_PATH/records/2026``.
    record_url, crate_url
        Where the record's XML and its RO-Crate can be had; without one the page has no such link.

    Raises
    ------
    InvalidRecordError
        If ``xml`` is not well-formed, or no page can be made of it.
    """
    quoted = etree.XSLT.strparam
    try:
        page = _compiled()(
            parse(xml),
            preview_base=quoted(preview_base),
            dataset_base=quoted(dataset_base),
            record_url=quoted(record_url),
            crate_url=quoted(crate_url),
            standalone=quoted("yes"),
            script_hash=quoted(script_hash()),
        )
    except (etree.XMLSyntaxError, etree.XSLTApplyError) as error:
        raise InvalidRecordError(f"no page can be made of this record: {error}") from error
    return b"<!DOCTYPE html>\n" + bytes(page)


def detail_sheet(*, preview_base: str, dataset_base: str) -> bytes:
    """Return the stylesheet for CDCS's page of a record; CDCS passes no parameters, so the bases are written into it.

    Raises
    ------
    ValueError
        If a base holds both kinds of quotes, which XPath has no way to write.
    """
    return _sheet(RECORD_TO_HTML, {"preview_base": preview_base, "dataset_base": dataset_base})


def list_sheet(*, preview_base: str) -> bytes:
    """Return the stylesheet for a record in CDCS's lists, the base of previews written into it.

    Raises
    ------
    ValueError
        If the base holds both kinds of quotes.
    """
    return _sheet(RECORD_LIST, {"preview_base": preview_base})


@cache
def script_hash() -> str:
    """Return what a Content-Security-Policy calls the sheet's script, the only one that a page may run."""
    script = _parsed().findtext(f"{_XSL}template[@name='script']/{_XSL}text") or ""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _sheet(name: str, defaults: dict[str, str]) -> bytes:
    sheet = etree.fromstring(schema_path(name).read_bytes(), etree.XMLParser(strip_cdata=False))
    for parameter in sheet.iterfind(f"{_XSL}param"):
        if base := defaults.get(parameter.get("name", "")):
            parameter.set("select", _xpath_literal(base))
    return etree.tostring(sheet, xml_declaration=True, encoding="UTF-8")


def _xpath_literal(text: str) -> str:
    if "'" in text and '"' in text:
        raise ValueError(f"{text!r} holds both kinds of quotes")
    return f'"{text}"' if "'" in text else f"'{text}'"


@cache
def _compiled() -> etree.XSLT:
    return etree.XSLT(_parsed(), access_control=etree.XSLTAccessControl.DENY_ALL)  # type: ignore[attr-defined] # stubs


def _parsed() -> etree._Element:
    return etree.fromstring(schema_path(RECORD_TO_HTML).read_bytes(), etree.XMLParser(no_network=True))
