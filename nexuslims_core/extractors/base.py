"""What every extractor is."""

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Protocol

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.files.models import FoundFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to read, with what its own bytes do not tell.

    Attributes
    ----------
    file
        The file, its companions and its modification time.
    zone
        Zone of the instrument's clock, for times that the file states without one.
    instrument_pid
        Whose file it is; None where nobody said.
    """

    file: FoundFile
    zone: tzinfo
    instrument_pid: str | None = None

    @property
    def path(self) -> Path:
        """The file that is opened."""
        return self.file.path


class Extractor(Protocol):
    """Reads one format.

    It may state a ``version``, 1 if it does not: raised when it says other things of the same file, it makes the files
    of its format be read again.

    Attributes
    ----------
    name
        Short name, as in its entry point.
    suffixes
        Lower-case suffixes of files that it opens, with the dot.
    companions
        Suffix of an opened file to the suffixes of files that belong to it and are then no datasets of their own.
        ``.raw`` stands for a file of the same name, ``_#.ser`` for those that count: ``name_1.ser``, ``name_2.ser``, …;
        ``/`` says that the dataset may be a folder, which is opened as one and all of which belongs to it.
    """

    name: str
    suffixes: frozenset[str]
    companions: dict[str, frozenset[str]]

    def claims(self, path: Path, head: bytes) -> bool:
        """Tell from its first bytes (up to 4096) whether this is a file of the format, whatever its suffix."""
        ...

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Open a file and return its signals, at least one.

        Raises
        ------
        ExtractionError
            If the file is damaged or not of this format.
        """
        ...
