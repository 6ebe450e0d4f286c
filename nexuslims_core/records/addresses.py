"""Names and addresses in a record: paths percent-encoded once, whatever bytes they hold; web addresses checked."""

import os
import re
from pathlib import Path
from urllib.parse import quote, quote_from_bytes, urlsplit

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.errors import UnsafePathError

_KEPT = "%/:?&=+,;@!$'()*~"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NO_CHARACTER = re.compile("[\ud800-\udfff]+")


def address_of(path: Path, root: Path) -> str:
    """Return ``/`` and ``path`` relative to ``root``, each byte that is not plain percent-encoded once.

    Raises
    ------
    UnsafePathError
        If ``path`` does not lie below ``root``.
    """
    try:
        relative = path.relative_to(root)
    except ValueError as error:
        raise UnsafePathError(f"{path} does not lie below {root}: a record can only link to files below it") from error
    if ".." in relative.parts:
        raise UnsafePathError(f"{path} leads out of {root}: a record can only link to files below it")
    return "/" + quote_from_bytes(os.fsencode(relative))


def fit_address(address: str) -> str:
    """Return an address in ASCII as it is, with all that an address may not hold percent-encoded."""
    return quote(address, safe=_KEPT, errors="surrogatepass")


def readable_name(name: str) -> str:
    """Return a file's name for people: bytes that are no text become ``�``, and it is never empty."""
    return clean_text(_NO_CHARACTER.sub("�", name)) or fit_address(name)


def web_address(text: str) -> str | None:
    """Return an address that a browser may be sent to, or None: only ``http`` and ``https``, with a host."""
    place, mark, fragment = _BROKEN_ESCAPE.sub("%25", clean_text(text)).partition("#")
    address = fit_address(place) + mark + fit_address(fragment)
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.netloc) else None
