"""All that a stage needs from outside: settings, database, calendars, the destination of records and a clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexuslims_core.artefacts import Workbench
from nexuslims_core.config import Settings
from nexuslims_core.db.database import Database
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.publishing.base import RecordStore
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reservations.base import ReservationSystem


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One facility's data system, ready to work.

    Attributes
    ----------
    calendars
        One client for each kind of calendar that has credentials.
    store
        Where records are published; None leaves them built and not exported.
    """

    settings: Settings
    database: Database
    calendars: Mapping[Harvester, ReservationSystem] = field(default_factory=dict)
    store: RecordStore | None = None
    now: Callable[[], datetime] = utc_now

    @property
    def workbench(self) -> Workbench:
        """Where the results of stages are kept between two tries."""
        return Workbench(root=self.settings.data_path / "work")

    @property
    def mirror(self) -> Mirror:
        """Where previews and metadata go."""
        return Mirror(filestore=self.settings.filestore_path, data_path=self.settings.data_path)

    @property
    def limits(self) -> Limits:
        """What reading one file may cost."""
        chosen = self.settings
        return Limits(workers=chosen.workers, timeout_s=chosen.file_timeout_s, memory_mb=chosen.file_memory_mb)

    @property
    def lease(self) -> timedelta:
        """How long a claim outlives the last sign of its holder."""
        return timedelta(seconds=self.settings.lease_s)

    def calendar(self, instrument: Instrument) -> ReservationSystem | None:
        """Return the calendar of an instrument; None if it has none.

        Raises
        ------
        ConfigurationError
            If it has one that this system has no credentials for.
        """
        if instrument.harvester is Harvester.NONE:
            return None
        if instrument.harvester not in self.calendars:
            name = instrument.harvester.upper()
            raise ConfigurationError(
                f"instrument {instrument.instrument_pid} is booked in {instrument.harvester}, and there are no "
                f"credentials for it: set NEXUSLIMS_{name}_USER and NEXUSLIMS_{name}_PASSWORD, "
                f"or the Airflow connection nexuslims_{instrument.harvester}"
            )
        return self.calendars[instrument.harvester]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user's name and password."""

    user: str
    password: str = field(repr=False)


def open_facility(settings: Settings) -> Facility:
    """Connect to all that the settings name; nothing is asked of a service before it is needed.

    Raises
    ------
    DatabaseError
        If the database of sessions is absent or of another release.
    """
    return Facility(
        settings=settings,
        database=Database.open(settings.database_url),
        calendars=calendars(settings, sharepoint_login(settings)),
        store=store(settings),
    )


def sharepoint_login(settings: Settings) -> Login | None:
    """Return the SharePoint credentials of the settings, else those for every service, else None."""
    user = settings.sharepoint_user or settings.user
    password = settings.sharepoint_password or settings.password
    return Login(user=user, password=password.get_secret_value()) if user and password else None


def calendars(settings: Settings, sharepoint: Login | None) -> Mapping[Harvester, ReservationSystem]:
    """Return a client for each calendar that has credentials.

    Raises
    ------
    ConfigurationError
        If the zone of the SharePoint site is none.
    """
    if sharepoint is None:
        return {}
    from nexuslims_core.reservations.sharepoint import SharePointCalendar

    zone = _zone(settings.sharepoint_timezone)
    return {
        Harvester.SHAREPOINT: SharePointCalendar(user=sharepoint.user, password=sharepoint.password, zone=zone),
    }


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"NEXUSLIMS_SHAREPOINT_TIMEZONE cannot be {name!r}: use a name such as Europe/Berlin"
        ) from error


def store(settings: Settings, token: str | None = None, login: Login | None = None) -> RecordStore | None:
    """Return the CDCS client, by the token given or that of the settings, else by a login; None without an address.

    Raises
    ------
    ConfigurationError
        If there is an address and no credentials.
    """
    if settings.cdcs_url is None:
        return None
    from nexuslims_core.publishing.cdcs import CdcsStore

    if token is None and login is None:
        token = settings.cdcs_token.get_secret_value() if settings.cdcs_token else None
        if settings.user and settings.password:
            login = Login(user=settings.user, password=settings.password.get_secret_value())
    if token is None and login is None:
        raise ConfigurationError(
            "NEXUSLIMS_CDCS_URL is set without NEXUSLIMS_CDCS_TOKEN: make a token in CDCS and set it"
        )
    return CdcsStore(
        url=settings.cdcs_url,
        token=token,
        user=login.user if login and not token else None,
        password=login.password if login and not token else None,
        template_title=settings.cdcs_template,
        workspace_title=settings.cdcs_workspace,
    )
