"""What people typed into a calendar's formatted text field, without the formatting."""

import re
from urllib.parse import quote, urlsplit

from lxml import etree

LONGEST_TEXT = 4000
"""Characters of one value that are kept; a record is read by people."""

_MARKUP = re.compile(r"</[a-z]|<br\b", re.IGNORECASE)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SILENT = frozenset({"script", "style", "head", "title"})
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
)
_MOST_MARKUP = 1_000_000


def plain_text(text: str) -> str:
    """Return ``text`` on one line, without tags, comments and what XML forbids; plain text keeps its ``<``."""
    if _MARKUP.search(text):
        text = _spoken(text[:_MOST_MARKUP])
    return cut(" ".join(_UNFIT.sub("", text).split()))


def cut(text: str) -> str:
    """Return ``text``, cut with a mark where nobody reads on."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} … ({len(text)} characters)"


def page_for_people(address: str) -> str | None:
    """Return the address of a web page as a record may hold it; None for any other, and for one with a password."""
    try:
        parts = urlsplit(address.strip())
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return quote(parts.geturl(), safe="%/:@!$&'()*+,;=~?#[]") if sound else None


def _spoken(html: str) -> str:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    root = etree.fromstring(html.encode("utf-8"), parser)
    if root is None:
        return ""
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        gap = "" if element.tag in _INLINE else " "
        said = element.text if event == "start" and element.tag not in _SILENT else None
        pieces += [gap, (said if event == "start" else element.tail) or ""]
    return "".join(pieces)
