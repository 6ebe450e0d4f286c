"""How the variables of settings are called."""

from pydantic import AliasChoices

PREFIX = "NEXUSLIMS_"


def named(name: str, *older: str) -> AliasChoices:
    """Return the names of a setting that has older ones, or another than its field; the first that is set wins."""
    return AliasChoices(PREFIX + name, *older)
