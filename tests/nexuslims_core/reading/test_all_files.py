"""Every real instrument file through the reading pool: what it gives, what it costs, and whether each value is one."""

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pint
import pytest

from nexuslims_core.activities.models import Activity, Grouping
from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Outcome, Unreadable
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.quantities import MetadataValue, Quantity
from nexuslims_core.records.building import assemble
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Session
from tests.nexuslims_core.records.validators import all_findings
from tools.read_folder import LIMITS
from tools.read_formats import Reading, read_folder

pytestmark = pytest.mark.slow

OURS = frozenset({"MANIFEST.csv", "complete", "unpack.sh"})
READABLE_BY_ROSETTASCIIO = 261
SAYS_NOTHING = frozenset({"", "n/a", "na", "none", "null", "nan", "inf", "-inf", "unknown"})
PYTHONS_WORDS = ("Traceback", "object at 0x", "<class ")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that previews and metadata are written below."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def readings(all_em_files: Path, written: Path) -> tuple[Reading, ...]:
    """All real files, read and drawn in the pool."""
    return read_folder(all_em_files, written, ignore=tuple(OURS))


@pytest.fixture(scope="module")
def records(readings: tuple[Reading, ...], all_em_files: Path, written: Path) -> dict[str, bytes]:
    """A record for each folder of real files, by its name, and one of all of them, an activity for each folder."""
    folders: dict[str, list[Outcome]] = {}
    for reading in readings:
        folders.setdefault(reading.path.relative_to(all_em_files).parts[0], []).append(reading.outcome)
    groups = {name: [outcomes] for name, outcomes in folders.items()} | {"all": list(folders.values())}
    return {name: record_of(each, all_em_files, written) for name, each in groups.items()}


