"""Text of any origin made fit for a place in a record."""

import re
from collections.abc import Iterable
from functools import lru_cache

from nexuslims_core.datasets.cleaning import LONGEST_TEXT, clean_text

_BLANKS = re.compile("[ \t\r\n]+")


def token(text: str) -> str:
    """Return text as ``xs:token`` has it: fit for XML, one line, single blanks, cut with a mark where very long."""
    cleaned = clean_text(text)
    return cleaned if cleaned.isprintable() and "  " not in cleaned else _BLANKS.sub(" ", cleaned).strip(" ")


@lru_cache(maxsize=1024)
def label(text: str) -> str:
    """Return a name or unit as a token; a record says the same few of them thousands of times."""
    return token(text)


def first_said(*texts: str | None) -> str:
    """Return the first text that says anything once it is fit for a record, as it was given; empty where none does."""
    return next((text for text in texts if text and clean_text(text)), "")


def all_said(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that say anything once they are fit for a record, as they were given."""
    return tuple(text for text in texts if clean_text(text))


def is_cut(text: str) -> bool:
    """Tell whether a record shows only the begin of a text."""
    return len(text) > LONGEST_TEXT
