"""DigitalMicrograph files of Gatan, ``.dm3`` and ``.dm4``: every image of a file but its thumbnail is a signal.

The format is reverse-engineered (see `tags`). Pixels stay in the file until they are drawn. The file's modification
time is when a signal was made, since the file states its own times without a zone and in the local order of day and
month; they are kept as text.
"""

from pathlib import Path

from nexuslims_core.datasets.models import Metadata
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.digital_micrograph.kinds import Layout, classify, lay_out, technique
from nexuslims_core.extractors.digital_micrograph.metadata import describe, source_tags, text
from nexuslims_core.extractors.digital_micrograph.pixels import open_pixels
from nexuslims_core.extractors.digital_micrograph.tags import Block, Tags, at, group, read_tags
from nexuslims_core.extractors.values.times import written

MOST_IMAGES = 1000
"""Images of one file that are looked at; a stack is one image."""

_VERSIONS = {b"\0\0\0\3": 8, b"\0\0\0\4": 12}
"""First bytes of a file, and where the flag of its byte order lies."""

_BYTE_ORDERS = frozenset({b"\0\0\0\0", b"\0\0\0\1"})


class DigitalMicrographExtractor:
    """Reads DM3 and DM4 files."""

    name = "digital_micrograph"
    version = 1
    suffixes = frozenset({".dm3", ".dm4"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's own type, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the bytes are proof enough
        """Tell whether a file begins as DigitalMicrograph's do: version, size, byte order."""
        place = _VERSIONS.get(head[:4])
        return place is not None and head[place : place + 4] in _BYTE_ORDERS

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the images of a file."""
        images = _images(read_tags(source.path))
        if not images:
            raise ExtractionError(source.path, "holds no image besides its thumbnail")
        if len(images) > MOST_IMAGES:
            raise ExtractionError(
                source.path, f"holds {len(images)} images, more than any microscope writes in one file"
            )
        return tuple(_signal(source, image) for image in images)


extractor = DigitalMicrographExtractor()


def _images(tags: Tags) -> tuple[Tags, ...]:
    thumbnails = {at(thumbnail, "ImageIndex") for thumbnail in _groups(group(tags, "Thumbnails"))}
    images = _groups(group(tags, "ImageList"))
    return tuple(image for number, image in enumerate(images) if number not in thumbnails)


def _groups(tags: Tags) -> list[Tags]:
    return [value for value in tags.values() if isinstance(value, dict)]


def _signal(source: Source, image: Tags) -> Signal:
    layout = lay_out(image)
    data, note = open_pixels(source.path, image, layout.shape)
    return Signal(
        title=text(image, "Name") or source.path.stem,
        kind=layout.kind,
        metadata=_metadata(source, image, layout, note),
        axes=layout.axes,
        data=data,
        quantity=_quantity(image),
        native=_native(image),
    )


def _metadata(source: Source, image: Tags, layout: Layout, note: str) -> Metadata:
    dataset_type, data_type = classify(image, layout.kind)
    description = describe(source.path, source_tags(image))
    return Metadata(
        dataset_type=dataset_type,
        data_type=data_type,
        creation_time=written(source),
        entries={**_dimensions(layout), **description.entries},
        warnings=description.warnings,
        notes=(*description.notes, note) if note else description.notes,
    )


def _dimensions(layout: Layout) -> dict[str, str]:
    """Give the shape as people read it: rows, columns, and energies last."""
    shape = list(layout.shape)
    if layout.spectral_axis is not None:
        shape.append(shape.pop(layout.spectral_axis))
    return {"Data Dimensions": str(tuple(shape))} if shape else {}


def _quantity(image: Tags) -> str:
    unit = text(image, "ImageData", "Calibrations", "Brightness", "Units")
    name = "Electrons" if unit == "e-" else "X-rays" if technique(source_tags(image)) == "EDS" else "Intensity"
    return f"{name} ({unit})" if unit and unit != "e-" else name


def _native(image: Tags) -> Tags:
    """Return an image's tags without the arrays that were left in the file."""
    kept: Tags = {}
    for name, value in image.items():
        if isinstance(value, dict):
            kept[name] = _native(value)
        elif not isinstance(value, Block):
            kept[name] = value
    return kept
