"""Text from outside made fit for a message: one line that does nothing but show."""

LONGEST = 2000
"""Letters of one value in a message; the log and the session's page have the rest."""


def on_one_line(text: str, longest: int = LONGEST) -> str:
    """Return text without line breaks and signs that do not show, cut where it is long: no header, no second line.

    Half a surrogate pair, as in a name that is no text, is such a sign, and so are those that turn the order of others.
    """
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    joined = " ".join(shown.split())
    return joined if len(joined) <= longest else f"{joined[: longest - 2].rstrip()} …"
