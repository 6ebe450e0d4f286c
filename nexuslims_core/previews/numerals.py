"""Numbers as people write them: round steps for scales and ticks, few digits, lengths with a fitting prefix."""

import math
import re

from nexuslims_core.previews.dimensions import spelt

_OF_SCALES = (1, 2, 5)
_OF_TICKS = (1, 2, 2.5, 5, 10)
_PREFIXES = {"pm": 1e-12, "nm": 1e-9, "µm": 1e-6, "mm": 1e-3, "m": 1.0}
_LENGTHS = _PREFIXES | {"cm": 1e-2}
_SMALLEST_OF_NM = 0.1
_MINUS = "−"
_SMALLEST_POWER, _SMALLEST_STEP = -306, 1e-300  # below, floats lose their digits


def round_below(number: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not above a positive ``number``."""
    power = 10.0 ** math.floor(math.log10(number))
    return max(nice for nice in _OF_SCALES if nice == 1 or nice * power <= number * (1 + 1e-9)) * power


def _step_above(number: float) -> float:
    power = 10.0 ** math.floor(math.log10(number))
    return min(nice for nice in _OF_TICKS if nice == 10 or nice * power >= number * (1 - 1e-9)) * power


def short(number: float, digits: int = 4) -> str:
    """Return a number with few digits and a true minus sign; ``1.2e-07`` becomes ``1.2·10⁻⁷``."""
    if 10**digits <= abs(number) < 1e7:
        return f"{number:,.0f}".replace("-", _MINUS)
    text = f"{number:.{digits}g}"
    text = re.sub(r"e([+-])0*(\d+)", lambda found: f"·10{raised(found[1].strip('+') + found[2])}", text)
    return text.replace("-", _MINUS)


def decades(low: float, high: float, most: int) -> tuple[int, ...]:
    """Return the exponents of powers of ten in ``[10 ** low, 10 ** high]``, or every second or third of them."""
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    step = max(1, -(-(last - first) // most))
    return tuple(range(first, last + 1, step))


def raised(exponent: str) -> str:
    """Return digits and a sign as superscripts."""
    return exponent.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def grouped(count: int) -> str:
    """Return a count, in groups of three digits from ten thousand on."""
    return f"{count:,}" if count >= 10_000 else str(count)


def measure(number: float, unit: str) -> str:
    """Return a number with its unit; a length gets the prefix that leaves 1 to 999 before the unit.

    Between atoms it stays in nm: 0.2 nm, not 200 pm.
    """
    unit = "Å" if unit == "A" else spelt(unit)  # of lengths and places; nobody measures those in amperes
    if unit not in _LENGTHS or not number:
        return f"{short(number)}{'' if unit == '°' else ' '}{unit}".strip()
    metres = abs(number) * _LENGTHS[unit] * (1 + 1e-9)
    smallest = {name: size * (_SMALLEST_OF_NM if name == "nm" else 1) for name, size in _PREFIXES.items()}
    fitting = max((name for name in smallest if smallest[name] <= metres), key=smallest.__getitem__, default="pm")
    return f"{short(number * (_LENGTHS[unit] / _PREFIXES[fitting]))} {fitting}"


def ticks(low: float, high: float, about: int) -> tuple[float, ...]:
    """Return round numbers in ``[low, high]``, about as many as asked for; none where the range is not a range."""
    step = (high - low) / about
    if not (math.isfinite(step) and step > max(_SMALLEST_STEP, 1e-12 * max(abs(low), abs(high)))):
        return ()
    step = _step_above(step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(i * step for i in range(first, min(last, first + 4 * about) + 1))


def power_of_thousand(low: float, high: float) -> int:
    """Return the exponent, a multiple of 3, to take out of numbers in a range so that labels stay short; mostly 0."""
    largest = max(abs(low), abs(high))
    if not largest or 1e-2 <= largest < 1e5:
        return 0
    return max(_SMALLEST_POWER, math.floor(math.log10(largest) / 3) * 3)


def labels(numbers: tuple[float, ...], exponent: int = 0) -> tuple[str, ...]:
    """Return evenly spaced numbers, divided by ``10 ** exponent``, as text, all with as many decimals as they need."""
    scaled = [number / 10.0**exponent for number in numbers]
    if len(scaled) < 2:
        return tuple(short(number) for number in scaled)
    step = abs(scaled[1] - scaled[0])
    if not 1e-6 < step < 1e9:
        return tuple(short(number, 6) for number in scaled)
    decimals = next(places for places in range(9) if abs(round(step, places) - step) < step * 1e-6)
    return tuple(f"{number + 0.0:.{decimals}f}".replace("-", _MINUS) for number in scaled)


def times_ten(exponent: int) -> str:
    """Return ``×10³`` for 3, and nothing for 0."""
    return f"×10{raised(str(exponent))}" if exponent else ""
