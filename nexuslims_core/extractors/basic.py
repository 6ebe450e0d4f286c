"""Any file at all: its name and when it was written. What nobody else reads is still listed in the record."""

from pathlib import Path

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.values.times import written


class BasicExtractor:
    """Takes every file and opens none."""

    name = "basic"
    suffixes: frozenset[str] = frozenset()
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - what is in the file does not matter here
        """Take any file."""
        return True

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return one signal without data, made when the file was last written."""
        metadata = Metadata(dataset_type=DatasetType.UNKNOWN, data_type="Unknown", creation_time=written(source))
        return (Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata),)


extractor = BasicExtractor()
