"""How long something took, in words."""

UNITS = (
    ("year", 31_557_600.0),
    ("day", 86_400.0),
    ("h", 3_600.0),
    ("min", 60.0),
    ("s", 1.0),
    ("ms", 1e-3),
    ("µs", 1e-6),
)
FROM = 1.5
"""A minute, an hour, a day or a year is counted in the smaller unit until there are more than that."""


def spoken(seconds: float) -> str:
    """Return a duration to two or three digits in the unit that suits it, as ``"4.2 s"`` or ``"12 min"``."""
    for unit, size in UNITS:
        if abs(seconds) >= (FROM if size > 1 else 1.0) * size or unit == "µs":
            break
    value = seconds / size
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"
    return f"{digits} {unit}{'s' if unit in ('year', 'day') else ''}"
