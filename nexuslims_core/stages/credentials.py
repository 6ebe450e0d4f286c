"""Whom we are to the calendars: logins and tokens of the settings, each with the server that it is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

from nexuslims_core.config import NemoServer, Settings
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Harvester

if TYPE_CHECKING:  # their HTTP client is for those who ask a calendar
    from nexuslims_core.reservations.ical.wording import Wording
    from nexuslims_core.reservations.nemo_rest import NemoAccess
    from nexuslims_core.reservations.web import WebAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user's name and password."""

    user: str
    password: str = field(repr=False)


def nemos(settings: Settings, first: NemoServer | None = None) -> tuple["NemoAccess", ...]:
    """Return the NEMO servers of the settings that have a token, after the one that is given.

    Raises
    ------
    ConfigurationError
        If the zone of one is none.
    """
    every = (first, *settings.every_nemo) if first else settings.every_nemo
    if not every:
        return ()
    from nexuslims_core.reservations.nemo_rest import NemoAccess

    return tuple(
        NemoAccess(
            address=server.address,
            token=server.token.get_secret_value(),
            zone=zone_named(server.timezone, "NX_NEMO_TZ_n"),
            reads=server.strptime_format,
            writes=server.strftime_format,
        )
        for server in every
        if server.token
    )


def accesses(
    settings: Settings, first: Mapping[Harvester, tuple["WebAccess", ...]] | None = None
) -> Mapping[Harvester, tuple["WebAccess", ...]]:
    """Return the credentials for web servers: those that are given, then those of the settings.

    Raises
    ------
    ConfigurationError
        If it is not said which server they are for, or the patterns for events cannot be used.
    """
    if settings.ical_summary_pattern or settings.ical_description_pattern:
        wording(settings)
    own = {
        Harvester.ICAL: web_access(
            settings, "NEXUSLIMS_ICAL", settings.ical_url, settings.ical_user, settings.ical_password
        ),
        Harvester.TABLE: web_access(
            settings, "NEXUSLIMS_TABLE", settings.table_url, settings.table_user, settings.table_password
        ),
    }
    given = first or {}
    return {harvester: (*given.get(harvester, ()), *found) for harvester, found in own.items()}


def web_access(
    settings: Settings, names: str, url: str | None, user: str | None, password: SecretStr | None
) -> tuple["WebAccess", ...]:
    """Return credentials for what lies below an address; those for every service where it has none of its own.

    Raises
    ------
    ConfigurationError
        If there are credentials and no address, so that they might go to anybody, or the address is none.
    """
    if url is None:
        if user or password:
            raise ConfigurationError(f"set {names}_URL to the server that {names}_USER and {names}_PASSWORD are for")
        return ()
    if password is None:
        user, password = user or settings.user, settings.password
    if not url.startswith(("http://", "https://")) or "@" in url:
        raise ConfigurationError(f"{names}_URL is no address of a server; one looks like https://calendar.example.org")
    if password is None:
        return ()
    from nexuslims_core.reservations.web import WebAccess

    return (WebAccess(address=url, user=user or "", password=password.get_secret_value()),)


def wording(settings: Settings) -> "Wording":
    """Return how the site's events say what is what.

    Raises
    ------
    ConfigurationError
        If one of its patterns cannot be used.
    """
    from nexuslims_core.reservations.ical.wording import Wording

    return Wording(summary=settings.ical_summary_pattern, description=settings.ical_description_pattern)


def sharepoint_login(settings: Settings) -> Login | None:
    """Return the SharePoint credentials of the settings, else those for every service, else None."""
    user = settings.sharepoint_user or settings.user
    password = settings.sharepoint_password or settings.password
    return Login(user=user, password=password.get_secret_value()) if user and password else None


def zone_named(name: str | None, setting: str) -> ZoneInfo | None:
    """Return the zone that a setting names, None where it names none.

    Raises
    ------
    ConfigurationError
        If there is no such zone.
    """
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(f"{setting} cannot be {name!r}: use a name such as Europe/Berlin") from error
