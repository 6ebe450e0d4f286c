"""Values from files made fit for metadata: text that XML can carry, numbers that are numbers, the rest left out."""

import math
import re
from decimal import Decimal
from fractions import Fraction

from nexuslims_core.quantities import MetadataValue, Quantity, Scalar

LONGEST_TEXT = 4000
"""Characters of one value that are kept; a record is read by people."""

LARGEST_INTEGER = 1 << 64
"""No instrument counts further; Python refuses to write out numbers of thousands of digits."""

_MARK = re.compile(r" … \(\d+ characters\)\Z")
_LONGEST_CUT = LONGEST_TEXT + 40
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EMPTY = frozenset({"", "n/a", "na", "none", "null", "nan", "unknown", "do not edit", "do not enter"})


def clean_text(text: str) -> str:
    """Return ``text`` without characters that XML forbids, trimmed, and cut with a mark where it is very long.

    What was cut before stays as it is, so that the mark keeps telling how long the text was at first.
    """
    cleaned = (text if text.isprintable() else _UNFIT.sub("", text)).strip()
    if len(cleaned) <= LONGEST_TEXT or (len(cleaned) <= _LONGEST_CUT and _MARK.search(cleaned)):
        return cleaned
    return f"{cleaned[:LONGEST_TEXT]} … ({len(cleaned)} characters)"


def clean_value(value: object) -> Scalar | None:
    """Return ``value`` as a plain value, or None if it says nothing: empty, ``n/a``, not a finite number, no scalar."""
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        text = clean_text(value)
        return None if text.lower() in _EMPTY or text.startswith(("1.#", "-1.#")) else text
    if isinstance(value, Fraction | Decimal):
        value = _as_float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int) and abs(value) < LARGEST_INTEGER else None


def _as_float(value: Fraction | Decimal) -> float:
    try:
        return float(value)
    except (OverflowError, ValueError):  # larger than any float, or a signal of Decimal's own
        return math.inf


def quantity(value: object, unit: str, power: int = 0) -> MetadataValue | None:
    """Return a number, or text that holds one, with its unit; None if it is no finite number.

    Parameters
    ----------
    power
        Power of ten that turns the number into one in ``unit``: -3 where the source gives V and ``unit`` is kV.
    """
    cleaned = clean_value(value)
    if isinstance(cleaned, str):
        try:
            cleaned = float(cleaned)
        except ValueError:
            return None
    if isinstance(cleaned, bool) or cleaned is None or not math.isfinite(cleaned):
        return None
    number = _scaled(cleaned, power) if power else cleaned
    if not math.isfinite(number):
        return None
    return Quantity(value=number, unit=unit) if unit else number


def in_degrees(value: object) -> MetadataValue | None:
    """Return a number of radians, or text that holds one, in degrees; None if it is no finite number."""
    number = quantity(value, "")
    return quantity(round(math.degrees(number), 9), "degree") if isinstance(number, int | float) else None


def _scaled(number: float, power: int) -> float:
    """Move the decimal point, so that 1.2e-05 s are 12 µs and not 12.000000000000002."""
    return float(Decimal(repr(number)).scaleb(power))
