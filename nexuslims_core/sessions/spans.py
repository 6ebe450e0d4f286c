"""How times and spans of time are written for a person."""

from datetime import datetime, timedelta, tzinfo

_UNITS_S = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def in_words(time: datetime, zone: tzinfo) -> str:
    """Return a time as ISO 8601 to the second in a zone, such as ``2026-03-02 05:00:00-05:00``."""
    return time.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def lasting(span: timedelta, units: int = 2) -> str:
    """Return a span in its largest units, such as ``2 h 5 min``; less than a second, or nothing, is ``0 s``."""
    left = max(0, int(span.total_seconds()))
    largest = next((i for i, (_, size) in enumerate(_UNITS_S) if left >= size), len(_UNITS_S) - 1)
    said: list[str] = []
    for name, size in _UNITS_S[largest : largest + units]:
        number, left = divmod(left, size)
        if number or not said:
            said.append(f"{number} {name}{'s' if name == 'day' and number != 1 else ''}")
    return " ".join(said)
