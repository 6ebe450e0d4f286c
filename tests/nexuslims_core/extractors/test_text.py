"""Notes and logs are shown; bytes that are no text are not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.text import KEPT_BYTES, extractor
from nexuslims_core.testing.writers.text import write_text

SourceOf = Callable[..., Source]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_reads_a_note_in_the_encodings_that_people_use(tmp_path: Path, source_of: SourceOf, encoding: str) -> None:
    path = write_text(tmp_path / "note.txt", "Tilt 5°, größer", encoding=encoding)

    (signal,) = extractor.read(source_of(path))

    assert (signal.kind, signal.text) == (SignalKind.TEXT, "Tilt 5°, größer")
    assert signal.metadata.dataset_type is DatasetType.NOTES


def test_keeps_the_beginning_of_a_long_log(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_text(tmp_path / "log.txt", "é" * KEPT_BYTES)

    (signal,) = extractor.read(source_of(path))

    assert set(signal.text) == {"é"}
    assert len(signal.text.encode()) <= KEPT_BYTES


def test_refuses_bytes_that_are_no_text(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "numbers.txt"
    path.write_bytes(bytes(range(256)) * 8)

    with pytest.raises(ExtractionError, match="no text"):
        extractor.read(source_of(path))


def test_says_why_a_file_cannot_be_opened(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_text(tmp_path / "gone.txt", "")
    source = source_of(path)
    path.unlink()

    with pytest.raises(ExtractionError, match="cannot be opened"):
        extractor.read(source)
