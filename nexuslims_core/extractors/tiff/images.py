"""The image of a TIFF file whose settings are named already: its pixels, and axes calibrated by those settings."""

from collections.abc import Mapping
from dataclasses import replace

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.signals import Axis, Signal, SignalData, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.quantities import MetadataValue, Quantity


def with_pixels(signal: Signal, directory: tiff_tags.Directory, *, rows: object = None) -> Signal:
    """Return a signal with the first image of its file; one whose pixels are lost or a lie keeps its settings.

    Axes that the signal has already are kept; else they come from ``Pixel Width`` and ``Pixel Height``, or from
    ``Horizontal Field Width`` over the columns of ``Data Dimensions``, which is ``(x, y)`` without a data bar.

    Parameters
    ----------
    rows
        How many rows are image, where the microscope is known to have drawn a bar of text below; the bar is left out,
        since it says what the settings say and would spoil contrast and lengths. Anything that cannot be is ignored.
    """
    metadata = signal.metadata
    try:
        stored = tiff_tags.pixels(directory)
    except ExtractionError as error:
        return replace(
            signal, axes=(), metadata=replace(metadata, notes=(*metadata.notes, f"no image: it {error.reason}"))
        )
    data, entries = _without_bar(stored, rows), {**metadata.entries}
    dimensions = str(entries.setdefault("Data Dimensions", str((stored.shape[1], stored.shape[0]))))
    columns = int(dimensions.strip("()").split(",")[0])
    axes = signal.axes or (_axis("y", data.shape[0], entries, columns), _axis("x", data.shape[1], entries, columns))
    notes = (*metadata.notes, *(("holds further images: the first stands for all",) if directory.more else ()))
    kept = replace(metadata, entries=entries, notes=notes)
    return replace(signal, kind=SignalKind.IMAGE, metadata=kept, axes=axes, data=data)


def _without_bar(data: SignalData, rows: object) -> SignalData:
    height = data.shape[0]
    if not isinstance(rows, int) or not height // 2 <= rows < height:
        return data
    if isinstance(data, FileData | tiff_tags.DecodedPixels):
        return replace(data, shape=(rows, *data.shape[1:]))
    return data


def _axis(name: str, size: int, entries: Mapping[str, MetadataValue], columns: int) -> Axis:
    pixel = entries.get("Pixel Height" if name == "y" else "Pixel Width")
    if isinstance(pixel, Quantity) and pixel.value > 0:
        return Axis(name=name, size=size, scale=float(pixel.value), unit=pixel.unit)
    field_width = entries.get("Horizontal Field Width")
    if isinstance(field_width, Quantity) and field_width.value > 0 and columns:
        return Axis(name=name, size=size, scale=field_width.value / columns, unit=field_width.unit)
    return Axis(name=name, size=size)