@pytest.fixture(scope="module")
def listed(em_files: Path) -> tuple[str, ...]:
    """Return the real files that are listed, without the archives of whole sessions."""
    with (em_files / "MANIFEST.csv").open(newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    return tuple(path for path in paths if not path.endswith("/"))


def of_path(readings: tuple[Reading, ...], folder: Path) -> dict[str, Reading]:
    """Return what became of each file; of a part, what became of its dataset."""
    found = {}
    for reading in readings:
        for path in (reading.path, *reading.outcome.file.parts):
            found[str(path.relative_to(folder))] = reading
    return found


def datasets(readings: tuple[Reading, ...]) -> Iterator[tuple[str, Dataset]]:
    for reading in readings:
        if isinstance(reading.outcome, Extracted):
            yield from ((f"{reading.path.parent.name}/{one.name}", one) for one in reading.outcome.datasets)


def values(readings: tuple[Reading, ...]) -> Iterator[tuple[str, str, MetadataValue]]:
    for name, dataset in datasets(readings):
        yield from ((name, key, value) for key, value in dataset.metadata.entries.items())


def test_every_listed_file_ends_as_read_or_unreadable(
    readings: tuple[Reading, ...], listed: tuple[str, ...], all_em_files: Path
) -> None:
    ends = of_path(readings, all_em_files)

    missing = [path for path in listed if path not in ends and (all_em_files / path).is_file()]

    assert missing == []


def test_what_rosettasciio_can_load_gives_more_than_its_name(
    readings: tuple[Reading, ...], listed: tuple[str, ...], all_em_files: Path
) -> None:
    ends = of_path(readings, all_em_files)

    telling = [path for path in listed if not path.startswith("bad/") and path in ends and ends[path].says_more]

    assert len(telling) >= READABLE_BY_ROSETTASCIIO


def test_no_file_takes_a_minute_or_a_gigabyte_and_a_half(readings: tuple[Reading, ...]) -> None:
    assert [reading.path.name for reading in readings if reading.seconds >= LIMITS.timeout_s] == []
    assert [reading.path.name for reading in readings if reading.memory_mb >= LIMITS.memory_mb] == []


def test_reasons_are_sentences_without_paths_of_this_machine(readings: tuple[Reading, ...], all_em_files: Path) -> None:
    reasons = [reading.outcome.reason for reading in readings if isinstance(reading.outcome, Unreadable)]

    assert [reason for reason in reasons if str(all_em_files) in reason or len(reason) < len("is empty")] == []
    assert [reason for reason in reasons if any(word in reason for word in PYTHONS_WORDS)] == []


def test_units_of_all_values_are_units_to_pint(readings: tuple[Reading, ...]) -> None:
    measured = [(name, key, value.unit) for name, key, value in values(readings) if isinstance(value, Quantity)]

    assert len(measured) > 1500
    assert [told for told in measured if not is_unit(told[2])] == []


def test_no_value_is_empty_or_a_word_for_nothing(readings: tuple[Reading, ...]) -> None:
    texts = [(name, key, value) for name, key, value in values(readings) if isinstance(value, str)]

    assert [told for told in texts if told[2].strip().lower() in SAYS_NOTHING or "1.#" in told[2]] == []
    assert [told for told in texts if told[2] != told[2].strip()] == []


def test_all_numbers_are_finite(readings: tuple[Reading, ...]) -> None:
    plain = [(name, key, getattr(value, "value", value)) for name, key, value in values(readings)]

    assert [told for told in plain if isinstance(told[2], float) and not math.isfinite(told[2])] == []


def test_numbers_are_no_texts(readings: tuple[Reading, ...]) -> None:
    texts = [(name, key, value) for name, key, value in values(readings) if isinstance(value, str)]

    assert [told for told in texts if is_number(told[2]) and not is_identifier(told[1])] == []


def test_names_are_words(readings: tuple[Reading, ...]) -> None:
    names = {(name, key) for name, key, _ in values(readings)}

    assert [told for told in names if not told[1] or told[1] != told[1].strip() or "_" in told[1]] == []


def test_times_are_those_of_digital_microscopes(readings: tuple[Reading, ...]) -> None:
    times = [(name, one.metadata.creation_time) for name, one in datasets(readings)]
    future = datetime.now(UTC) + timedelta(days=1)

    assert [told for told in times if told[1] is None or not told[1].year >= 1980 or told[1] > future] == []


def test_kinds_agree_with_their_types(readings: tuple[Reading, ...]) -> None:
    kinds = [(name, one.metadata.dataset_type, one.metadata.data_type) for name, one in datasets(readings)]

    assert [told for told in kinds if told[2].endswith("_Diffraction") and told[1] is not DatasetType.DIFFRACTION] == []
    assert [
        told for told in kinds if told[2].endswith("Spectrum_Imaging") and told[1] is not DatasetType.SPECTRUM_IMAGE
    ] == []
    assert [told for told in kinds if told[2].endswith("Imaging") and told[1] is DatasetType.SPECTRUM] == []


def test_records_of_all_files_are_valid_for_two_validators(
    records: dict[str, bytes], readings: tuple[Reading, ...]
) -> None:
    faults = {name: found for name, xml in records.items() if (found := all_findings(xml))}

    assert faults == {}
    assert records["all"].count(b"<dataset ") >= len(readings)


def test_the_published_schema_takes_them_too(records: dict[str, bytes], published_schema: Path) -> None:
    faults = {name: found for name, xml in records.items() if (found := all_findings(xml, published_schema))}

    assert faults == {}


def record_of(groups: list[list[Outcome]], store: Path, written: Path) -> bytes:
    """Return the record of a session whose activities are these."""
    stores = Instrument(instrument_pid="Any-1", schema_name="Any", filestore_path=".", timezone="Europe/Berlin")
    begun = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return to_xml(
        assemble(
            session=Session(
                session_identifier="s1", instrument=stores, dt_from=begun, dt_to=begun + timedelta(hours=2)
            ),
            match=ReservationMatch(reservation=None, explanation="No calendar."),
            grouping=Grouping(
                activities=tuple(
                    Activity(seqno=seqno, files=tuple(outcome.file for outcome in group))
                    for seqno, group in enumerate(groups)
                ),
                explanation="By folder.",
            ),
            outcomes=[outcome for group in groups for outcome in group],
            unsearched=(),
            filestore=store,
            data_path=written,
        )
    )


IDENTIFIERS = (" ID", "Serial Number", "Device Number", "Version", "Specimen", "Grating")
"""Ends of the names of values that name a thing: nobody adds them up, and a zero before them is part of them."""


def is_identifier(name: str) -> bool:
    return name.endswith(IDENTIFIERS)


def is_unit(text: str) -> bool:
    try:
        pint.Unit(text)
    except (pint.errors.PintError, ValueError, TypeError, AttributeError):
        return False
    return True


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
