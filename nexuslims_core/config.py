"""The one place that reads the environment: every setting, its default and the older names that sites already use.

A setting is the variable ``NEXUSLIMS_<NAME>`` or a line of a ``.env`` file; the environment wins. The names of
NexusLIMS 1 (``nexusLIMS_path``, …) and 2 (``NX_…``) are read too where they mean the same.
``.env.example`` explains each.
"""

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AliasChoices, BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from nexuslims_core.errors import ConfigurationError

PREFIX = "NEXUSLIMS_"


class Finder(StrEnum):
    """Who searches the instruments' folders."""

    SCAN = "scan"
    FIND = "find"


class FileStrategy(StrEnum):
    """Which files of a session go into its record."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class NemoServer(BaseModel, frozen=True):
    """One NEMO server as the settings name it.

    Attributes
    ----------
    address
        Root of its REST interface, or of the whole site.
    timezone
        IANA name, for a server that says times without a zone.
    strptime_format, strftime_format
        How it says and takes times, where the site has changed that.
    """

    address: str
    token: SecretStr | None = None
    timezone: str | None = None
    strptime_format: str | None = None
    strftime_format: str | None = None


def _named(name: str, *older: str) -> AliasChoices:
    return AliasChoices(PREFIX + name, *older)


AlertedStatus = Literal["ERROR", "BUILT_NOT_EXPORTED", "NO_FILES_FOUND", "NO_CONSENT"]


def _words(text: str) -> object:
    """Return the words of a list: JSON, or parted by blanks and commas; addresses of Apprise may hold commas."""
    if text.lstrip().startswith("["):
        return json.loads(text)
    words = (word.strip(",") for word in text.split())
    return [each for word in words for each in ([word] if "://" in word else word.split(",")) if each]


class Settings(BaseSettings):
    """Every setting, read once at the edge and handed down.

    Attributes
    ----------
    filestore_path
        Root of the raw data; only ever read.
    data_path
        Root of everything that is written.
    profiles_path
        Folder of the site's own instrument profiles; None for those that are shipped alone.
    db_url
        SQLAlchemy address of the database of sessions.
    site_path, site_url
        Folder into which records are published as a static site, and the address that a web server gives it.
    user, password
        Credentials for every service that has none of its own.
    ca_bundle
        Certificates of the authorities that sign the services' own, in PEM; None for the usual ones.
    cdcs_template
        Title of the template that records follow; None finds it by its content.
    file_delay_days
        How long a session without files waits before it counts as one.
    settle_s
        For how long a file must stand still before it counts as finished.
    finder
        Our own scan, or GNU find, which the scan stands in for where it fails.
    clock_margin_s
        How far a session's time is widened at both ends when its files are looked for, since clocks differ.
    late_days
        How long after its end files are looked for that came too late for a session's record.
    file_timeout_s, file_memory_mb
        What one file may cost while it is read; more makes it unreadable, not the record.
    sharepoint_stylesheet
        The site's own translation of its calendar's columns; None for the one that is shipped.
    sharepoint_columns
        Names that the site has for the columns that the stylesheet knows.
    nemo_lookback_days
        How far behind the last usage that is known NEMO is asked again.
    nemo_consent
        Whether users are asked for consent when they book in NEMO; auto looks among NEMO's questions.
    nemo_consent_question
        Name of that question.
    ical_url, ical_user, ical_password
        Credentials for calendars below an address, and for no others; a password without user is a token.
    ical_summary_pattern, ical_description_pattern
        Regular expressions that find title, user, sample and the like in the heading and the text of an event.
    table_path
        Folder of the tables of reservations that are files.
    table_url, table_user, table_password
        As those of calendars, for tables on a web server.
    table_columns
        Names that the site has for the columns of its tables.
    nemo_servers
        NEMO servers by the numbered names that sites of NexusLIMS have.
    crate_license
        Terms of use that crates state: an address on the web, or a sentence.
    hash_raw, hash_rate
        Whether crates hold the SHA-256 of every file, and how many megabytes a second may be read for that.
    smtp_host, smtp_port, smtp_security, smtp_user, smtp_password
        The mail server that carries alerts; without a port the usual one of its security.
    alerts_from
        Mail address that alerts come from.
    alerts_to
        Who is told of everything: mail addresses, and those of Apprise.
    alerts_instruments
        Persistent id of an instrument to those who are told of it too.
    alerts_about
        End states of sessions that are told.
    alerts_digest, alerts_gather_s
        From how many on alerts go into one message, and how long they wait for each other while more may come.
    airflow_url
        Address of Airflow, whose pages alerts lead to.
    lease_s
        How long a claim outlives the last sign of its holder; longer than a task's time limit and retry delay.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    filestore_path: Path = Field(validation_alias=_named("FILESTORE_PATH", "mmfnexus_path", "NX_INSTRUMENT_DATA_PATH"))
    data_path: Path = Field(validation_alias=_named("DATA_PATH", "nexusLIMS_path", "NX_DATA_PATH"))
    profiles_path: Path | None = None
    db_url: str = ""
    db_path: Path | None = Field(None, validation_alias=_named("DB_PATH", "nexusLIMS_db_path", "NX_DB_PATH"))
    user: str | None = Field(None, validation_alias=_named("USER", "nexusLIMS_user"))
    password: SecretStr | None = Field(None, validation_alias=_named("PASSWORD", "nexusLIMS_pass"))
    ca_bundle: Path | None = Field(None, validation_alias=_named("CA_BUNDLE", "NX_CERT_BUNDLE_FILE"))

    cdcs_url: str | None = Field(None, validation_alias=_named("CDCS_URL", "cdcs_url", "NX_CDCS_URL"))
    cdcs_token: SecretStr | None = Field(None, validation_alias=_named("CDCS_TOKEN", "NX_CDCS_TOKEN"))
    cdcs_template: str | None = None
    cdcs_workspace: str = "Global Public Workspace"
    site_path: Path | None = None
    site_url: str = ""
    sharepoint_user: str | None = None
    sharepoint_password: SecretStr | None = None
    sharepoint_timezone: str | None = None
    sharepoint_stylesheet: Path | None = None
    sharepoint_columns: dict[str, str] = {}
    nemo_url: str | None = None
    nemo_token: SecretStr | None = None
    nemo_lookback_days: float = Field(7.0, ge=0, validation_alias=_named("NEMO_LOOKBACK"))
    nemo_consent: Literal["auto", "always", "never"] = "auto"
    nemo_consent_question: str = "data_consent"
    nemo_servers: tuple[NemoServer, ...] = ()
    ical_url: str | None = None
    ical_user: str | None = None
    ical_password: SecretStr | None = None
    ical_summary_pattern: str = ""
    ical_description_pattern: str = ""
    table_path: Path | None = None
    table_url: str | None = None
    table_user: str | None = None
    table_password: SecretStr | None = None
    table_columns: dict[str, str] = {}

    file_strategy: FileStrategy = Field(
        FileStrategy.EXCLUSIVE, validation_alias=_named("FILE_STRATEGY", "NX_FILE_STRATEGY")
    )
    ignore_patterns: tuple[str, ...] = Field((), validation_alias=_named("IGNORE_PATTERNS", "NX_IGNORE_PATTERNS"))
    file_delay_days: float = Field(
        2.0, ge=0, validation_alias=_named("FILE_DELAY", "NEXUSLIMS_FILE_DELAY_DAYS", "NX_FILE_DELAY_DAYS")
    )
    settle_s: float = Field(60.0, ge=0, validation_alias=_named("SETTLE"))
    scan_threads: int = Field(1, ge=1, le=64)
    finder: Finder = Finder.SCAN
    clock_margin_s: float = Field(0.0, ge=0, validation_alias=_named("CLOCK_MARGIN"))
    late_days: float = Field(30.0, ge=0, validation_alias=_named("LATE"))
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    file_timeout_s: float = Field(120.0, gt=0, validation_alias=_named("FILE_TIMEOUT"))
    file_memory_mb: int = Field(2048, ge=256, validation_alias=_named("FILE_MEMORY"))
    clustering_method: Literal["robust", "published", "scikit-learn"] = "robust"
    clustering_sensitivity: float = Field(
        1.0, ge=0, le=1000, validation_alias=_named("CLUSTERING_SENSITIVITY", "NX_CLUSTERING_SENSITIVITY")
    )
    preview_base_url: str = ""
    dataset_base_url: str = ""
    crate_license: str = "No licence is stated: ask the facility before you use these files."
    hash_raw: bool = False
    hash_rate: float = Field(100.0, gt=0)
    smtp_host: str | None = None
    smtp_port: int | None = Field(None, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    alerts_from: str | None = Field(None, pattern=r"^[!-?A-~]+@[!-?A-~]+$")
    alerts_to: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    alerts_instruments: dict[str, tuple[SecretStr, ...]] = {}
    alerts_about: Annotated[tuple[AlertedStatus, ...], NoDecode] = ("ERROR", "BUILT_NOT_EXPORTED")
    alerts_digest: int = Field(4, ge=2)
    alerts_gather_s: float = Field(300.0, ge=0, validation_alias=_named("ALERTS_GATHER"))
    airflow_url: str | None = None
    lease_s: float = Field(3600.0, gt=0, validation_alias=_named("LEASE"))

    @field_validator("filestore_path", "data_path", "site_path", "table_path")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else None

    @field_validator("alerts_to", "alerts_about", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return _words(value) if isinstance(value, str) else value

    @field_validator("airflow_url")
    @classmethod
    def _on_the_web(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError("write the address of Airflow, such as https://airflow.example.org")
        return url.rstrip("/")

    @property
    def every_nemo(self) -> tuple[NemoServer, ...]:
        """The NEMO server of NEMO_URL, where there is one, and those of the numbered names."""
        own = NemoServer(address=self.nemo_url, token=self.nemo_token) if self.nemo_url else None
        return (own, *self.nemo_servers) if own else self.nemo_servers

    @property
    def without_destinations(self) -> "Settings":
        """The same, publishing nowhere."""
        return self.model_copy(update={"cdcs_url": None, "site_path": None})

    @property
    def database_url(self) -> str:
        """Address of the database of sessions: DB_URL, else a file named by DB_PATH, else one under DATA_PATH."""
        return self.db_url or f"sqlite:///{self.db_path or self.data_path / 'nexuslims.sqlite'}"


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
    api_timeout_s: float = Field(10.0, gt=0, le=600, validation_alias=_named("API_TIMEOUT"))
    user: str | None = Field(None, validation_alias=_named("USER", "nexusLIMS_user"))
    password: SecretStr | None = Field(None, validation_alias=_named("PASSWORD", "nexusLIMS_pass"))
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


def load_settings(env_file: Path | None = Path(".env"), **given: object) -> Settings:
    """Read the settings from the environment and a ``.env`` file; what is ``given`` wins over both.

    Raises
    ------
    ConfigurationError
        If a setting is missing or cannot be used, or a ``NEXUSLIMS_`` name is none of ours.
    """
    return _load(Settings, env_file, {"nemo_servers": _numbered_nemo_servers(_variables(env_file)), **given})


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


_NUMBERED = re.compile(r"(?:NX_)?NEMO_(ADDRESS|TOKEN|TZ|STRPTIME_FMT|STRFTIME_FMT)_([0-9]+)", re.IGNORECASE)
_NUMBERED_FIELDS = {
    "ADDRESS": "address",
    "TOKEN": "token",
    "TZ": "timezone",
    "STRPTIME_FMT": "strptime_format",
    "STRFTIME_FMT": "strftime_format",
}


def _numbered_nemo_servers(variables: Mapping[str, str]) -> tuple[NemoServer, ...]:
    """Return the servers of ``NX_NEMO_ADDRESS_1``, ``NX_NEMO_TOKEN_1``, … by number; those of NexusLIMS 2 win."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for name in sorted(variables, key=lambda name: name.upper().startswith("NX_")):
        numbered = _NUMBERED.fullmatch(name)
        if numbered and variables[name]:
            found[int(numbered[2])][_NUMBERED_FIELDS[numbered[1].upper()]] = variables[name]
    return tuple(NemoServer.model_validate(found[number]) for number in sorted(found) if "address" in found[number])


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
