import pytest

from nexuslims_core.errors import ConfigurationError, DatabaseError
from nexuslims_core.stages.facility import open_facility
from tests.nexuslims_core.conftest import Lab

ROBOT = {"user": "robot", "password": "tell-nobody"}


def test_an_address_of_cdcs_needs_credentials(lab: Lab) -> None:
    with pytest.raises(ConfigurationError, match="NEXUSLIMS_CDCS_URL is set without NEXUSLIMS_CDCS_TOKEN"):
        lab.facility(cdcs_url="http://cdcs.example.org")


def test_the_login_for_every_service_is_enough(lab: Lab) -> None:
    facility = lab.facility(cdcs_url="http://cdcs.example.org", **ROBOT)

    assert facility.store is not None
    assert set(facility.calendars) == {"sharepoint"}


def test_passwords_do_not_show(lab: Lab) -> None:
    facility = lab.facility(cdcs_url="http://cdcs.example.org", **ROBOT)

    assert ROBOT["password"] not in repr(facility)


def test_a_wrong_zone_of_the_site_is_named(lab: Lab) -> None:
    with pytest.raises(ConfigurationError, match="NEXUSLIMS_SHAREPOINT_TIMEZONE cannot be 'Mars'"):
        lab.facility(**ROBOT, sharepoint_timezone="Mars")


def test_it_opens_no_database_that_is_not_there(lab: Lab) -> None:
    settings = lab.settings(db_url=f"sqlite:///{lab.data}/other.sqlite")

    with pytest.raises(DatabaseError, match="run `nexuslims db upgrade`"):
        open_facility(settings)

    assert not (lab.data / "other.sqlite").exists()
