"""The pieces of JSON-LD that a crate is made of: ids, references, and properties that say something."""

import re
from typing import Any
from urllib.parse import quote

from nexuslims_core.datasets.cleaning import clean_text

Entity = dict[str, Any]
"""One object of the graph: ``@id``, ``@type`` and properties."""

_BLANKS = re.compile(r"\s+")


def one_line(text: str) -> str:
    """Return text in one line, without characters that JSON-LD readers may choke on."""
    return _BLANKS.sub(" ", clean_text(text)).strip()


def reference(identifier: str) -> Entity:
    """Return a reference to another entity of the graph."""
    return {"@id": identifier}


def stated(kind: str, identifier: str, /, **properties: object) -> Entity:
    """Return an entity with those properties that say something: not None, nor an empty text or list."""
    return {"@id": identifier, "@type": kind, **said(**properties)}


def said(**properties: object) -> Entity:
    """Return those properties that say something, each as RO-Crate recommends."""
    return {name: single(value) for name, value in properties.items() if value not in (None, "", [])}


def single(value: object) -> object:
    """Return the only item of a list without the list, as RO-Crate recommends; any other value as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def local_id(kind: str, text: str) -> str:
    """Return an id that holds within one crate; two texts that differ never share one."""
    return f"#{kind}-{quote(clean_text(text), safe='')}"
