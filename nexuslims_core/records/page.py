"""A record as a page for people, through the stylesheet that CDCS can show it with as well."""

from functools import cache

from lxml import etree

from nexuslims_core.errors import InvalidRecordError
from nexuslims_core.records.validation import parse
from nexuslims_core.schemas import RECORD_TO_HTML, schema_path

_XSL = "{http://www.w3.org/1999/XSL/Transform}"


def to_html(xml: bytes, *, preview_base: str, dataset_base: str) -> bytes:
    """Return a record as one whole HTML page in UTF-8, with nothing from elsewhere but previews and linked files.

    Parameters
    ----------
    preview_base, dataset_base
        What is put before the addresses of previews and metadata files, and of raw files: an address on the web, or
        a path relative to the page, such as ``../..`` for a page in ``DATA_PATH/records/2026``.

    Raises
    ------
    InvalidRecordError
        If ``xml`` is not well-formed, or no page can be made of it.
    """
    quoted = etree.XSLT.strparam
    try:
        page = _compiled()(
            parse(xml), preview_base=quoted(preview_base), dataset_base=quoted(dataset_base), standalone=quoted("yes")
        )
    except (etree.XMLSyntaxError, etree.XSLTApplyError) as error:
        raise InvalidRecordError(f"no page can be made of this record: {error}") from error
    return b"<!DOCTYPE html>\n" + bytes(page)


def detail_sheet(*, preview_base: str, dataset_base: str) -> bytes:
    """Return the stylesheet for CDCS, which passes no parameters: the two bases are written into it.

    Raises
    ------
    ValueError
        If a base holds both kinds of quotes, which XPath has no way to write.
    """
    sheet = etree.fromstring(schema_path(RECORD_TO_HTML).read_bytes(), etree.XMLParser(strip_cdata=False))
    defaults = {"preview_base": preview_base, "dataset_base": dataset_base}
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
    sheet = etree.fromstring(schema_path(RECORD_TO_HTML).read_bytes(), etree.XMLParser(no_network=True))
    return etree.XSLT(sheet, access_control=etree.XSLTAccessControl.DENY_ALL)  # type: ignore[attr-defined] # stubs
