"""What a session, and who worked in it, may be called: one line that people can read, and that every index holds."""

LONGEST_NAME = 500
"""Characters; an index of PostgreSQL holds no more than about 2700 bytes."""


def reason_to_refuse(what: str, name: str) -> str | None:
    """Return why something cannot be called so, in a sentence; None if it can.

    Parameters
    ----------
    what
        What is called so, such as ``a session``.
    """
    if name.strip() and name.isprintable() and len(name) <= LONGEST_NAME:
        return None
    return f"{what} cannot be called {name[:LONGEST_NAME]!r}: use up to {LONGEST_NAME} letters, digits and signs"
