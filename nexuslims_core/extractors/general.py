"""Every further format that RosettaSciIO reads: which of its readers opens a file, and its answer as signals.

TIFF files are read by ``tiff/series.py``, which needs less memory and knows more layouts.
"""

from contextlib import suppress
from pathlib import Path

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.rosetta.readers import (
    BY_SUFFIX,
    COMPANIONS,
    PROVEN_BY_BEGINNING,
    SHARED_SUFFIXES,
    reader_of,
)
from nexuslims_core.extractors.rosetta.reading import read_signals
from nexuslims_core.extractors.rosetta.vendor_values import SOONER, naming, options_of, without_by_products
from nexuslims_core.extractors.tiff.series import read_tiff

HEAD_BYTES = 4096


class GeneralExtractor:
    """Reads whatever RosettaSciIO reads and no other extractor owns."""

    name = "general"
    suffixes = frozenset(BY_SUFFIX) | SHARED_SUFFIXES
    companions = COMPANIONS

    def claims(self, path: Path, head: bytes) -> bool:
        """Know files whose content proves a reader's format."""
        return reader_of(path, head) is not None

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return all signals of a file.

        Raises
        ------
        ExtractionError
            If no reader knows the file, the reader fails on it, or it holds nothing.
        """
        reader = self._reader(source.path)
        if reader == "tiff":
            return read_tiff(source)
        named, options = naming(reader, source), options_of(reader, source.path)
        for sooner in SOONER.get(reader, ()):
            with suppress(ExtractionError):
                return read_signals(source, reader, named, {**options, **sooner})
        return without_by_products(reader, read_signals(source, reader, named, options))

    def _reader(self, path: Path) -> str:
        if path.is_dir():
            return self._reader_of_folder(path)
        head = read_head(path, HEAD_BYTES)
        if not head:
            raise ExtractionError(path, "is empty")
        if not any(head):
            raise ExtractionError(path, "begins with nothing but zeros, as a file does that was not written to its end")
        proven, reader = reader_of(path, head), BY_SUFFIX.get(path.suffix.lower())
        if proven is None and reader in PROVEN_BY_BEGINNING:
            raise ExtractionError(path, f"does not begin like a file for the {reader} reader")
        if proven is None and reader is None:
            raise ExtractionError(path, "no reader knows its content")
        return proven or str(reader)

    def _reader_of_folder(self, path: Path) -> str:
        suffix = path.suffix.lower()
        if "/" not in COMPANIONS.get(suffix, ()):
            raise ExtractionError(path, "is a folder, and no dataset")
        return BY_SUFFIX[suffix]


extractor = GeneralExtractor()
