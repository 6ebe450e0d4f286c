"""A file read by one of RosettaSciIO's readers: its answer as signals, its warnings as notes, its faults in a sentence.

A reader is imported when its first file comes. It reads lazily where it can, and in a process of its own with limits
where :mod:`nexuslims_core.reading` calls it. Extractors that name a vendor's values hand their own ``named`` over.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from traceback import clear_frames
from typing import Any

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors import tiff_tags
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.experimental_description import parsed_xml
from nexuslims_core.extractors.rosetta_readers import DATA_ELSEWHERE
from nexuslims_core.extractors.rosetta_signals import FOREIGN_FAULTS, said, signal

MOST_BYTES_READ_WHOLE = 64 << 20
"""Larger files that their reader cannot read lazily are not read at all."""

_MOST_NOTES = 5
_LARGEST_XML = 1 << 20

Read = Mapping[str, Any]
"""One dictionary that a reader returned: data, axes, metadata, original_metadata, mapping."""


def _as_read(_: Read, opened: Signal) -> Signal:
    return opened


def read_signals(
    source: Source,
    reader: str,
    named: Callable[[Read, Signal], Signal] = _as_read,
    options: Mapping[str, Any] | None = None,
) -> tuple[Signal, ...]:
    """Return all signals of a file, at least one.

    Parameters
    ----------
    reader
        Name of a module of RosettaSciIO.
    named
        Called with each of the reader's dictionaries and the signal that was made of it, to name the vendor's values.
    options
        What else the reader is told.

    Raises
    ------
    ExtractionError
        If the reader fails on it, or it holds nothing.
    """
    check = _CHECKS.get(reader)
    if check is not None:
        check(source.path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answers, lazily = _answers(reader, source, options or {})
            inside = lazily and reader not in DATA_ELSEWHERE
            signals = tuple(named(answer, signal(source, answer, inside=inside)) for answer in answers)
        except ModuleNotFoundError as error:
            raise ExtractionError(source.path, _missing(reader, error)) from error
        except FOREIGN_FAULTS as error:
            clear_frames(error.__traceback__)  # closes the files that a reader opened and left
            raise ExtractionError(source.path, f"the {reader} reader failed ({said(error)})") from error
    if not signals:
        raise ExtractionError(source.path, f"the {reader} reader found nothing in it: other files may be missing")
    return _with_notes(signals, caught)


def _check_tiff(path: Path) -> None:
    """Refuse claims of pixels that are not there, which tifffile would allocate."""
    tiff_tags.pixels(tiff_tags.read_directory(path))


def _check_empad(path: Path) -> None:
    """Refuse a description whose numbers are said to lie in another folder; the reader would open any file."""
    root = parsed_xml(path.read_bytes()) if path.stat().st_size <= _LARGEST_XML else None
    names = [] if root is None else [found.get("filename") or "" for found in root.iter("raw_file")]
    if not names or any(not name or name != Path(name).name for name in names):
        raise ExtractionError(path, "does not name a .raw file in its own folder")


_CHECKS: Mapping[str, Callable[[Path], None]] = {"tiff": _check_tiff, "empad": _check_empad}
"""What a reader itself does not look at before it opens a file."""


def _answers(reader: str, source: Source, options: Mapping[str, Any]) -> tuple[list[Read], bool]:
    """Return a reader's dictionaries, and whether their numbers are still in the file.

    Some readers cannot read lazily, and some cannot with some files: small ones are then read whole.
    """
    file_reader = import_module(f"rsciio.{reader}").file_reader
    try:
        return list(file_reader(str(source.path), lazy=True, **options)), True
    except NotImplementedError:
        return list(file_reader(str(source.path), **options)), False
    except (TypeError, ValueError) as error:
        if source.file.size > MOST_BYTES_READ_WHOLE:
            raise
        clear_frames(error.__traceback__)
        return list(file_reader(str(source.path), **options)), False


def _missing(reader: str, error: ModuleNotFoundError) -> str:
    quoted = re.search(r"'(\w+)'", str(error))
    package = error.name or (quoted[1] if quoted else "one that it does not name")
    return f"the {reader} reader needs the Python package {package}, which is not installed"


def _with_notes(signals: tuple[Signal, ...], caught: list[warnings.WarningMessage]) -> tuple[Signal, ...]:
    spoken = (str(warning.message) for warning in caught if issubclass(warning.category, UserWarning))
    notes = tuple(dict.fromkeys(clean_text(" ".join(text.split())) for text in spoken))[:_MOST_NOTES]
    return tuple(
        replace(one, metadata=replace(one.metadata, notes=(*one.metadata.notes, *notes))) if notes else one
        for one in signals
    )
