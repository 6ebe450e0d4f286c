"""One instrument: where it stands, where it saves its files, which calendar books it."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexuslims_core.artefacts import confined
from nexuslims_core.errors import ConfigurationError


class Harvester(StrEnum):
    """Which kind of calendar an instrument is booked in."""

    SHAREPOINT = "sharepoint"
    NEMO = "nemo"
    ICAL = "ical"
    TABLE = "table"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One row of the ``instruments`` table, checked.

    Attributes
    ----------
    instrument_pid
        Persistent identifier, such as ``FEI-Titan-TEM-635816``.
    api_url
        Where reservations are read; for SharePoint the list's address below ``_vti_bin/ListData.svc``.
    calendar_name, calendar_url
        The calendar as people know it, and its page for people.
    location, schema_name, property_tag
        Room, the name written in records, and the facility's inventory number.
    filestore_path
        Folder below FILESTORE_PATH that the instrument saves to, such as ``./Titan``.
    computer_name, computer_ip, computer_mount
        The instrument's own computer, and the drive under which it sees its folder.
    harvester
        Which kind of calendar ``api_url`` is.
    timezone
        IANA name of the zone in which the instrument's clock runs.
    """

    instrument_pid: str
    schema_name: str
    filestore_path: str
    timezone: str
    harvester: Harvester = Harvester.NONE
    api_url: str | None = None
    calendar_name: str | None = None
    calendar_url: str | None = None
    location: str | None = None
    property_tag: str | None = None
    computer_name: str | None = None
    computer_ip: str | None = None
    computer_mount: str | None = None

    def __post_init__(self) -> None:
        for column in fields(self):
            self._check_text(column.name, may_be_unknown=column.default is None)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"instrument {self.instrument_pid}: {self.timezone!r} is no time zone; use a name such as Europe/Berlin"
            ) from error

    def _check_text(self, column: str, *, may_be_unknown: bool) -> None:
        value = getattr(self, column)
        if value is None and may_be_unknown:
            return
        if not isinstance(value, str) or "\0" in value:
            raise ConfigurationError(
                f"instrument {self.instrument_pid!r}: its {column} is {value!r:.60}, which is no text"
            )

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the instrument's clock runs."""
        return ZoneInfo(self.timezone)

    def folder(self, filestore: Path) -> Path:
        """Return the instrument's folder below the file store.

        Raises
        ------
        UnsafePathError
            If ``filestore_path`` leads out of the file store.
        """
        return confined(filestore, self.filestore_path)
