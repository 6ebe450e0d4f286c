"""What the installed extractors declare, for those who need to know which files are read and load no reader."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The declarations of all extractors taken together.

    Attributes
    ----------
    suffixes
        Of all files that an extractor opens, in lower case.
    companions
        For suffixes of opened files, the suffixes of files that belong to them.
    versions
        Of each extractor by its name.
    """

    suffixes: frozenset[str]
    companions: Mapping[str, frozenset[str]]
    versions: Mapping[str, str]
