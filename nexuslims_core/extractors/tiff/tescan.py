"""Tescan TIFF images of SEM and FIB: settings in tag 50431, or in a text file ``.hdr`` of the same name.

Both hold the same INI text, known from TESCAN Essence 1.3 and older; in the tag a small JPEG 2000 picture stands before
it and section headers may be missing. Reverse-engineered, names and units after NexusLIMS 2.8 (``tescan_names.py``).
Left out are the small picture and the strip of text below the image. Times are the instrument's local time.
"""

from datetime import datetime
from pathlib import Path

from nexuslims_core.datasets.cleaning import clean_text, clean_value
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.ini_text import Sections, read_sections, value_of
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.extractors.tiff.images import with_pixels
from nexuslims_core.extractors.tiff.tescan_names import BEAM, MAIN, ROWS
from nexuslims_core.extractors.values.naming import Findings
from nexuslims_core.extractors.values.times import creation_time, first_reading

TAG = 50431
_TIFF_TAGS = ((271, "Make"), (272, "Model"), (305, "Software Version"), (306, "TIFF DateTime"))
_ARTIST, _DATE_TIME = 315, 306
_MAKER = "TESCAN"
_FIRST_KEYS = (b"[MAIN]", b"AccFrames=", b"AccType=", b"Company=", b"Date=")
_BEAMS = {"SEM": "SEM_Imaging", "FIB": "FIB_Imaging"}
_LARGEST_HEADER = 1 << 20


class TescanExtractor:
    """Reads the image and the settings of one Tescan TIFF."""

    name = "tescan"
    suffixes = frozenset({".tif", ".tiff"})
    companions = {suffix: frozenset({".hdr"}) for suffix in (".tif", ".tiff")}  # noqa: RUF012 - the protocol's plain data

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its tag or by the maker's name."""
        return tiff_tags.fits(path, head, _is_tescan)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no TIFF of Tescan's. One whose pixels are lost or a lie still tells its settings.
        """
        directory = tiff_tags.read_directory(source.path)
        if not _is_tescan(directory):
            raise ExtractionError(source.path, "has neither Tescan's tag 50431 nor its name")
        signal = _image(source, directory)
        strip = signal.metadata.entries.get("Image Strip Size")
        height = directory.number(tiff_tags.HEIGHT)
        return (with_pixels(signal, directory, rows=height - strip if isinstance(strip, int) else None),)


def _is_tescan(directory: tiff_tags.Directory) -> bool:
    named = any(_MAKER in directory.text(tag).upper() for tag in (271, 305))
    return named or _first_key(directory.content(TAG)) >= 0


def _first_key(content: bytes) -> int:
    """Return where the text begins behind the small picture; -1 if there is none."""
    return next((place for key in _FIRST_KEYS if (place := content.find(key)) >= 0), -1)


def _image(source: Source, directory: tiff_tags.Directory) -> Signal:
    sections, notes = _settings(source, directory)
    beam = next((name for name in _BEAMS if name in sections), "SEM")
    findings = Findings(notes=notes)
    for row in ROWS:
        findings.add_row(row, value_of(sections, beam if row.place == BEAM else row.place, row.key))
    for tag, name in _TIFF_TAGS:
        findings.add(name, clean_value(directory.text(tag)))
    findings.add("Operator", findings.entries.get("Full User Name") or clean_value(directory.text(_ARTIST)))
    made, doubts = creation_time(source, _stated_time(sections, directory, findings))
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type=_BEAMS[beam],
        creation_time=made,
        entries=findings.entries,
        warnings=("Operator",) if "Operator" in findings.entries else (),
        notes=(*findings.notes, *doubts),
    )
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, native=sections)


def _settings(source: Source, directory: tiff_tags.Directory) -> tuple[Sections, list[str]]:
    """Return the settings in the file, else those of the text file beside it."""
    content = directory.content(TAG)
    place = _first_key(content)
    if place >= 0:
        return _with_headers(content[place:]), []
    parts = [part for part in source.file.parts if part.suffix.lower() == ".hdr"]
    for part in parts:
        try:
            with part.open("rb") as file:
                sections = _with_headers(file.read(_LARGEST_HEADER))
        except OSError as error:
            return {}, [f"{part.name} cannot be opened ({error.strerror or error}), so the settings are not known"]
        if sections.get(MAIN):
            return sections, []
    return {}, ["the settings are neither in the file nor in a .hdr file beside it"]


def _with_headers(content: bytes) -> Sections:
    """Read a text whose section headers may be missing: what is not known to be of the image is of the beam."""
    text = content.replace(b"\x00", b"").decode("utf-8", "replace")
    sections = read_sections(text, first=MAIN)
    if any(name in sections for name in _BEAMS):
        return sections
    ours = {row.key for row in ROWS if row.place == MAIN}
    stated = sections[MAIN]
    main = {key: value for key, value in stated.items() if key in ours}
    return {MAIN: main, "SEM": {key: value for key, value in stated.items() if key not in ours}}


def _stated_time(sections: Sections, directory: tiff_tags.Directory, findings: Findings) -> datetime | None:
    stated = f"{value_of(sections, MAIN, 'Date')} {value_of(sections, MAIN, 'Time')}".strip()
    made = first_reading(stated, "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S")
    if made is None and stated:
        findings.notes.append(f"{clean_text(stated)!r} is no date and time, left out")
    return made or first_reading(directory.text(_DATE_TIME), "%Y:%m:%d %H:%M:%S")


extractor = TescanExtractor()
