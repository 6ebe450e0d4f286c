"""The tags of a DigitalMicrograph image as entries of a record: values as the file states them, cleaned, with units."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.flattening import flatten
from nexuslims_core.extractors.digital_micrograph import names
from nexuslims_core.extractors.digital_micrograph.tags import Block, Tag, Tags, at, group
from nexuslims_core.extractors.digital_micrograph.tecnai import read_tecnai
from nexuslims_core.extractors.values.times import EARLIEST_YEAR, LATEST_YEAR, first_reading
from nexuslims_core.quantities import MetadataValue

_Found = dict[str, "MetadataValue | _Found"]
_DATE_FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%m/%d/%y")
_CLOCK_FORMATS = ("%I:%M:%S %p", "%H:%M:%S")
_LONGEST_TECNAI, _LARGEST_LIST_BYTES = 20_000, 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the tags of one image say.

    Attributes
    ----------
    entries
        Name to value.
    warnings
        Names whose values are not to be trusted: all that DigitalMicrograph says of an EDS detector.
    notes
        What was left out and why.
    """

    entries: dict[str, MetadataValue]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def source_tags(image: Tags) -> Tags:
    """Return the tags that tell of an acquisition; a stack keeps those of its first image aside."""
    return group(image, "ImageTags", "plane info", "TagGroup0", "source tags") or group(image, "ImageTags")


def text(tags: Tags, *path: str) -> str:
    """Return the text under a path of names; empty where there is none."""
    value = at(tags, *path)
    return clean_text(value) if isinstance(value, str) else ""


def describe(path: Path, tags: Tags) -> Description:
    """Return what the tags of one image of a file say."""
    found: _Found = {}
    _put_rows(found, tags)
    _put_leaves(found, tags)
    _put_binning(found, tags)
    _put_processing(found, tags)
    _put_thickness(found, tags)
    if group(tags, "SI") and group(tags, "EDS"):
        _put_eds_averages(found, path, tags)
    _put_spectrum_imaging(found, tags)
    _put_tecnai(found, tags)
    date_notes = _put_date(found, tags)
    entries, doubles = flatten(found)
    return Description(entries=entries, warnings=_untrusted(entries), notes=(*date_notes, *doubles))


def _untrusted(entries: Mapping[str, MetadataValue]) -> tuple[str, ...]:
    leaves = (*names.EDS_DETECTOR, *names.EDS_COUNTING)
    known = {f"EDS {leaf}{average}" for leaf in leaves for average in ("", " (SI Average)")}
    return tuple(name for name in entries if name in known)


def _put(found: _Found, path: names.TagPath, value: MetadataValue | None) -> None:
    """Keep a value under nested names; one that says nothing leaves an earlier one standing."""
    if value is None:
        return
    *above, last = path
    for name in above:
        below = found.setdefault(name, {})
        if not isinstance(below, dict):
            return
        found = below
    found[last] = value


def _valued(value: object, unit: str) -> MetadataValue | None:
    return quantity(value, unit, names.POWERS.get(unit, 0)) if unit else clean_value(value)


def _named(tag: str) -> tuple[str, str]:
    """Split the unit off a tag's name: ``Exposure (s)`` is ``Exposure`` in s."""
    match = re.fullmatch(r"(.+) \(([^()]+)\)", tag)
    if match and match[2] in names.UNITS:
        return match[1], names.UNITS[match[2]]
    return tag, names.KEPT_IN.get(tag, "")


def _put_rows(found: _Found, tags: Tags) -> None:
    for where, ours, unit in names.ROWS:
        _put(found, ours, _valued(at(tags, *where), unit))
    for tag, name, unit in names.ZERO_IS_UNSET:
        _put(found, (name,), _valued(at(tags, "Microscope Info", tag) or None, unit))


def _put_leaves(found: _Found, tags: Tags) -> None:
    for where, ours, before, leaves in names.LEAVES:
        held = {name.strip(): value for name, value in group(tags, *where).items()}
        for leaf in leaves:
            name, unit = _named(leaf)
            _put(found, (ours, before + name), _valued(held.get(leaf), unit))


def _put_binning(found: _Found, tags: Tags) -> None:
    binning = at(tags, *names.HIGH_LEVEL, "Binning")
    if isinstance(binning, tuple) and len(binning) == 2:
        _put(found, ("Binning (Horizontal)",), clean_value(binning[0]))
        _put(found, ("Binning (Vertical)",), clean_value(binning[1]))


def _put_processing(found: _Found, tags: Tags) -> None:
    """List what was done to a signal since it was acquired."""
    done = [step for step in group(tags, "Processing").values() if isinstance(step, dict)]
    steps = sorted({names.STEPS[name] for step in done if (name := text(step, "Operation")) in names.STEPS})
    technique = "EDS" if text(tags, "Meta Data", "Signal") == "X-ray" else "EELS"
    _put(found, (technique, "Processing Steps"), ", ".join(steps) or None)
    for step in done:
        if text(step, "Operation") == "Background Removal":
            _put(found, (technique, "Background Removal Model"), clean_value(text(step, "Parameters", "Model")))


