"""The image of a TIFF file whose settings are named already: its pixels, and axes calibrated by those settings."""

from collections.abc import Mapping
from dataclasses import replace

from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors import tiff_tags
from nexuslims_core.quantities import MetadataValue, Quantity


def with_pixels(signal: Signal, directory: tiff_tags.Directory) -> Signal:
    """Return a signal with the first image of its file; one whose pixels are lost or a lie keeps its settings.

    Axes that the signal has already are kept; else they come from ``Pixel Width`` and ``Pixel Height``, or from
    ``Horizontal Field Width`` over the columns of ``Data Dimensions``, which is ``(x, y)`` without a data bar.
    """
    metadata = signal.metadata
    try:
        data = tiff_tags.pixels(directory)
    except ExtractionError as error:
        return replace(
            signal, axes=(), metadata=replace(metadata, notes=(*metadata.notes, f"no image: it {error.reason}"))
        )
    entries = {**metadata.entries}
    dimensions = str(entries.setdefault("Data Dimensions", str((data.shape[1], data.shape[0]))))
    columns = int(dimensions.strip("()").split(",")[0])
    axes = signal.axes or (_axis("y", data.shape[0], entries, columns), _axis("x", data.shape[1], entries, columns))
    notes = (*metadata.notes, *(("holds further images: the first stands for all",) if directory.more else ()))
    kept = replace(metadata, entries=entries, notes=notes)
    return replace(signal, kind=SignalKind.IMAGE, metadata=kept, axes=axes, data=data)


def _axis(name: str, size: int, entries: Mapping[str, MetadataValue], columns: int) -> Axis:
    pixel = entries.get("Pixel Height" if name == "y" else "Pixel Width")
    if isinstance(pixel, Quantity) and pixel.value > 0:
        return Axis(name=name, size=size, scale=float(pixel.value), unit=pixel.unit)
    field_width = entries.get("Horizontal Field Width")
    if isinstance(field_width, Quantity) and field_width.value > 0 and columns:
        return Axis(name=name, size=size, scale=field_width.value / columns, unit=field_width.unit)
    return Axis(name=name, size=size)
