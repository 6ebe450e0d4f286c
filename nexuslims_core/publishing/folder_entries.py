"""What the index of a folder of records says of each: read once from its XML, and kept beside it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from lxml import etree

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import PublishingError
from nexuslims_core.records.validation import findings, parse
from nexuslims_core.schemas import NEXUS_NAMESPACE

_NX = {"nx": NEXUS_NAMESPACE}
_TITLE_LIMIT = 200
_NAME_LIMIT = 120
_PLAIN = "-_.+=@, ()"
_OURS = frozenset({".png", ".json"})
_INNER = frozenset({"work", "records"})
"""Folders of ours beside those of the instruments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the index.

    Attributes
    ----------
    title
        What the record is called at every destination.
    heading
        What people called their session; empty where they did not.
    start
        ISO 8601, with zone; empty where the record does not say.
    instrument, instrument_pid
        Its name for people, and its persistent identifier; empty where the record does not say.
    users
        Names of those who were at it.
    datasets
        How many there are.
    sha256
        Digest of the XML.
    """

    title: str
    heading: str = ""
    start: str = ""
    instrument: str = ""
    instrument_pid: str = ""
    users: tuple[str, ...] = ()
    datasets: int = 0
    sha256: str = ""

    @property
    def name(self) -> str:
        """Name of the record's folder and of its XML."""
        return folder_name(self.title)


def folder_name(title: str) -> str:
    """Return a name that every file system takes: plain letters as they are, all others percent-encoded.

    A long one is cut, and ends in a digest.
    """
    name = quote(title, safe=_PLAIN, errors="surrogatepass")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if name.endswith("."):
        name = f"{name[:-1]}%2E"
    if len(name) <= _NAME_LIMIT:
        return name
    return f"{name[: _NAME_LIMIT - 17].rstrip('%')}-{sha256(title.encode('utf-8', 'surrogatepass'))[:16]}"


def sound(title: str, xml: bytes) -> etree._Element:
    """Return the root of a record, once it is clear that it can be published.

    Raises
    ------
    PublishingError
        If the title can be no title, or the XML is no valid record.
    """
    if not title or title != title.strip() or len(title) > _TITLE_LIMIT or not title.isprintable():
        raise PublishingError(
            f"the folder of records cannot keep the title {title!r}: 1 to {_TITLE_LIMIT} letters on one line, "
            "no blanks round them"
        )
    if found := findings(xml):
        raise PublishingError(f"{title} is no valid record: {found[0]}")
    return parse(xml)


def entry_of(title: str, root: etree._Element, digest: str) -> Entry:
    """Return the line of a record."""
    begun = _texts(root, "nx:acquisitionActivity[1]/nx:startTime") or _texts(root, "nx:summary/nx:reservationStart")
    return Entry(
        title=title,
        heading=next(iter(_texts(root, "nx:title")), ""),
        start=next(iter(begun), ""),
        instrument=next(iter(_texts(root, "nx:summary/nx:instrument")), ""),
        instrument_pid=next(iter(_texts(root, "nx:summary/nx:instrument/@pid")), ""),
        users=tuple(_texts(root, "nx:summary/nx:experimenter")),
        datasets=len(_found(root, "nx:acquisitionActivity/nx:dataset")),
        sha256=digest,
    )


def linked_files(root: etree._Element) -> Iterator[Path]:
    """Yield the previews and metadata files that a record names, each once, relative to the folder of what we write.

    What is no such file by its name is left out: a record from another hand could name the database.
    """
    named = _texts(root, "//nx:dataset/nx:preview") + _texts(root, "//nx:dataset/nx:meta[@name='Metadata File']")
    for address in dict.fromkeys(named):
        path = Path(os.fsdecode(unquote_to_bytes(address).lstrip(b"/")))
        if ".." not in path.parts and "\0" not in str(path) and path.suffix in _OURS and path.parts[0] not in _INNER:
            yield path


def _found(root: etree._Element, xpath: str) -> list[object]:
    found = root.xpath(xpath, namespaces=_NX)
    return [*found] if isinstance(found, list) else []


def _texts(root: etree._Element, xpath: str) -> list[str]:
    texts = (each if isinstance(each, str) else getattr(each, "text", "") or "" for each in _found(root, xpath))
    return [text for text in (" ".join(text.split()) for text in texts) if text]
