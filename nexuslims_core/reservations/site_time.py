"""The times of a SharePoint site: its feeds give wall-clock times without a zone, and its settings name the zone.

They name it by a number that Microsoft gave each zone. Source: SPRegionalSettings.TimeZones in the SharePoint
documentation; zones that no IANA name stands for with certainty are left out.
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from lxml import etree

from nexuslims_core.errors import ConfigurationError, UnexpectedAnswerError
from nexuslims_core.reservations.listdata import column, shortened

_YEARS = range(1970, 2200)
_IANA_NAME = {
    "2": "Europe/London",
    "3": "Europe/Paris",
    "4": "Europe/Berlin",
    "5": "Europe/Bucharest",
    "6": "Europe/Budapest",
    "7": "Europe/Minsk",
    "8": "America/Sao_Paulo",
    "9": "America/Halifax",
    "10": "America/New_York",
    "11": "America/Chicago",
    "12": "America/Denver",
    "13": "America/Los_Angeles",
    "14": "America/Anchorage",
    "15": "Pacific/Honolulu",
    "17": "Pacific/Auckland",
    "18": "Australia/Brisbane",
    "19": "Australia/Adelaide",
    "20": "Asia/Tokyo",
    "21": "Asia/Singapore",
    "22": "Asia/Bangkok",
    "23": "Asia/Kolkata",
    "24": "Asia/Dubai",
    "25": "Asia/Tehran",
    "26": "Asia/Baghdad",
    "27": "Asia/Jerusalem",
    "28": "America/St_Johns",
    "29": "Atlantic/Azores",
    "34": "America/Indiana/Indianapolis",
    "35": "America/Bogota",
    "36": "America/Regina",
    "37": "America/Mexico_City",
    "38": "America/Phoenix",
    "42": "Australia/Hobart",
    "44": "Australia/Darwin",
    "45": "Asia/Shanghai",
    "48": "Asia/Kabul",
    "49": "Africa/Cairo",
    "50": "Africa/Johannesburg",
    "51": "Europe/Moscow",
    "56": "Africa/Nairobi",
    "57": "Europe/Warsaw",
    "58": "Asia/Yekaterinburg",
    "59": "Europe/Helsinki",
    "62": "Asia/Kathmandu",
    "63": "Asia/Irkutsk",
    "64": "Asia/Krasnoyarsk",
    "65": "America/Santiago",
    "66": "Asia/Colombo",
    "68": "Asia/Vladivostok",
    "70": "Asia/Yakutsk",
    "72": "Asia/Seoul",
    "73": "Australia/Perth",
    "74": "Asia/Riyadh",
    "75": "Asia/Taipei",
    "76": "Australia/Sydney",
    "79": "Asia/Amman",
    "80": "Asia/Beirut",
    "87": "Asia/Karachi",
    "93": "Etc/UTC",
}


def zone_of_site(settings: etree._Element) -> ZoneInfo:
    """Return the zone that a site's TimeZone document names.

    Raises
    ------
    ConfigurationError
        If its number is not in the table: a guess would give the session somebody else's reservation.
    """
    number = shortened(column(settings, "Id"))
    if number in _IANA_NAME:
        return ZoneInfo(_IANA_NAME[number])
    described = shortened(column(settings, "Description")) or "no description"
    raise ConfigurationError(
        f"the SharePoint site keeps its times in zone {number!r} ({described}), which is not known here: "
        "set SHAREPOINT_TIMEZONE to its IANA name"
    )


def wall_clock(text: str) -> datetime:
    """Return the time that a feed states, without a zone as a rule.

    Raises
    ------
    UnexpectedAnswerError
        If there is none, it is no date, or no microscope was booked then.
    """
    try:
        stated = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnexpectedAnswerError(f"{shortened(text)!r} is no date and time") from error
    if stated.year not in _YEARS:
        raise UnexpectedAnswerError(f"{shortened(text)!r} is no year in which a microscope is booked")
    return stated


def booked_from(local: datetime, zone: tzinfo) -> datetime:
    """Return the instant at which a booking starts.

    Where the clock jumps, a wall-clock time stands for two instants or for none. The reading that makes the booking
    longer is taken, so that no overlap is lost and a start never comes after its end.
    """
    return min(_readings(local, zone)).astimezone(local.tzinfo or zone)


def booked_until(local: datetime, zone: tzinfo) -> datetime:
    """Return the instant at which a booking ends; see :func:`booked_from`."""
    return max(_readings(local, zone)).astimezone(local.tzinfo or zone)


def _readings(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    aware = local.replace(tzinfo=local.tzinfo or zone)
    return aware.replace(fold=0).astimezone(UTC), aware.replace(fold=1).astimezone(UTC)
