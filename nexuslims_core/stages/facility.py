"""All that a stage needs from outside: settings, database, calendars, the destination of records and a clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nexuslims_core.alerts.post import Post
from nexuslims_core.artefacts import Workbench
from nexuslims_core.config import Settings
from nexuslims_core.db.database import Database
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.publishing.base import RecordStore
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.starting import Wards
from nexuslims_core.reservations.base import ReservationSystem
from nexuslims_core.schemas import SHAREPOINT_TO_NEXUS, schema_path
from nexuslims_core.stages.credentials import Login, accesses, nemos, sharepoint_login, wording, zone_named
from nexuslims_core.stages.post_office import open_post

if TYPE_CHECKING:  # their HTTP client is for those who ask a calendar
    from nexuslims_core.reservations.logins import Logins
    from nexuslims_core.reservations.nemo_rest import NemoAccess, NemoRest
    from nexuslims_core.reservations.web import WebAccess, WebReader


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


UPLOAD_LIMIT_S = 600.0
"""For one upload with all its tries; half the lease where that is less, so that who lost a claim sends nothing more."""

_SETTINGS = {Harvester.ICAL: "NEXUSLIMS_ICAL", Harvester.TABLE: "NEXUSLIMS_TABLE"}
"""How the names of the settings begin that hold credentials for web servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One facility's data system, ready to work.

    Attributes
    ----------
    calendars
        One client for each kind of calendar that has credentials.
    nemos
        The NEMO servers that we have a token for; where two cover an address, the first counts.
    accesses
        Credentials for the web servers that have calendars or tables; where two cover an address, the first counts.
    stores
        Where records are published, each at all of them; none leaves them built and not exported.
    fresh
        Read every file anew, whatever is known of it.
    post
        Whom to tell of what goes wrong, and how.
    wards
        Where the processes that watch over readers come from; one may have been started ahead.
    """

    settings: Settings
    database: Database
    calendars: Mapping[Harvester, ReservationSystem] = field(default_factory=dict)
    nemos: tuple["NemoAccess", ...] = ()
    accesses: Mapping[Harvester, tuple["WebAccess", ...]] = field(default_factory=dict)
    stores: tuple[RecordStore, ...] = ()
    post: Post = field(default_factory=Post)
    fresh: bool = False
    wards: Wards = field(default_factory=Wards)
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

    def nemo(self, root: str) -> "NemoRest":
        """Return a client of the NEMO whose REST interface is at ``root``.

        Raises
        ------
        ConfigurationError
            If there is no token for it.
        """
        access = next((each for each in self.nemos if each.covers(root)), None)
        if access is None:
            raise ConfigurationError(
                f"there is no token for the NEMO at {root}: set NEXUSLIMS_NEMO_URL and NEXUSLIMS_NEMO_TOKEN (several "
                "servers: NX_NEMO_ADDRESS_1 and NX_NEMO_TOKEN_1, …), or the Airflow connection nexuslims_nemo"
            )
        from nexuslims_core.reservations.nemo_rest import NemoRest
        from nexuslims_core.trust import open_session

        return NemoRest(root=root, access=access, session=open_session(self.settings.ca_bundle))

    def calendar(self, instrument: Instrument) -> ReservationSystem | None:
        """Return the calendar of an instrument; None if it has none.

        Raises
        ------
        ConfigurationError
            If it has one that this system has no credentials for.
        """
        if instrument.harvester is Harvester.NONE:
            return None
        if instrument.harvester in self.calendars:
            return self.calendars[instrument.harvester]
        if instrument.harvester is Harvester.SHAREPOINT:
            raise ConfigurationError(
                f"instrument {instrument.instrument_pid} is booked in sharepoint, and there are no credentials for it: "
                "set NEXUSLIMS_SHAREPOINT_USER and NEXUSLIMS_SHAREPOINT_PASSWORD, or the Airflow connection "
                "nexuslims_sharepoint"
            )
        made = {
            Harvester.NEMO: self._nemo_calendar,
            Harvester.ICAL: self._ical_calendar,
            Harvester.TABLE: self._table_calendar,
        }
        return made[instrument.harvester]()

    def _ical_calendar(self) -> ReservationSystem:
        from nexuslims_core.reservations.ical.calendar import IcalCalendar

        return IcalCalendar(reader=self._web_reader(Harvester.ICAL, "calendar"), wording=wording(self.settings))

    def _table_calendar(self) -> ReservationSystem:
        from nexuslims_core.reservations.table.calendar import MOST_BYTES, TableCalendar

        reader = self._web_reader(Harvester.TABLE, "table")
        reader.most_bytes = MOST_BYTES
        return TableCalendar(reader=reader, folder=self.settings.table_path, columns=self.settings.table_columns)

    def _web_reader(self, harvester: Harvester, kind: str) -> "WebReader":
        from nexuslims_core.reservations.web import WebReader
        from nexuslims_core.trust import open_session

        return WebReader(
            setting=_SETTINGS[harvester],
            kind=kind,
            accesses=self.accesses.get(harvester, ()),
            session=open_session(self.settings.ca_bundle),
            logins=self.database,
        )

    def _nemo_calendar(self) -> ReservationSystem:
        from nexuslims_core.reservations.nemo import Asking, Consent, NemoCalendar

        chosen = self.settings
        consent = Consent(asking=Asking(chosen.nemo_consent), question=chosen.nemo_consent_question)
        return NemoCalendar(client=self.nemo, consent=consent)


def open_facility(settings: Settings) -> Facility:
    """Connect to all that the settings name; nothing is asked of a service before it is needed.

    Raises
    ------
    DatabaseError
        If the database of sessions is absent or of another release.
    """
    database = Database.open(settings.database_url)
    return Facility(
        settings=settings,
        database=database,
        calendars=calendars(settings, sharepoint_login(settings), database),
        nemos=nemos(settings),
        accesses=accesses(settings),
        stores=stores(settings),
        post=open_post(settings),
    )


def calendars(settings: Settings, sharepoint: Login | None, logins: "Logins") -> Mapping[Harvester, ReservationSystem]:
    """Return a client for each calendar that has credentials.

    Parameters
    ----------
    logins
        The memory of logins that were refused.

    Raises
    ------
    ConfigurationError
        If the zone of the SharePoint site is none, or its columns, its stylesheet or the bundle of certificates
        cannot be used.
    """
    if sharepoint is None:
        return {}
    from nexuslims_core.reservations.sharepoint import SharePointCalendar
    from nexuslims_core.trust import open_session

    calendar = SharePointCalendar(
        user=sharepoint.user,
        password=sharepoint.password,
        zone=zone_named(settings.sharepoint_timezone, "NEXUSLIMS_SHAREPOINT_TIMEZONE"),
        session=open_session(settings.ca_bundle),
        stylesheet=settings.sharepoint_stylesheet or schema_path(SHAREPOINT_TO_NEXUS),
        columns=settings.sharepoint_columns,
        logins=logins,
    )
    return {Harvester.SHAREPOINT: calendar}


def stores(settings: Settings, repository: RecordStore | None = None) -> tuple[RecordStore, ...]:
    """Return every destination that is configured: the repository, as given or by the settings, and the folder.

    Raises
    ------
    ConfigurationError
        If one of them cannot be used as it is configured.
    """
    found = (repository or store(settings), site(settings))
    return tuple(each for each in found if each)


def site(settings: Settings) -> RecordStore | None:
    """Return the folder into which records are published as a static site; None where none is configured.

    Raises
    ------
    ConfigurationError
        If it lies where raw data or what we write has its place.
    """
    root, data = settings.site_path, settings.data_path
    if root is None:
        return None
    taken = (settings.filestore_path, data / "records", data / "work")
    if root == data or any(root.is_relative_to(place) for place in taken):
        raise ConfigurationError(
            f"NEXUSLIMS_SITE_PATH cannot be {root}, which has another use: give it a folder of its own"
        )
    from nexuslims_core.publishing.folder import FolderStore

    return FolderStore(
        root=root,
        data_path=data,
        url=settings.site_url,
        dataset_base=settings.dataset_base_url or settings.filestore_path.as_uri(),
        preview_base=settings.preview_base_url,
    )


def store(settings: Settings, token: str | None = None, login: Login | None = None) -> RecordStore | None:
    """Return the CDCS client, by the token given or that of the settings, else by a login; None without an address.

    Raises
    ------
    ConfigurationError
        If there is an address and no credentials, or the bundle of certificates cannot be used.
    """
    if settings.cdcs_url is None:
        return None
    from nexuslims_core.publishing.cdcs import CdcsStore
    from nexuslims_core.trust import open_session

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
        deadline_s=min(UPLOAD_LIMIT_S, settings.lease_s / 2),
        session=open_session(settings.ca_bundle),
    )
