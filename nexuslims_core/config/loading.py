"""Settings from the environment and a ``.env`` file, and what is wrong with them in a sentence."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import AliasChoices, ValidationError
from pydantic_settings import SettingsError

from nexuslims_core.config.logger import LoggerSettings
from nexuslims_core.config.names import PREFIX
from nexuslims_core.config.nemo_servers import numbered_nemo_servers
from nexuslims_core.config.settings import Settings
from nexuslims_core.errors import ConfigurationError


def load_settings(env_file: Path | None = Path(".env"), **given: object) -> Settings:
    """Read the settings from the environment and a ``.env`` file; what is ``given`` wins over both.

    Raises
    ------
    ConfigurationError
        If a setting is missing or cannot be used, or a ``NEXUSLIMS_`` name is none of ours.
    """
    return _load(Settings, env_file, {"nemo_servers": numbered_nemo_servers(_variables(env_file)), **given})


def load_logger_settings(env_file: Path | None = Path(".env"), **given: object) -> LoggerSettings:
    """Read what the logger needs, as :func:`load_settings` does; nothing of it is required."""
    return _load(LoggerSettings, env_file, given)


_Kind = TypeVar("_Kind", Settings, LoggerSettings)


def _load(kind: type[_Kind], env_file: Path | None, given: Mapping[str, object]) -> _Kind:
    _refuse_unknown(_names(env_file))
    try:
        values: dict[str, Any] = {"_env_file": env_file, **given}
        return kind(**values)
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_sentence, error.errors()))) from error
    except SettingsError as error:
        name = next(name for name in _JSON_EXAMPLES if name in str(error))
        raise ConfigurationError(f"{PREFIX}{name.upper()} is no JSON {_JSON_EXAMPLES[name]}") from error


_JSON_EXAMPLES = {
    "alerts_instruments": 'object such as {"Titan-1": ["ada@example.org"]}',
    "sharepoint_columns": 'object such as {"StartTime": "Anfangszeit"}',
    "table_columns": 'object such as {"start": "Beginn"}',
    "ignore_patterns": 'list such as ["*.db", "~*"]',
}


def known_names() -> frozenset[str]:
    """Return every variable name that is read, in capitals."""
    names: set[str] = set()
    for field, info in (Settings.model_fields | LoggerSettings.model_fields).items():
        if field == "nemo_servers":
            continue  # has the numbered names of NexusLIMS only
        alias = info.validation_alias
        names.update(map(str, alias.choices) if isinstance(alias, AliasChoices) else [PREFIX + field])
    return frozenset(name.upper() for name in names)


def _variables(env_file: Path | None) -> dict[str, str]:
    """Return all variables of the file and of the environment, which wins."""
    try:
        in_file = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the settings in {env_file} cannot be read: {error}") from error
    return {name: value or "" for name, value in in_file.items()} | dict(os.environ)


def _names(env_file: Path | None) -> Iterable[str]:
    return (name for name in _variables(env_file) if name.startswith(PREFIX))


def _refuse_unknown(names: Iterable[str]) -> None:
    known = known_names()
    for name in names:
        if name.upper() not in known:
            from difflib import get_close_matches

            near = get_close_matches(name.upper(), sorted(known), n=1)
            hint = f"; do you mean {near[0]}?" if near else ""
            raise ConfigurationError(f"{name} is no setting of NexusLIMS{hint} (.env.example lists them all)")


def _sentence(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = str(error["loc"][0]).upper()
    name = name if name.startswith((PREFIX, "NX_")) else PREFIX + name
    if error["type"] == "missing":
        return f"{name} is not set: put it into the environment or into .env (see .env.example)"
    shown = re.sub(r"//[^/]*@", "//…@", repr(error["input"]))  # an address may hold a password
    if name.startswith(f"{PREFIX}ALERTS_") or name == f"{PREFIX}SMTP_PASSWORD":
        shown = "what it is"  # and one of Apprise a token, anywhere
    return f"{name} cannot be {shown}: {error['msg'][:1].lower()}{error['msg'][1:]}"
