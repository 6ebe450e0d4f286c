"""SharePoint's ListData.svc on the wire: OData 2 in Atom feeds, as SharePoint 2010 to 2019 speak it.

Sources: [MS-WSSREST] 4.2.8 and feeds of real servers. What comes in is hostile: no DTD, no entities, no network.
"""

from urllib.parse import urljoin, urlsplit

from lxml import etree

from nexuslims_core.errors import UnexpectedAnswerError

NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "d": "http://schemas.microsoft.com/ado/2007/08/dataservices",
    "m": "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata",
}
_ENTRY = f"{{{NAMESPACES['a']}}}entry"
_FEED = f"{{{NAMESPACES['a']}}}feed"
_LONGEST_MESSAGE = 300
_ADVICE = "open it in a browser, it may be a page to sign in, and correct the instrument's api_url"


def parse(body: bytes, address: str) -> etree._Element:
    """Return the root of an XML document that came from ``address``.

    Raises
    ------
    UnexpectedAnswerError
        If it is not XML, carries a DTD, or is nested or padded beyond reason.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise UnexpectedAnswerError(
            f"{without_query(address)} answered what is not XML ({error.msg}): {_ADVICE}"
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnexpectedAnswerError(f"{without_query(address)} answered with a DTD, which no calendar sends: {_ADVICE}")
    return root


def parse_feed(body: bytes, address: str) -> etree._Element:
    """Return the root of a feed of list items that came from ``address``.

    Raises
    ------
    UnexpectedAnswerError
        If the document is anything else, such as a sign-in page.
    """
    root = parse(body, address)
    if root.tag != _FEED:
        raise UnexpectedAnswerError(
            f"{without_query(address)} answered no Atom feed but <{etree.QName(root).localname}>: {_ADVICE}"
        )
    return root


def entries(feed: etree._Element) -> list[etree._Element]:
    """Return the list items of a feed, without the people that are expanded inside them."""
    return feed.findall(_ENTRY)


def next_page(feed: etree._Element, address: str) -> str | None:
    """Return where the feed that came from ``address`` goes on, or None at its end.

    Raises
    ------
    UnexpectedAnswerError
        If it goes on at another server: the account's credentials are not for that one.
    """
    link = feed.find("a:link[@rel='next']", NAMESPACES)
    if link is None:
        return None
    target = joined(address, link.get("href", ""))
    if origin(target) != origin(address):
        raise UnexpectedAnswerError(f"{shortened(address)} goes on at another server, {shortened(target)}")
    return target


def joined(address: str, link: str) -> str:
    """Return where a link of the document at an address leads.

    Raises
    ------
    UnexpectedAnswerError
        If it is no link.
    """
    try:
        return urljoin(address, link)
    except ValueError as error:
        raise UnexpectedAnswerError(
            f"{without_query(address)} leads to {shortened(link)!r}, which is no link: correct the api_url"
        ) from error


def origin(address: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address: what two addresses of one server share.

    Raises
    ------
    UnexpectedAnswerError
        If it is no web address.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise UnexpectedAnswerError(f"{shortened(address)} is no web address") from error
    return parts.scheme, parts.hostname or "", port or {"https": 443}.get(parts.scheme, 80)


def column(entry: etree._Element, name: str) -> str:
    """Return the text of one column of an item; empty where the column is null or missing."""
    return entry.findtext(f"a:content/m:properties/d:{name}", "", NAMESPACES).strip()


def error_message(body: bytes) -> str:
    """Return what the server says in its error document; empty where it sent something else."""
    try:
        root = parse(body, "")
    except UnexpectedAnswerError:
        return ""
    return shortened(root.findtext("m:message", "", NAMESPACES))


def without_query(address: str) -> str:
    """Return an address as it is told to people."""
    return shortened(address.partition("?")[0])


def shortened(text: str) -> str:
    """Return text from outside as one line that fits into a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]} …"
