from pathlib import Path

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

    assert [store.name for store in facility.stores] == ["cdcs"]
    assert set(facility.calendars) == {"sharepoint"}


def test_records_can_go_to_a_repository_and_a_folder(lab: Lab, tmp_path: Path) -> None:
    facility = lab.facility(cdcs_url="http://cdcs.example.org", site_path=tmp_path / "site", **ROBOT)

    assert [store.name for store in facility.stores] == ["cdcs", "folder"]


@pytest.mark.parametrize("place", ["data", "data/records", "data/work/site", "store", "store/Titan/site"])
def test_the_folder_of_records_lies_where_nothing_else_does(lab: Lab, place: str) -> None:
    with pytest.raises(ConfigurationError, match="which has another use: give it a folder of its own"):
        lab.facility(site_path=lab.store.parent / place)


def test_without_destinations_nothing_is_published(lab: Lab, tmp_path: Path) -> None:
    settings = lab.settings(cdcs_url="http://cdcs.example.org", site_path=tmp_path / "site", **ROBOT)

    assert open_facility(settings.without_destinations).stores == ()


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
