"""Which extractor reads a file: by its suffix, and by its content where the suffix proves nothing or is wrong."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from nexuslims_core.artefacts import digest
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.extractors import basic
from nexuslims_core.extractors.base import Extractor
from nexuslims_core.extractors.catalogue import Catalogue

GROUP = "nexuslims.extractors"
"""Entry points of this group are extractors; a package of a site may add its own."""

HEAD_BYTES = 4096

FIRST_VERSION = 1
"""Of an extractor that states none."""

AMBIGUOUS_SUFFIXES = frozenset({".csv", ".hdf5", ".h5", ".img", ".map", ".nc", ".rec", ".st", ".xml"})
"""Suffixes that programs of all kinds use: a file whose content nobody claims is not damaged, but something else."""

_LAST = "general"


@cache
def installed() -> tuple[Extractor, ...]:
    """Return all extractors, sorted by name; the general one comes last, since it also reads what others read better.

    Raises
    ------
    ConfigurationError
        If one cannot be imported or is none.
    """
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name == _LAST, point.name))
    return tuple(_loaded(point) for point in points)


def choose(path: Path, extractors: tuple[Extractor, ...] | None = None) -> Extractor:
    """Return the extractor that reads ``path``; one that takes any file, if no other does.

    Parameters
    ----------
    extractors
        Where to choose from, most particular first; the installed ones by default.
    """
    candidates = installed() if extractors is None else extractors
    suffix, head = path.suffix.lower(), _head(path)
    order = sorted(candidates, key=lambda one: (one.name == _LAST, suffix not in one.suffixes))
    for candidate in order:
        if candidate.claims(path, head):
            return candidate
    owners = [] if suffix in AMBIGUOUS_SUFFIXES else [one for one in order if suffix in one.suffixes]
    return owners[0] if owners else basic.extractor


@cache
def catalogue() -> Catalogue:
    """Return what all extractors declare.

    Raises
    ------
    ConfigurationError
        If one cannot be imported or is none.
    """
    suffixes: set[str] = set()
    companions: dict[str, frozenset[str]] = {}
    for extractor in installed():
        suffixes |= extractor.suffixes
        for suffix, others in extractor.companions.items():
            companions[suffix] = companions.get(suffix, frozenset()) | others
    versions = {one.name: _version(one) for one in (*installed(), basic.extractor)}
    return Catalogue(suffixes=frozenset(suffixes), companions=companions, versions=versions)


@cache
def standing(suffix: str, reader: str) -> str:
    """Return what changes when a file may now be read by another extractor than the one that did, or otherwise by it.

    Those whose suffix it is may read it, and the one that did. If that one went by content or takes any file, whoever
    is installed may know better.

    Parameters
    ----------
    suffix
        Of the file, in lower case.
    reader
        Name of the extractor that read the file.
    """
    owners = {one.name: one for one in installed() if suffix in one.suffixes}
    versions = {one.name: _version(one) for one in installed() if one.name in {*owners, reader}}
    others = [] if reader in owners else [one.name for one in installed()]
    return digest([sorted(versions.items()), sorted(others)])


def _version(one: Extractor) -> str:
    return str(getattr(one, "version", FIRST_VERSION))


def _loaded(point: EntryPoint) -> Extractor:
    try:
        extractor: Extractor = point.load()
    except (ImportError, AttributeError, SyntaxError, NameError, TypeError, ValueError, OSError) as error:
        raise ConfigurationError(f"extractor {point.name!r} ({point.value}) cannot be imported: {error}") from error
    missing = [part for part in ("name", "suffixes", "companions", "claims", "read") if not hasattr(extractor, part)]
    if missing:
        raise ConfigurationError(f"extractor {point.name!r} ({point.value}) has no {', '.join(missing)}")
    return extractor


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""  # whoever reads the file says why it cannot be opened
