"""What a ward has ready before it forks workers: readers, libraries and whatever they make only when first used.

Each worker would otherwise load and make it again: up to 0.1 s, in which ten small files are read.
"""

import os
import pickle
import tempfile
from contextlib import suppress
from datetime import UTC
from importlib import import_module
from pathlib import Path

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.frames import Kind
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.outputs import Mirror

SPECTRUM = b"#FORMAT      : EMSA/MAS Spectral Data File\n#VERSION     : 1.0\n#SPECTRUM    :\n1, 5, 2\n#ENDOFDATA   :\n"
IMAGE = b"P5 3 2 255\n\x00\x20\x40\x60\x80\xff"
"""A PGM of six pixels."""
PRACTICE = {"a.msa": SPECTRUM, "a.pgm": IMAGE}
AHEAD = ("_strptime", "encodings.utf_16_le", "numpy.ma")
"""What the files of practice do not need, and many others do: times and names as text, and medians."""


def preload() -> tuple[Kind, bytes]:
    """Load every reader and return what a caller is told first: what they declare, or why no file can be read."""
    from nexuslims_core.extractors.choosing import catalogue

    try:
        greeting = Kind.READY, pickle.dumps(catalogue())
    except ConfigurationError as error:
        return Kind.REFUSED, str(error).encode("utf-8", "backslashreplace")
    with suppress(Exception):  # readers raise anything (decision 2); it will be said of a file that matters
        _practise()
    return greeting


def _practise() -> None:
    """Read the smallest of files: fonts, codecs, patterns and parts of libraries are then there for the next."""
    from nexuslims_core.reading.opening import open_file

    for name in AHEAD:
        import_module(name)
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as folder:
        raw = Path(folder) / "raw"
        raw.mkdir()
        for name, content in PRACTICE.items():
            (raw / name).write_bytes(content)
            os.utime(raw / name, (0, 0))  # of a file that may still be written nothing is kept
            found = FoundFile(path=raw / name, size=len(content), mtime=0.0)
            mirror = Mirror(filestore=raw, data_path=Path(folder) / "written")
            open_file(Job(source=Source(file=found, zone=UTC), mirror=mirror, recipe="practice"))
