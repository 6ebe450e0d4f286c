"""Every setting of the program, with its default."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from nexuslims_core.config.names import PREFIX, named
from nexuslims_core.config.nemo_servers import NemoServer


class Finder(StrEnum):
    """Who searches the instruments' folders."""

    SCAN = "scan"
    FIND = "find"


class FileStrategy(StrEnum):
    """Which files of a session go into its record."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


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

    filestore_path: Path = Field(validation_alias=named("FILESTORE_PATH", "mmfnexus_path", "NX_INSTRUMENT_DATA_PATH"))
    data_path: Path = Field(validation_alias=named("DATA_PATH", "nexusLIMS_path", "NX_DATA_PATH"))
    profiles_path: Path | None = None
    db_url: str = ""
    db_path: Path | None = Field(None, validation_alias=named("DB_PATH", "nexusLIMS_db_path", "NX_DB_PATH"))
    user: str | None = Field(None, validation_alias=named("USER", "nexusLIMS_user"))
    password: SecretStr | None = Field(None, validation_alias=named("PASSWORD", "nexusLIMS_pass"))
    ca_bundle: Path | None = Field(None, validation_alias=named("CA_BUNDLE", "NX_CERT_BUNDLE_FILE"))

    cdcs_url: str | None = Field(None, validation_alias=named("CDCS_URL", "cdcs_url", "NX_CDCS_URL"))
    cdcs_token: SecretStr | None = Field(None, validation_alias=named("CDCS_TOKEN", "NX_CDCS_TOKEN"))
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
    nemo_lookback_days: float = Field(7.0, ge=0, validation_alias=named("NEMO_LOOKBACK"))
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
        FileStrategy.EXCLUSIVE, validation_alias=named("FILE_STRATEGY", "NX_FILE_STRATEGY")
    )
    ignore_patterns: tuple[str, ...] = Field((), validation_alias=named("IGNORE_PATTERNS", "NX_IGNORE_PATTERNS"))
    file_delay_days: float = Field(
        2.0, ge=0, validation_alias=named("FILE_DELAY", "NEXUSLIMS_FILE_DELAY_DAYS", "NX_FILE_DELAY_DAYS")
    )
    settle_s: float = Field(60.0, ge=0, validation_alias=named("SETTLE"))
    scan_threads: int = Field(1, ge=1, le=64)
    finder: Finder = Finder.SCAN
    clock_margin_s: float = Field(0.0, ge=0, validation_alias=named("CLOCK_MARGIN"))
    late_days: float = Field(30.0, ge=0, validation_alias=named("LATE"))
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    file_timeout_s: float = Field(120.0, gt=0, validation_alias=named("FILE_TIMEOUT"))
    file_memory_mb: int = Field(2048, ge=256, validation_alias=named("FILE_MEMORY"))
    clustering_method: Literal["robust", "published", "scikit-learn"] = "robust"
    clustering_sensitivity: float = Field(
        1.0, ge=0, le=1000, validation_alias=named("CLUSTERING_SENSITIVITY", "NX_CLUSTERING_SENSITIVITY")
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
    alerts_gather_s: float = Field(300.0, ge=0, validation_alias=named("ALERTS_GATHER"))
    airflow_url: str | None = None
    lease_s: float = Field(3600.0, gt=0, validation_alias=named("LEASE"))

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
