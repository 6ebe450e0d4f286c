"""The facility of this Airflow: settings from the environment, credentials from connections where there are any."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException
from pydantic import SecretStr

from nexuslims_airflow import preloading
from nexuslims_airflow.addresses import attempt_url, base_url
from nexuslims_core.alerts.mail import MailServer, Security
from nexuslims_core.alerts.wording import Pages
from nexuslims_core.config import NemoServer, Settings
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.reading.starting import Wards
from nexuslims_core.stages.credentials import Login, accesses, nemos, sharepoint_login, web_access
from nexuslims_core.stages.facility import Facility, calendars, store, stores
from nexuslims_core.stages.post_office import mail_server, open_post

CDCS = "nexuslims_cdcs"
SHAREPOINT = "nexuslims_sharepoint"
NEMO = "nexuslims_nemo"
SMTP = "nexuslims_smtp"
EVERY = frozenset(Harvester)
WEB = {Harvester.ICAL: ("nexuslims_ical", "nexuslims_caldav"), Harvester.TABLE: ("nexuslims_table",)}


class FacilityHook(BaseHook):
    """Opens the facility that the tasks work for.

    The connection ``nexuslims_cdcs`` (type HTTP; host is the address, https where it does not say; a password without
    login is a token), ``nexuslims_sharepoint`` (login and password), ``nexuslims_nemo`` (host and password, its token),
    ``nexuslims_ical``, ``nexuslims_caldav`` and ``nexuslims_table`` (host, which alone gets them, login and password)
    and ``nexuslims_smtp`` (type SMTP) win over the settings.
    """

    def facility(self) -> Facility:
        """Return the facility, its database checked.

        Raises
        ------
        ConfigurationError
            If a setting is missing or cannot be used.
        DatabaseError
            If the database of sessions is absent or of another release.
        """
        return self.equipped(self.workshop(), EVERY)

    def workshop(self) -> Facility:
        """Return the facility without calendars and destinations, for what asks neither; each costs a question here.

        Raises
        ------
        ConfigurationError, DatabaseError
            As of :meth:`facility`.
        """
        preloading.end_in_sight()
        settings = preloading.settings()
        database = preloading.database(settings.database_url)
        return Facility(settings=settings, database=database, wards=Wards(nursery=preloading.nursery()))

    def lacking(self) -> list[str]:
        """Return which connection of those that every session asks for is not there: whoever knows need not ask."""
        return [name for name in (CDCS,) if self._connection(name) is None]

    def equipped(self, workshop: Facility, booked_in: Collection[Harvester], lacking: Collection[str] = ()) -> Facility:
        """Return a facility with its destinations, its way to people, and the calendars that are asked.

        Parameters
        ----------
        booked_in
            What connections there are is asked for these only, and of mail only if somebody is to be told: each
            question takes Airflow longer than the stages of a small session.
        lacking
            Connections that are known not to be there.

        Raises
        ------
        ConfigurationError
            If a setting or a connection cannot be used.
        """
        settings, database = workshop.settings, workshop.database
        sharepoint = self._connection(SHAREPOINT) if Harvester.SHAREPOINT in booked_in else None
        nemo = self._connection(NEMO) if Harvester.NEMO in booked_in else None
        mail = self._connection(SMTP) if settings.alerts_to or settings.alerts_instruments else None
        login = _login(sharepoint) if sharepoint else sharepoint_login(settings)
        return replace(
            workshop,
            calendars=calendars(settings, login, database),
            nemos=nemos(settings, _nemo(settings, nemo)),
            accesses=accesses(settings, self._accesses(settings, booked_in)),
            stores=stores(settings, _store(settings, None if CDCS in lacking else self._connection(CDCS))),
            post=open_post(settings, _mail(settings, mail), _pages(settings)),
        )

    def _accesses(self, settings: Settings, booked_in: Collection[Harvester]) -> dict[Harvester, tuple[Any, ...]]:
        """Return the credentials of connections for web servers; without a host they are for the settings' address."""
        addresses = {Harvester.ICAL: settings.ical_url, Harvester.TABLE: settings.table_url}
        found: dict[Harvester, tuple[Any, ...]] = {}
        for harvester, names in WEB.items():
            for name in names if harvester in booked_in else ():
                connection = self._connection(name)
                if connection is not None:
                    address = _address(connection) if connection.host else addresses[harvester]
                    password = SecretStr(connection.password or "")
                    access = web_access(settings, name.upper(), address, connection.login or "", password)
                    found[harvester] = (*found.get(harvester, ()), *access)
        return found

    def _connection(self, conn_id: str) -> Any | None:  # noqa: ANN401 - airflow.sdk.Connection is generated
        try:
            return self.get_connection(conn_id)
        except AirflowNotFoundException:
            return None


def _mail(settings: Settings, connection: Any | None) -> MailServer:  # noqa: ANN401 - as above
    """Return the mail server of a connection, read as Airflow's own hook does; else that of the settings."""
    own = mail_server(settings)
    if connection is None or not connection.host:
        return own
    extra = connection.extra_dejson
    security = Security.STARTTLS if not extra.get("disable_tls") else Security.NONE
    return replace(
        own,
        host=connection.host,
        port=connection.port or None,
        security=security if extra.get("disable_ssl") else Security.TLS,
        user=connection.login or None,
        password=connection.password or None,
        sender=extra.get("from_email") or own.sender,
    )


def _pages(settings: Settings) -> Pages:
    return Pages(url=settings.airflow_url or base_url(), task_log=attempt_url)


def _login(connection: Any) -> Login:  # noqa: ANN401 - as above
    return Login(user=connection.login or "", password=connection.password or "")


def _store(settings: Settings, connection: Any | None) -> Any:  # noqa: ANN401 - as above
    if connection is None:
        return store(settings)
    if connection.host:
        settings = settings.model_copy(update={"cdcs_url": _address(connection)})
    if connection.login:
        return store(settings, login=_login(connection))
    return store(settings, token=connection.password)


def _nemo(settings: Settings, connection: Any | None) -> NemoServer | None:  # noqa: ANN401 - as above
    """Return the server of a connection; without a host it is the settings' own, with another token."""
    address = _address(connection) if connection and connection.host else settings.nemo_url
    if connection is None or not address:
        return None
    return NemoServer(address=address, token=connection.password or settings.nemo_token)


def _address(connection: Any) -> str:  # noqa: ANN401 - as above
    """Return where a connection leads: its host may be a whole address, or a name with scheme and port beside it."""
    host = connection.host if "://" in connection.host else f"{connection.schema or 'https'}://{connection.host}"
    parts = urlsplit(host)
    netloc = f"{parts.netloc}:{connection.port}" if connection.port else parts.netloc
    return parts._replace(netloc=netloc).geturl()
