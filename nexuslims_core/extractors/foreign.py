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
    """Return what a foreign error says, as one short sentence."""
    text = clean_text(" ".join(str(error).split())) or "it gave no reason"
    return f"{type(error).__name__}: {text[:300]}"
