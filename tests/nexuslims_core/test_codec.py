import json
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core import codec
from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Metadata, Unreadable
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import Quantity

Outcomes = tuple[Extracted | Unreadable, ...]
names = st.binary(min_size=1, max_size=40).filter(lambda name: b"/" not in name and b"\0" not in name)


@given(names)
def test_any_file_name_survives_the_way_through_json(name: bytes) -> None:
    file = FoundFile(path=Path("/store") / os.fsdecode(name), size=1, mtime=1.5)

    text = codec.dumps(file)

    assert codec.loads(FoundFile, text) == file


def test_a_readable_path_stays_readable() -> None:
    file = FoundFile(path=Path("/store/Titan/größe.dm3"), size=1, mtime=1.5)

    plain = codec.encode(file)

    assert plain["path"] == "/store/Titan/größe.dm3"


def test_values_keep_their_types() -> None:
    entries = {"a": Quantity(value=1, unit="kV"), "b": True, "c": 1, "d": 1.0, "e": "1"}
    metadata = Metadata(dataset_type=DatasetType.IMAGE, data_type="TEM_Imaging", creation_time=None, entries=entries)

    again = codec.loads(Metadata, codec.dumps(metadata))

    assert [(type(value), value) for value in again.entries.values()] == [(type(v), v) for v in entries.values()]


def test_outcomes_of_both_kinds_are_told_apart() -> None:
    file = FoundFile(path=Path("/store/a.dm3"), size=1, mtime=1.5)
    metadata = Metadata(dataset_type=DatasetType.IMAGE, data_type="TEM_Imaging", creation_time=None)
    read = Extracted(file=file, datasets=(Dataset(name="a.dm3", metadata=metadata, extractor="x"),))
    outcomes = (read, Unreadable(file=file, reason="broken"))

    again = codec.loads(Outcomes, codec.dumps(outcomes, Outcomes))

    assert again == outcomes


def test_the_same_value_gives_the_same_bytes_of_plain_json() -> None:
    file = FoundFile(path=Path("/store/a\nb.dm3"), size=1, mtime=1573657202.64575)

    first, second = codec.dumps(file), codec.dumps(file)

    assert first == second
    assert json.loads(first)["mtime"] == 1573657202.64575


no_text = st.text(st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))
values = st.text() | no_text | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()


@given(st.dictionaries(st.text(), values))
def test_a_line_read_at_once_is_what_was_written(entries: dict[str, str | int | float | bool]) -> None:
    metadata = Metadata(dataset_type=DatasetType.IMAGE, data_type="TEM_Imaging", creation_time=None, entries=entries)

    again = codec.from_line(Metadata, codec.to_line(metadata))

    assert {name: (type(value), value) for name, value in again.entries.items()} == {
        name: (type(value), value) for name, value in entries.items()
    }


def test_a_line_holds_the_plain_data_that_encoding_gives() -> None:
    file = FoundFile(path=Path("/store/größe \udcff.dm3"), size=1, mtime=1.5)

    assert json.loads(codec.to_line(file)) == codec.encode(file)
