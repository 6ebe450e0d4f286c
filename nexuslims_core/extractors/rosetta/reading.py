"""A file read by one of RosettaSciIO's readers: its answer as signals, its warnings as notes, its faults in a sentence.

A reader is imported when its first file comes. It reads lazily where it can, and in a process of its own with limits
where :mod:`nexuslims_core.reading` calls it. Extractors that name a vendor's values hand their own ``named`` over.
"""

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from traceback import clear_frames
from typing import Any

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.rosetta.checks import check
from nexuslims_core.extractors.rosetta.readers import DATA_ELSEWHERE
from nexuslims_core.extractors.rosetta.signals import signal

MOST_BYTES_READ_WHOLE = 64 << 20
"""Larger files that their reader cannot read lazily are not read at all."""

_MOST_NOTES = 5
_OF_PACKAGES = re.compile(r"Cannot find package|set_signal_type")  # says nothing of the file

Read = Mapping[str, Any]
"""One dictionary that a reader returned: data, axes, metadata, original_metadata, mapping."""


def _as_read(_: Read, opened: Signal) -> Signal:
    return opened


def read_signals(
    source: Source,
    reader: str,
    named: Callable[[Read, Signal], Signal] = _as_read,
    options: Mapping[str, Any] | None = None,
    function: str = "",
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
    function
        Of a reader that goes by the suffix: which of its functions reads a file that may be named otherwise.

    Raises
    ------
    ExtractionError
        If the reader fails on it, or it holds nothing.
    """
    check(reader, source.path)
    with warnings.catch_warnings(record=True) as caught, _heard() as logged:
        warnings.simplefilter("always")
        try:
            with _in_one_piece(reader):
                answers, lazily = _answers(_function(reader, function), source, options or {})
            inside = lazily and reader not in DATA_ELSEWHERE
            signals = tuple(named(answer, signal(source, answer, inside=inside)) for answer in answers)
        except ModuleNotFoundError as error:
            raise ExtractionError(source.path, _missing(reader, error)) from error
        except FOREIGN_FAULTS as error:
            clear_frames(error.__traceback__)  # closes the files that a reader opened and left
            raise ExtractionError(source.path, f"the {reader} reader failed ({said(error)})") from error
    if not signals:
        raise ExtractionError(source.path, f"the {reader} reader found nothing in it: other files may be missing")
    spoken = (str(warning.message) for warning in caught if issubclass(warning.category, UserWarning))
    return _with_notes(signals, (*spoken, *logged))


def _function(reader: str, name: str) -> Callable[..., Iterable[Read]]:
    module = import_module(f"rsciio.{reader}._api" if name else f"rsciio.{reader}")
    function: Callable[..., Iterable[Read]] = getattr(module, name or "file_reader")
    return function


@contextmanager
def _in_one_piece(reader: str) -> Iterator[None]:
    """Let HyperSpy's reader leave numbers in the file that lie there in one piece; it knows chunks only."""
    if reader != "hspy":
        yield
        return
    kept = import_module("rsciio.hspy._api").HyperspyReader
    read_array = kept._read_array  # noqa: SLF001 - it has no public one

    def read_lazily(self: object, group: Any, key: str) -> Any:  # noqa: ANN401 - untyped h5py
        data = read_array(self, group, key)
        whole = key == "data" and getattr(data, "chunks", ()) is None
        return import_module("dask.array").from_array(data, chunks="auto") if whole else data

    kept._read_array = read_lazily  # noqa: SLF001
    try:
        yield
    finally:
        del kept._read_array  # noqa: SLF001 - what it inherits is there again


def _answers(
    file_reader: Callable[..., Iterable[Read]], source: Source, options: Mapping[str, Any]
) -> tuple[list[Read], bool]:
    """Return a reader's dictionaries, and whether their numbers are still in the file.

    Some readers cannot read lazily, and some cannot with some files: small ones are then read whole.
    """
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


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what readers log as warnings in the block, instead of letting them print it."""
    import_module("rsciio")  # which sets up its log when it is first imported
    told: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("rsciio")
    before, handlers = log.propagate, log.handlers
    log.propagate, log.handlers = False, [handler]
    try:
        yield told
    finally:
        log.propagate, log.handlers = before, handlers


def _with_notes(signals: tuple[Signal, ...], spoken: Iterable[str]) -> tuple[Signal, ...]:
    told = (clean_text(" ".join(text.split())) for text in spoken)
    notes = tuple(dict.fromkeys(text for text in told if not _OF_PACKAGES.search(text)))[:_MOST_NOTES]
    return tuple(
        replace(one, metadata=replace(one.metadata, notes=(*one.metadata.notes, *notes))) if notes else one
        for one in signals
    )