def _put_thickness(found: _Found, tags: Tags) -> None:
    """Keep what was computed; the relative one counts mean free paths and so has no unit."""
    thickness = group(tags, "EELS", "Thickness")
    unit = names.UNITS.get(text(thickness, "Absolute", "Units"), "")
    path = at(thickness, "Absolute", "Mean Free Path")
    path = path[0] if isinstance(path, list) and path else None
    _put(found, ("EELS", "Thickness (absolute)"), _valued(at(thickness, "Absolute", "Measurement"), unit))
    _put(found, ("EELS", "Thickness (absolute) mean free path"), _valued(path, unit))
    _put(found, ("EELS", "Thickness (relative)"), clean_value(at(thickness, "Relative", "Measurement")))


def _put_eds_averages(found: _Found, path: Path, tags: Tags) -> None:
    """Average what a spectrum image counted in each pixel, which stands in the place of one value for all."""
    acquisition = group(tags, "SI", "Acquisition")
    for leaf in names.EDS_ACQUISITION:
        name, unit = _named(leaf)
        _put(found, ("EDS", name), _valued(acquisition.get(leaf), unit))
    eds = found.setdefault("EDS", {})
    for leaf, values in group(tags, "EDS", "Images").items():
        average = _valued(_mean(path, values), names.KEPT_IN.get(leaf, ""))
        if leaf in names.EDS_COUNTING and average is not None and isinstance(eds, dict):
            eds.pop(leaf, None)
            eds[f"{leaf} (SI Average)"] = average


@np.errstate(over="ignore", invalid="ignore")
def _mean(path: Path, values: Tag) -> float | None:
    """Return the average of a list, or of an array left in the file; not finite where its numbers are absurd."""
    if isinstance(values, list) and values and not isinstance(values[0], tuple):
        return float(np.mean(values, dtype=np.float64))
    if not isinstance(values, Block) or len(values.code) != 2 or not 0 < values.size_bytes <= _LARGEST_LIST_BYTES:
        return None
    data = FileData(path=path, offset=values.offset, shape=(values.size,), dtype=np.dtype(values.code))
    return sum(float(piece.sum(dtype=np.float64)) for piece in data.blocks()) / values.size


def _put_spectrum_imaging(found: _Found, tags: Tags) -> None:
    acquisition = group(tags, "SI", "Acquisition")
    drift = group(acquisition, "Artefact Correction", "Spatial Drift")
    period, unit = clean_value(drift.get("Periodicity")), text(drift, "Units").removesuffix("(s)")
    if period is not None and unit:
        unit += "" if period == 1 or unit.endswith("s") else "s"
        _put(found, ("Spectrum Imaging", "Artefact Correction"), f"Spatial drift correction every {period} {unit}")
    start = first_reading(text(acquisition, "Start time"), *_CLOCK_FORMATS)
    end = first_reading(text(acquisition, "End time"), *_CLOCK_FORMATS)
    if start is not None and end is not None:  # without a date, so an end before the start is on the next day
        _put(found, ("Spectrum Imaging", "Acquisition Duration"), quantity((end - start).seconds, "s"))


def _put_tecnai(found: _Found, tags: Tags) -> None:
    """Let the microscope's own account win over DigitalMicrograph's."""
    told = at(tags, "Tecnai", "Microscope Info")
    for name, value in read_tecnai(told[:_LONGEST_TECNAI] if isinstance(told, str) else "").items():
        below = value if isinstance(value, Mapping) else {}
        for inner, inner_value in below.items():
            _put(found, (name, inner), None if isinstance(inner_value, Mapping) else inner_value)
        if not isinstance(value, Mapping):
            _put(found, (name,), value)
    specimen = text(tags, "Tecnai", "Specimen Info")
    if not specimen.startswith("Specimen information is not available"):
        _put(found, ("Specimen",), clean_value(specimen))


def _put_date(found: _Found, tags: Tags) -> tuple[str, ...]:
    """Keep the date as it is written, since day and month stand in either order, if its year can be true."""
    for where, date_tag, clock_tag in names.DATES:
        held = group(tags, *where)
        if date := text(held, date_tag):
            _put(found, ("Acquisition Time",), clean_value(text(held, clock_tag)))
            read = first_reading(date, *_DATE_FORMATS)
            if read is None or not EARLIEST_YEAR <= read.year < LATEST_YEAR:
                return (f"left out the acquisition date {date!r}: no microscope can have written it",)
            _put(found, ("Acquisition Date",), date)
            return ()
    return ()
