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
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What the readers are known to raise over a damaged file, by name; anything else ends the process that reads."""


def said(error: BaseException) -> str:
    """Return what a foreign error says, as one short sentence for people who never saw Python."""
    text = clean_text(" ".join(str(error).split()))[:300]
    if isinstance(error, KeyError):
        return f"{text} is missing" if text else "something is missing"
    if isinstance(error, UnicodeError):
        return f"its text is damaged: {text}"
    if isinstance(error, IndexError | EOFError | struct.error | zlib.error):
        return f"it is damaged or cut short: {text or type(error).__name__}"
    if isinstance(error, OSError | AssertionError | NotImplementedError | RuntimeError) and text:
        return text
    return f"{type(error).__name__}: {text or 'it gave no reason'}"
