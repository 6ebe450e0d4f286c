from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import text

from nexuslims_core.db.engine import writing
from nexuslims_core.instruments.models import Instrument
from tests.nexuslims_core.conftest import Lab, Nexuslims

QUANTA = """
[[instrument]]
instrument_pid = "FEI-Quanta-SEM-200417"
schema_name = "FEI Quanta SEM"
filestore_path = "./Quanta"
timezone = "Europe/Berlin"
"""


@pytest.fixture
def toml(lab: Lab) -> Path:
    path = lab.store.parent / "microscopes.toml"
    path.write_text(QUANTA)
    return path


def test_list_tells_every_column(lab: Lab, nexuslims: Nexuslims) -> None:
    (told,) = nexuslims("instruments", "list", "--json").document

    assert list(told) == [field.name for field in fields(Instrument)]
    assert told["instrument_pid"] == lab.titan.instrument_pid


def test_add_takes_every_table_of_the_file(lab: Lab, nexuslims: Nexuslims, toml: Path) -> None:
    said = nexuslims("instruments", "add", toml)

    assert (said.code, "Europe/Berlin" in said.out) == (0, True)
    assert len(lab.database.instruments()) == 2


def test_adding_again_updates(lab: Lab, nexuslims: Nexuslims, toml: Path) -> None:
    nexuslims("instruments", "add", toml)
    toml.write_text(QUANTA.replace("FEI Quanta SEM", "The old Quanta"))

    nexuslims("instruments", "add", toml)

    assert lab.database.instrument("FEI-Quanta-SEM-200417").schema_name == "The old Quanta"


def test_an_instrument_that_cannot_be_used_is_told_beside_the_others(
    lab: Lab, nexuslims: Nexuslims, toml: Path
) -> None:
    nexuslims("instruments", "add", toml)
    with writing(lab.database.engine).begin() as connection:
        connection.execute(text("UPDATE instruments SET timezone = 'Mars' WHERE instrument_pid LIKE '%Quanta%'"))

    said = nexuslims("instruments", "list")

    assert (said.code, lab.titan.instrument_pid in said.out) == (1, True)
    assert "not usable: instrument FEI-Quanta-SEM-200417: 'Mars' is no time zone" in said.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("x = [", "is no TOML file: Invalid value (at end of document)"),
        ("", "has no [[instrument]] table: see docs/running.md for one"),
        ("instrument = 3", "has no [[instrument]] table: see docs/running.md for one"),
        ("instrument = [3]", "[[instrument]] 1: it cannot be 3: "),
        (QUANTA + QUANTA.replace('timezone = "Europe/Berlin"', ""), "[[instrument]] 2: timezone is missing"),
        (QUANTA + "harvestor = 'nemo'", "1: harvestor is no column of instruments; do you mean harvester?"),
        (QUANTA + "harvester = 'outlook'", "1: harvester cannot be 'outlook': input should be 'sharepoint'"),
        (QUANTA + "property_tag = 200417", "1: property_tag cannot be 200417: input should be a valid string"),
        (QUANTA.replace("Europe/Berlin", "Mars"), "'Mars' is no time zone; use a name such as Europe/Berlin"),
        (QUANTA.replace("./Quanta", "../elsewhere"), "'../elsewhere' leads out of"),
    ],
    ids=[
        "no TOML",
        "empty",
        "no table",
        "a number",
        "missing",
        "misspelt",
        "no such kind",
        "no text",
        "no zone",
        "leads out",
    ],
)
def test_a_file_that_describes_no_instruments_adds_none(
    lab: Lab, nexuslims: Nexuslims, toml: Path, content: str, sentence: str
) -> None:
    toml.write_text(content)

    said = nexuslims("instruments", "add", toml)

    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert sentence in said.err
    assert len(lab.database.instruments()) == 1


@pytest.mark.usefixtures("lab")
def test_a_file_that_is_not_there_is_named(nexuslims: Nexuslims) -> None:
    said = nexuslims("instruments", "add", "nowhere.toml")

    assert (said.code, said.err) == (1, "nexuslims: nowhere.toml cannot be read: No such file or directory\n")
