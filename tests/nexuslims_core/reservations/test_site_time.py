from zoneinfo import ZoneInfo, available_timezones

import pytest
from lxml import etree

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.reservations import site_time
from nexuslims_core.reservations.listdata import parse
from nexuslims_core.reservations.site_time import zone_of_site


def settings(number: str, described: str = "(UTC-05:00) Eastern Time (US and Canada)") -> etree._Element:
    text = f"""<entry xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"
        xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><content><m:properties>
        <d:Description>{described}</d:Description><d:Id>{number}</d:Id></m:properties></content></entry>"""
    return parse(text.encode(), "https://sharepoint.emlab.example/")


@pytest.mark.parametrize(("number", "name"), [("10", "America/New_York"), ("4", "Europe/Berlin"), ("93", "Etc/UTC")])
def test_knows_zones_by_their_number(number: str, name: str) -> None:
    assert zone_of_site(settings(number)) == ZoneInfo(name)


def test_every_zone_of_the_table_exists() -> None:
    assert set(site_time._IANA_NAME.values()) <= available_timezones()


@pytest.mark.parametrize("number", ["", "0", "-4", "1e1", "9" * 5000, "٤"])
def test_another_number_is_said_and_not_guessed(number: str) -> None:
    with pytest.raises(ConfigurationError, match="Eastern Time") as caught:
        zone_of_site(settings(number))

    assert len(str(caught.value)) < 1000
