"""``$filter`` of OData 2, as far as a calendar's client needs it: comparisons, and, or, not, brackets."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime

from nexuslims_core.testing.servers.sharepoint.calendar import Row, Value

Condition = Callable[[Row], Value]

_TOKEN = re.compile(
    r"\s*(?:datetime'(?P<time>[^']*)'|'(?P<text>(?:[^']|'')*)'|(?P<number>-?\d+)|(?P<word>[A-Za-z_]\w*)|(?P<bracket>[()]))",
    re.IGNORECASE,
)
_EQUALITY = frozenset({"eq", "ne"})
_COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


class ODataError(Exception):
    """A request that the service answers with an error document."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Filter:
    """One condition, read by recursive descent: or, and, comparison, value.

    Parameters
    ----------
    text
        The condition.
    columns
        Names that may occur in it.
    shift
        Applied to each time in the condition: some servers compare times some hours off.
    """

    def __init__(self, text: str, columns: Mapping[str, str], shift: Callable[[datetime], datetime]) -> None:
        self._columns, self._shift = columns, shift
        self._tokens, self._at = _tokens(text), 0
        self._holds = self._any_of()
        if self._at != len(self._tokens):
            raise ODataError(400, "Syntax error: unexpected tokens after the expression.")

    def holds(self, row: Row) -> bool:
        """Tell whether a row satisfies the condition."""
        return bool(self._holds(row))

    def _any_of(self) -> Condition:
        parts = [self._all_of()]
        while self._skipped("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _all_of(self) -> Condition:
        parts = [self._comparison()]
        while self._skipped("and"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _comparison(self) -> Condition:
        left = self._value()
        for name, compare in _COMPARISONS.items():
            if self._skipped(name):
                right = self._value()
                if name in _EQUALITY:
                    return lambda row: compare(left(row), right(row))
                return lambda row: _ordered(compare, left(row), right(row))
        return left

    def _value(self) -> Condition:
        token = self._taken()
        if token["time"] is not None:
            return _always(self._time(token["time"]))
        if token["text"] is not None:
            return _always(token["text"].replace("''", "'"))
        if token["number"]:
            return _always(int(token["number"]))
        if token["bracket"] == "(":
            return self._bracketed()
        return self._word(token["word"] or "")

    def _bracketed(self) -> Condition:
        inner = self._any_of()
        if self._taken()["bracket"] != ")":
            raise ODataError(400, "')' expected.")
        return inner

    def _word(self, word: str) -> Condition:
        if word in _CONSTANTS:
            return _always(_CONSTANTS[word])
        if word == "not":
            inner = self._value()
            return lambda row: not inner(row)
        if word not in self._columns:
            raise ODataError(400, f"No property '{word}' exists in type 'Microsoft.SharePoint.DataService.Item'.")
        return lambda row: row[word]

    def _time(self, text: str) -> datetime:
        try:
            return self._shift(datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=None))
        except ValueError as error:
            raise ODataError(400, f"Unrecognized 'Edm.DateTime' literal 'datetime'{text}''.") from error

    def _taken(self) -> re.Match[str]:
        if self._at >= len(self._tokens):
            raise ODataError(400, "Expression expected at the end.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _skipped(self, word: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at]["word"] == word
        self._at += found
        return found


def _tokens(text: str) -> list[re.Match[str]]:
    tokens: list[re.Match[str]] = []
    text, at = text.strip(), 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ODataError(400, f"Syntax error at position {at}.")
        tokens.append(token)
        at = token.end()
    return tokens


def _always(value: Value) -> Condition:
    return lambda _row: value


def _ordered(compare: Callable[..., bool], left: Value, right: Value) -> bool:
    if left is None or right is None:
        return False
    if type(left) is not type(right):
        raise ODataError(400, "Operator incompatible with operand types.")
    return compare(left, right)
