"""Commands that a person is told to run, written so that they can be pasted into a shell."""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command and what it is good for.

    Attributes
    ----------
    line
        What to paste into a POSIX shell.
    purpose
        What it does, or when to run it, in a few words.
    """

    line: str
    purpose: str


def on_session(action: str, session_identifier: str, *options: str) -> str:
    """Return the ``nexuslims`` command that does something to one session, such as ``sessions requeue``."""
    words = [*map(quoted, options)]
    if session_identifier.startswith("-"):  # which would be read as an option
        words.append("--")
    return " ".join(["nexuslims", action, *words, quoted(session_identifier)])


def quoted(word: str) -> str:
    """Return a word so that a shell takes it as it is, whatever characters it holds, on one line."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(map(_escaped, word))
    return f"$'{escaped}'"


def _escaped(sign: str) -> str:
    if sign in "\\'":
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x80 else f"\\U{code:08x}"
