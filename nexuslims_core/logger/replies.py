"""What Airflow answers, taken apart without trust: it comes from outside, and perhaps from a proxy on the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

_SENTENCE_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer.

    Attributes
    ----------
    document
        The JSON object that it holds, or an empty one.
    """

    status: int
    document: Mapping[str, object]

    @property
    def error_type(self) -> str:
        """The class of the error that the facility's own interface tells, or ""."""
        return self._of_error("type")

    @property
    def says(self) -> str:
        """What it says is wrong, on one line, or ""."""
        detail = self.document.get("detail")
        return self._of_error("sentence") or one_line(detail if isinstance(detail, str) else "")

    def _of_error(self, name: str) -> str:
        error = self.document.get("error")
        told = error.get(name) if isinstance(error, Mapping) else None
        return one_line(told) if isinstance(told, str) else ""


def plain_object(body: bytes) -> Mapping[str, object]:
    """Return the JSON object that an answer holds; an empty one where it holds none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def one_line(text: str) -> str:
    """Return text from outside without line breaks and control characters, and not too long."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _SENTENCE_LIMIT])
    line = " ".join(printable.split())
    return line if len(line) <= _SENTENCE_LIMIT else f"{line[:_SENTENCE_LIMIT]}…"
