"""Names and addresses in a record: paths percent-encoded once, whatever bytes they hold; web addresses checked."""

import os
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, quote_from_bytes, urlsplit

from nexuslims_core.datasets.cleaning import LONGEST_TEXT, clean_text
from nexuslims_core.errors import UnsafePathError

_KEPT = "%/:?&=+,;@!$'()*~"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NO_CHARACTER = re.compile("[\ud800-\udfff]+")
_ESCAPES = {code: quote_from_bytes(bytes([code])) for code in range(128)}
"""What stands for each ASCII character of a name; several times as fast as asking for each name anew."""

_FITTING = re.compile(rf"[A-Za-z0-9_.~\-{re.escape(_KEPT)}]*")


def address_of(path: Path, root: Path) -> str:
    """Return ``/`` and ``path`` relative to ``root``, each byte that is not plain percent-encoded once.

    Raises
    ------
    UnsafePathError
        If ``path`` does not lie below ``root``.
    """
    whole, base = os.fspath(path), os.fspath(root).rstrip("/") + "/"
    if not whole.startswith(base):
        raise UnsafePathError(f"{path} does not lie below {root}: a record can only link to files below it")
    folder, slash, name = whole[len(base) - 1 :].rpartition("/")
    if ".." in whole and ".." in {name, *folder.split("/")}:
        raise UnsafePathError(f"{path} leads out of {root}: a record can only link to files below it")
    return _encoded_folder(folder) + slash + _encoded(name)


def _encoded(name: str) -> str:
    return name.translate(_ESCAPES) if name.isascii() else quote_from_bytes(os.fsencode(name))


@lru_cache(maxsize=1024)
def _encoded_folder(folder: str) -> str:
    """Encode a folder once for all the files in it."""
    return quote_from_bytes(os.fsencode(folder))


def fit_address(address: str) -> str:
    """Return an address in ASCII as it is, with all that an address may not hold percent-encoded."""
    return address if _FITTING.fullmatch(address) else quote(address, safe=_KEPT, errors="surrogatepass")


def readable_name(name: str) -> str:
    """Return a file's name for people: bytes that are no text become ``�``, and it is never empty."""
    text = name if name.isprintable() else _NO_CHARACTER.sub("�", name)
    return clean_text(text) or fit_address(name)


def web_address(text: str) -> str | None:
    """Return an address that a browser may be sent to, or None: only ``http`` and ``https``, with a host, and whole."""
    if len(text) > LONGEST_TEXT:
        return None
    place, mark, fragment = _BROKEN_ESCAPE.sub("%25", clean_text(text)).partition("#")
    address = fit_address(place) + mark + fit_address(fragment)
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.netloc) else None
