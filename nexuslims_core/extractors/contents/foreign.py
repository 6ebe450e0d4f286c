"""Errors of foreign readers, by name, and what they say."""

import struct
import zlib

from nexuslims_core.datasets.cleaning import clean_text

FOREIGN_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    StopIteration,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What the readers are known to raise over a damaged file, by name; anything else ends the process that reads."""


_SAID = (
    (MemoryError, "it asks for more memory than there is"),
    (KeyError, "{} is missing in it"),
    (UnicodeError, "its text is damaged: {}"),
    ((IndexError, EOFError, struct.error, zlib.error), "it is damaged or cut short: {}"),
    ((OSError, AssertionError, NotImplementedError, RuntimeError), "{}"),
)
"""What errors mean whose own words a person understands, or that need none."""


def said(error: BaseException) -> str:
    """Return what a foreign error says, as one short sentence for people who never saw Python."""
    if isinstance(error, UnicodeDecodeError):
        return f"its text is damaged at byte {error.start}"
    text = clean_text(" ".join(str(error).split()))[:300]
    meant = next((sentence for kinds, sentence in _SAID if isinstance(error, kinds)), None)
    if meant is None or not (text or isinstance(error, MemoryError)):
        return f"it is damaged or of an unknown kind: {type(error).__name__}: {text or 'no reason was given'}"
    return meant.format(text)
