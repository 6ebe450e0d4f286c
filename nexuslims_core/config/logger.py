"""The settings of the logger, and where it keeps what was not heard yet."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from nexuslims_core.config.names import PREFIX, named
from nexuslims_core.errors import ConfigurationError


class LoggerSettings(BaseSettings):
    """What the logger on an instrument's computer needs, which has neither files nor a database of ours.

    Attributes
    ----------
    api_url
        Address of Airflow; None where sessions are written straight into the database.
    api_timeout_s
        For the connection to it, and for its answer.
    user, password
        The account of the logger in Airflow.
    queue_path
        Where entries are kept that were not heard yet; None takes :attr:`queue_folder`.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    api_url: str | None = None
    api_timeout_s: float = Field(10.0, gt=0, le=600, validation_alias=named("API_TIMEOUT"))
    user: str | None = Field(None, validation_alias=named("USER", "nexusLIMS_user"))
    password: SecretStr | None = Field(None, validation_alias=named("PASSWORD", "nexusLIMS_pass"))
    queue_path: Path | None = None

    @field_validator("api_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname or address.query or address.fragment:
            raise ValueError("write the address of Airflow, such as https://airflow.example.org")
        if address.username is not None:
            raise ValueError("put the account into NEXUSLIMS_USER and NEXUSLIMS_PASSWORD")
        return url.rstrip("/")

    @field_validator("queue_path")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else None

    @property
    def queue_folder(self) -> Path:
        """QUEUE_PATH, else a folder of this user, where the platform wants it.

        Raises
        ------
        ConfigurationError
            If the user has no home.
        """
        return self.queue_path or _state_folder() / "queue"


def _state_folder(platform: str = sys.platform) -> Path:
    """Return where programs of this user keep what must outlive them."""
    try:
        if platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "NexusLIMS"
        if platform == "darwin":
            return Path.home() / "Library" / "Application Support" / "NexusLIMS"
        stated = Path(os.environ.get("XDG_STATE_HOME", ""))
        return (stated if stated.is_absolute() else Path.home() / ".local" / "state") / "nexuslims"
    except RuntimeError as error:
        raise ConfigurationError(f"this user has no home: set {PREFIX}QUEUE_PATH") from error
