from pathlib import Path

import pytest

from nexuslims_core.db.adoption.instruments import heal
from nexuslims_core.db.adoption.report import LeftBehindError
from nexuslims_core.instruments.models import Harvester
from tests.nexuslims_core.db.adoption.conftest import FILESTORE, MakeRow


def test_an_instrument_in_order_comes_over_as_it_is(make_row: MakeRow) -> None:
    healed = heal(make_row(location="223/B115", computer_ip="192.0.2.37"), FILESTORE)

    assert healed.sentences == ()
    assert (healed.instrument.filestore_path, healed.instrument.location) == ("./Titan", "223/B115")
    assert (healed.instrument.harvester, healed.instrument.computer_ip) == (Harvester.NEMO, "192.0.2.37")


@pytest.mark.parametrize(
    ("cells", "column", "healed"),
    [
        ({"schema_name": None}, "schema_name", "FEI-Titan-TEM-635816"),
        ({"schema_name": "  "}, "schema_name", "FEI-Titan-TEM-635816"),
        ({"timezone": None}, "timezone", "America/New_York"),
        ({"timezone": "america/new york"}, "timezone", "America/New_York"),
        ({"filestore_path": "/Titan"}, "filestore_path", "./Titan"),
        ({"filestore_path": "//Titan/a"}, "filestore_path", "./Titan/a"),
        ({"filestore_path": "/data/filestore/Titan"}, "filestore_path", "./Titan"),
        ({"filestore_path": "/data/filestore/"}, "filestore_path", "."),
        ({"filestore_path": "./a/../Titan"}, "filestore_path", "./Titan"),
        ({"harvester": "sharepoint_calendar"}, "harvester", Harvester.SHAREPOINT),
        ({"harvester": "NEMO"}, "harvester", Harvester.NEMO),
        ({"harvester": None}, "harvester", Harvester.NEMO),
        ({"harvester": None, "api_url": "https://x/_vti_bin/ListData.svc/T"}, "harvester", Harvester.SHAREPOINT),
        ({"harvester": None, "api_url": None}, "harvester", Harvester.NONE),
    ],
)
def test_what_a_rule_heals_is_said(make_row: MakeRow, cells: dict[str, str | None], column: str, healed: str) -> None:
    found = heal(make_row(**cells), FILESTORE)

    assert getattr(found.instrument, column) == healed
    assert len(found.sentences) == 1


def test_the_name_of_version_2_counts_before_that_of_version_1(make_row: MakeRow) -> None:
    healed = heal(make_row(display_name="Titan", schema_name="FEI Titan TEM"), FILESTORE)

    assert healed.instrument.schema_name == "Titan"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"instrument_pid": None}, "persistent id"),
        ({"instrument_pid": "Titan\x1b[31m"}, "persistent id"),
        ({"instrument_pid": "x" * 600}, "persistent id"),
        ({"timezone": "Mars/Olympus"}, "time zone 'Mars/Olympus' does not exist"),
        ({"timezone": "../../etc/passwd"}, "does not exist"),
        ({"filestore_path": None}, "names no folder"),
        ({"filestore_path": "../../../etc"}, "leads out of the file store"),
        ({"filestore_path": "a/../../etc"}, "leads out of the file store"),
        ({"filestore_path": "Titan\0"}, "signs that no path has"),
        ({"harvester": "outlook"}, "booked in the calendar 'outlook'"),
        ({"harvester": None, "api_url": "https://calendar.example.org"}, "a calendar at 'https://calendar"),
    ],
)
def test_what_no_rule_heals_is_left_with_what_to_do(
    make_row: MakeRow, cells: dict[str, str | None], reason: str
) -> None:
    with pytest.raises(LeftBehindError, match="adopt again") as left:
        heal(make_row(**cells), Path("/data/filestore"))

    assert reason in str(left.value)
