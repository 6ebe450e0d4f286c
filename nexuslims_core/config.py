"""The one place that reads the environment: every setting, its default and the older names that sites already use.

A setting is the variable ``NEXUSLIMS_<NAME>`` or a line of a ``.env`` file; the environment wins. The names of
NexusLIMS 1 (``nexusLIMS_path``, …) and 2 (``NX_…``) are read too where they mean the same.
``.env.example`` explains each.
"""

import difflib
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from nexuslims_core.errors import ConfigurationError

PREFIX = "NEXUSLIMS_"


class FileStrategy(StrEnum):
    """Which files of a session go into its record."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


def _named(name: str, *older: str) -> AliasChoices:
    return AliasChoices(PREFIX + name, *older)


class Settings(BaseSettings):
    """Every setting, read once at the edge and handed down.

    Attributes
    ----------
    filestore_path
        Root of the raw data; only ever read.
    data_path
        Root of everything that is written.
    db_url
        SQLAlchemy address of the database of sessions.
    user, password
        Credentials for every service that has none of its own.
    file_delay_days
        How long a session without files waits before it counts as one.
    settle_s
        For how long a file must stand still before it counts as finished.
    file_timeout_s, file_memory_mb
        What one file may cost while it is read; more makes it unreadable, not the record.
    lease_s
        How long a claim outlives the last sign of its holder; longer than a task's time limit and retry delay.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    filestore_path: Path = Field(validation_alias=_named("FILESTORE_PATH", "mmfnexus_path", "NX_INSTRUMENT_DATA_PATH"))
    data_path: Path = Field(validation_alias=_named("DATA_PATH", "nexusLIMS_path", "NX_DATA_PATH"))
    db_url: str = ""
    db_path: Path | None = Field(None, validation_alias=_named("DB_PATH", "nexusLIMS_db_path", "NX_DB_PATH"))
    user: str | None = Field(None, validation_alias=_named("USER", "nexusLIMS_user"))
    password: SecretStr | None = Field(None, validation_alias=_named("PASSWORD", "nexusLIMS_pass"))

    cdcs_url: str | None = Field(None, validation_alias=_named("CDCS_URL", "cdcs_url", "NX_CDCS_URL"))
    cdcs_token: SecretStr | None = Field(None, validation_alias=_named("CDCS_TOKEN", "NX_CDCS_TOKEN"))
    cdcs_template: str = "nexus-experiment"
    cdcs_workspace: str = "Global Public Workspace"
    sharepoint_user: str | None = None
    sharepoint_password: SecretStr | None = None
    sharepoint_timezone: str | None = None

    file_strategy: FileStrategy = Field(
        FileStrategy.EXCLUSIVE, validation_alias=_named("FILE_STRATEGY", "NX_FILE_STRATEGY")
    )
    ignore_patterns: tuple[str, ...] = Field((), validation_alias=_named("IGNORE_PATTERNS", "NX_IGNORE_PATTERNS"))
    file_delay_days: float = Field(
        2.0, ge=0, validation_alias=_named("FILE_DELAY", "NEXUSLIMS_FILE_DELAY_DAYS", "NX_FILE_DELAY_DAYS")
    )
    settle_s: float = Field(60.0, ge=0, validation_alias=_named("SETTLE"))
    scan_threads: int = Field(1, ge=1, le=64)
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    file_timeout_s: float = Field(120.0, gt=0, validation_alias=_named("FILE_TIMEOUT"))
    file_memory_mb: int = Field(2048, ge=256, validation_alias=_named("FILE_MEMORY"))
    clustering_method: Literal["published", "scikit-learn"] = "published"
    clustering_sensitivity: float = Field(
        1.0, ge=0, le=1000, validation_alias=_named("CLUSTERING_SENSITIVITY", "NX_CLUSTERING_SENSITIVITY")
    )
    preview_base_url: str = ""
    dataset_base_url: str = ""
    lease_s: float = Field(3600.0, gt=0, validation_alias=_named("LEASE"))

    @field_validator("filestore_path", "data_path")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @property
    def database_url(self) -> str:
        """Address of the database of sessions: DB_URL, else a file named by DB_PATH, else one under DATA_PATH."""
        return self.db_url or f"sqlite:///{self.db_path or self.data_path / 'nexuslims.sqlite'}"


def load_settings(env_file: Path | None = Path(".env"), **given: object) -> Settings:
    """Read the settings from the environment and a ``.env`` file; what is ``given`` wins over both.

    Raises
    ------
    ConfigurationError
        If a setting is missing or cannot be used, or a ``NEXUSLIMS_`` name is none of ours.
    """
    _refuse_unknown(_names(env_file))
    try:
        values: dict[str, Any] = dict(given)
        return Settings(_env_file=env_file, **values)  # type: ignore[call-arg]  # pydantic-settings' own argument
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_sentence, error.errors()))) from error
    except SettingsError as error:  # the only setting of this kind
        raise ConfigurationError(f'{PREFIX}IGNORE_PATTERNS is no JSON list such as ["*.db", "~*"]') from error


def known_names() -> frozenset[str]:
    """Return every variable name that is read, in capitals."""
    names: set[str] = set()
    for field, info in Settings.model_fields.items():
        alias = info.validation_alias
        names.update(map(str, alias.choices) if isinstance(alias, AliasChoices) else [PREFIX + field])
    return frozenset(name.upper() for name in names)


def _names(env_file: Path | None) -> Iterable[str]:
    try:
        in_file = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the settings in {env_file} cannot be read: {error}") from error
    return (name for name in (*os.environ, *in_file) if name.startswith(PREFIX))


def _refuse_unknown(names: Iterable[str]) -> None:
    known = known_names()
    for name in names:
        if name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), sorted(known), n=1)
            hint = f"; do you mean {near[0]}?" if near else ""
            raise ConfigurationError(f"{name} is no setting of NexusLIMS{hint} (.env.example lists them all)")


def _sentence(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = str(error["loc"][0]).upper()
    name = name if name.startswith((PREFIX, "NX_")) else PREFIX + name
    if error["type"] == "missing":
        return f"{name} is not set: put it into the environment or into .env (see .env.example)"
    return f"{name} cannot be {error['input']!r}: {error['msg'][:1].lower()}{error['msg'][1:]}"
