"""Plain text: notes that people type and logs that instruments write beside their data.

Read as UTF-8, as UTF-16 with its mark, or as Windows-1252, whichever fits first. The beginning is kept for the preview.
"""

import codecs
from pathlib import Path

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.values.times import written

KEPT_BYTES = 1 << 16
"""How much of a file is read: a preview shows its first lines."""

_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")
_MOST_CONTROL = {"utf-8": 0.3, "cp1252": 0.02}
"""Share of control characters up to which bytes count as text; any byte is a character of Windows-1252."""


class TextExtractor:
    """Reads the beginning of a text file."""

    name = "text"
    suffixes = frozenset({".txt"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's parameters
        """Leave every other file alone: that bytes are text does not make them notes."""
        return False

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the text as one signal.

        Raises
        ------
        ExtractionError
            If the file cannot be opened or holds no text.
        """
        text = _decoded(source.path, _beginning(source.path))
        metadata = Metadata(dataset_type=DatasetType.NOTES, data_type="Text", creation_time=written(source))
        return (Signal(title=source.path.stem, kind=SignalKind.TEXT, metadata=metadata, text=text),)


def _beginning(path: Path) -> bytes:
    return read_head(path, KEPT_BYTES)


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    control = sum(byte in _CONTROL for byte in content) / max(1, len(content))
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(content)  # the last character may be cut
        encoding = "utf-8"
    except UnicodeDecodeError:
        text, encoding = content.decode("cp1252", "replace"), "cp1252"
    if control > _MOST_CONTROL[encoding]:
        raise ExtractionError(path, "its bytes are no text in UTF-8, UTF-16 or Windows-1252")
    return text


extractor = TextExtractor()
