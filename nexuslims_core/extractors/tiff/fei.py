"""FEI and Thermo Fisher TIFF images: of SEM and FIB with an INI text in tag 34680 or 34682, of TEM with TIA's settings.

An XML part may follow the INI text, or stand in tag 34683. ``fei_sem.py`` names the settings of SEM and FIB; those of
TEM are a list (``tia/experimental_description.py``). Axes are in nm; the data bar that the microscope
drew below the image is left out.
"""

from pathlib import Path

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.xml_text import parsed_xml
from nexuslims_core.extractors.tia.experimental_description import settings
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.extractors.tiff.fei_sem import XML_START, sem_image
from nexuslims_core.extractors.tiff.images import with_pixels
from nexuslims_core.extractors.tiff.phenom import is_phenom
from nexuslims_core.extractors.values.times import creation_time

TAGS = (34682, 34680)
XML_TAG = 34683
_INI_START, _LIST_START = "[User]", "<Root>"
_LONGEST_TEXT, _LINE = 1 << 16, 80
_FILLING = "\ufeff\x00 \t\r\n"


class FeiTiffExtractor:
    """Reads the image and the settings of one FEI or Thermo Fisher TIFF."""

    name = "fei_tiff"
    suffixes = frozenset({".tif", ".tiff"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its text, which lies behind the pixels."""
        return tiff_tags.fits(path, head, lambda directory: bool(_description(directory)))

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no FEI TIFF. One whose pixels are lost or a lie still tells its settings.
        """
        directory = tiff_tags.read_directory(source.path)
        text = _description(directory)
        if not text:
            raise ExtractionError(source.path, "has neither FEI's tags 34680 and 34682 nor their text")
        if text.startswith(_LIST_START):
            return (with_pixels(_tem_image(source, text), directory),)
        signal = sem_image(source, text)
        return (with_pixels(signal, directory, rows=_image_rows(signal, directory)),)


def _description(directory: tiff_tags.Directory) -> str:
    """Return the maker's text; editors of images are known to move it to other tags."""
    xml = "" if is_phenom(directory) else directory.text(XML_TAG).lstrip(_FILLING)
    xml = xml if xml.startswith(XML_START) else ""
    others = (tag for tag, value in directory.tags.items() if isinstance(value, bytes) and tag not in TAGS)
    for tag in (*TAGS, *others):
        text = directory.text(tag).lstrip(_FILLING)
        if text.startswith((_INI_START, _LIST_START)) or (tag in TAGS and text.startswith(("[", XML_START))):
            return text if XML_START in text else text + xml
    return xml or _stray_text(directory)


def _image_rows(signal: Signal, directory: tiff_tags.Directory) -> int | None:
    """Return how many rows the scan had, if the image was not scaled; the data bar stands below them."""
    dimensions = str(signal.metadata.entries.get("Data Dimensions", ""))
    columns, _, rows = dimensions.strip("()").partition(", ")
    return int(rows) if rows and int(columns) == directory.number(tiff_tags.WIDTH) else None


def _stray_text(directory: tiff_tags.Directory) -> str:
    """Return the text at the end of a file whose tags were damaged by a program that took the file for text."""
    with directory.path.open("rb") as file:
        file.seek(max(0, directory.size - _LONGEST_TEXT))
        _, start, rest = file.read().rpartition(_INI_START.encode())
    text = (start + rest).decode("cp1252", "replace")
    return text if "Date=" in text[:_LINE] else ""


def _tem_image(source: Source, text: str) -> Signal:
    root = parsed_xml(text)
    entries = {} if root is None else settings(root)
    notes = () if root is not None else ("its list of settings is damaged, so they are not known",)
    mode = str(entries.get("Mode", ""))
    beam = "STEM" if "STEM" in mode else "TEM"
    diffraction = beam == "TEM" and "Diffraction" in mode
    made, _ = creation_time(source, None)
    metadata = Metadata(
        dataset_type=DatasetType.DIFFRACTION if diffraction else DatasetType.IMAGE,
        data_type=f"{beam}_{'Diffraction' if diffraction else 'Imaging'}",
        creation_time=made,
        entries=entries,
        notes=notes,
    )
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata)


extractor = FeiTiffExtractor()
