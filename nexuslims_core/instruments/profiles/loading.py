"""Profiles from TOML files: those that are shipped, and a site's own, checked before any file is read.

A site's file of the name of a shipped one takes its place.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nexuslims_core import codec
from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.profiles.models import Mode, Profile
from nexuslims_core.quantities import MetadataValue, Quantity

_ENDING = ".toml"
_KEYS = frozenset(field.name for field in fields(Profile)) - {"name"}
_MODE_KEYS = frozenset(field.name for field in fields(Mode))
_QUANTITY_KEYS = frozenset(field.name for field in fields(Quantity))


def load_profiles(folder: Path | None = None) -> tuple[Profile, ...]:
    """Return the shipped profiles and those of a site's folder, in the order in which they are applied.

    Raises
    ------
    ConfigurationError
        If the folder or a file cannot be read, or a file is no profile; the error names file and key.
    """
    found: dict[str, Traversable] = {}
    for place in (files(__package__), folder):
        found |= {file.name: file for file in _tomls(place)}
    profiles = (_profile(file) for file in found.values())
    return tuple(sorted(profiles, key=lambda profile: (profile.order, profile.name)))


def profiles_of(instrument_pid: str | None, profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """Return the profiles of one instrument, in their order."""
    return tuple(profile for profile in profiles if profile.is_of(instrument_pid))


def digest(profiles: tuple[Profile, ...]) -> str:
    """Return what changes when anything that the profiles do to metadata changes."""
    return sha256(codec.dumps(profiles, tuple[Profile, ...]))


def check(folder: Path | None = None) -> str:
    """Load all profiles and try their units as well, which is slow; return a sentence for people.

    Raises
    ------
    ConfigurationError
        As `load_profiles`, and for a unit that is none.
    """
    import pint

    profiles = load_profiles(folder)
    for profile in profiles:
        for name, unit in _units(profile):
            try:
                pint.Unit(unit)
            except (pint.errors.PintError, ValueError, TypeError, AttributeError) as error:
                raise ConfigurationError(f"{profile.name}{_ENDING}: {name} is given in {unit!r}, no unit") from error
    return f"{len(profiles)} profiles: {', '.join(profile.name for profile in profiles)}"


def _units(profile: Profile) -> Iterator[tuple[str, str]]:
    values: tuple[tuple[str, MetadataValue], ...] = (*profile.replace.items(), *profile.fill.items())
    return ((name, value.unit) for name, value in values if isinstance(value, Quantity))


def _tomls(place: Traversable | None) -> list[Traversable]:
    try:
        return [file for file in place.iterdir() if file.name.endswith(_ENDING)] if place else []
    except OSError as error:
        raise ConfigurationError(
            f"NEXUSLIMS_PROFILES_PATH: {place} cannot be listed: {error.strerror or error}"
        ) from error


def _profile(file: Traversable) -> Profile:
    try:
        told = tomllib.loads(file.read_text("utf-8"))
        _refuse_unknown(told)
        return codec.decode(Profile, {**told, "name": file.name.removesuffix(_ENDING)})
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{file}: {'; '.join(dict.fromkeys(map(_sentence, error.errors())))}") from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    except ValueError as error:  # TOML's and Unicode's errors are ones
        raise ConfigurationError(f"{file} is no TOML file: {error}") from error


def _refuse_unknown(told: dict[str, Any]) -> None:
    _refuse(told, _KEYS, "")
    modes = told.get("mode", [])
    for i, mode in enumerate(modes if isinstance(modes, list) else (), start=1):
        _refuse(mode, _MODE_KEYS, f"[[mode]] {i}: ")
    for table in ("replace", "fill"):
        values = told.get(table, {})
        for name, value in values.items() if isinstance(values, dict) else ():
            _refuse(value, _QUANTITY_KEYS, f"{table}.{name!r}: ")


def _refuse(told: object, known: frozenset[str], place: str) -> None:
    for key in told if isinstance(told, dict) else ():
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, sorted(known), n=1)
            hint = f"do you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
            raise ConfigurationError(f"{place}{key} is no key of a profile; {hint}")


def _sentence(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Name the key as it stands in the file; the place may go on with the types that a value was tried as."""
    place = [part for part in error["loc"] if not isinstance(part, str) or not part[:1].isupper() or " " in part]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
    if error["type"] == "missing":
        return f"{key} is missing"
    why = error["msg"].removeprefix("Value error, ")
    if not key:
        return str(why)
    return f"{key} cannot be {error['input']!r}: {why[:1].lower()}{why[1:]}"
