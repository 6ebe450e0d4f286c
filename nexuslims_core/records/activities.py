"""The activities of a record: each file's outcome becomes datasets, and what they share becomes the setup."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from nexuslims_core.activities.models import Activity
from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Metadata, Outcome, Unreadable
from nexuslims_core.datasets.setup_params import DATA_TYPE, SetupSplit, split_setup
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import MetadataValue, Quantity, Scalar
from nexuslims_core.records.addresses import address_of, readable_name
from nexuslims_core.records.models import UNREADABLE, Note, Parameter, RecordActivity, RecordDataset
from nexuslims_core.records.texts import is_cut
from nexuslims_core.records.times import local, whole_second, xs_datetime

NO_ANSWER = "it was found, but no reader answered for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The two trees that addresses in a record are relative to, and the zone that its times are told in."""

    filestore: Path
    data_path: Path
    zone: tzinfo


def by_path(outcomes: Iterable[Outcome], activities: tuple[Activity, ...]) -> dict[Path, Outcome]:
    """Return the outcomes by the path of their files.

    Raises
    ------
    ValueError
        If one belongs to a file that no activity holds.
    """
    found: dict[Path, Outcome] = {outcome.file.path: outcome for outcome in outcomes}
    known = {file.path for activity in activities for file in activity.files}
    if strangers := sorted(found.keys() - known):
        raise ValueError(f"{len(strangers)} files were read that no activity holds, the first is {strangers[0]}")
    return found


def record_activities(
    activities: tuple[Activity, ...], outcomes: Mapping[Path, Outcome], sample_id: str | None, places: Places
) -> tuple[RecordActivity, ...]:
    """Return the activities with their datasets; a file without an outcome is listed as unreadable."""
    return tuple(
        _activity(
            activity,
            [outcomes.get(file.path) or Unreadable(file=file, reason=NO_ANSWER) for file in activity.files],
            sample_id,
            places,
        )
        for activity in activities
    )


def _activity(activity: Activity, outcomes: list[Outcome], sample_id: str | None, places: Places) -> RecordActivity:
    split = split_setup([dataset.metadata for outcome in outcomes for dataset in _datasets_of(outcome)])
    own = iter(split.unique)
    datasets: list[RecordDataset] = []
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            datasets.append(_unreadable(outcome, places))
        else:
            datasets.extend(_dataset(outcome.file, dataset, next(own), places) for dataset in outcome.datasets)
    setup = _setup(split)
    cut = _cut(setup)
    return RecordActivity(
        seqno=activity.seqno,
        start=whole_second(activity.start, places.zone),
        sample_id=sample_id,
        setup=setup,
        datasets=tuple(datasets),
        notes=(Note(source="Setup", paragraphs=cut),) if cut else (),
    )


def _datasets_of(outcome: Outcome) -> tuple[Dataset, ...]:
    return outcome.datasets if isinstance(outcome, Extracted) else ()


def _setup(split: SetupSplit) -> tuple[Parameter, ...]:
    return tuple(_parameter(name, value, split.warnings) for name, value in split.setup.items())


def _dataset(file: FoundFile, dataset: Dataset, own: Mapping[str, MetadataValue], places: Places) -> RecordDataset:
    metadata = dataset.metadata
    meta = (
        *_special(metadata, places.zone),
        *(_parameter(name, value, metadata.warnings) for name, value in own.items()),
    )
    return RecordDataset(
        name=readable_name(dataset.name),
        location=address_of(file.path, places.filestore),
        dataset_type=metadata.dataset_type,
        file_format=file.path.suffix[1:].lower() or None,
        descriptions=_companions(file) + metadata.notes + _cut(meta),
        preview=address_of(dataset.preview, places.data_path) if dataset.preview else None,
        metadata_file=address_of(dataset.json, places.data_path) if dataset.json else None,
        meta=meta,
    )


def _unreadable(outcome: Unreadable, places: Places) -> RecordDataset:
    file = outcome.file
    written = whole_second(file.mtime, places.zone)
    return RecordDataset(
        name=readable_name(file.path.name),
        location=address_of(file.path, places.filestore),
        dataset_type=DatasetType.UNKNOWN,
        file_format=file.path.suffix[1:].lower() or None,
        descriptions=(f"{UNREADABLE}{outcome.reason}", *_companions(file)),
        meta=(Parameter(name="Creation Time", value=xs_datetime(written)),),
    )


def _companions(file: FoundFile) -> tuple[str, ...]:
    if not file.parts:
        return ()
    return (f"Companion files: {', '.join(readable_name(part.name) for part in file.parts)}",)


def _special(metadata: Metadata, zone: tzinfo) -> list[Parameter]:
    """Return what front ends look for in each dataset; the type only where it is not to be trusted."""
    warnings = metadata.warnings
    told = [_parameter(DATA_TYPE, metadata.data_type, warnings)]
    if metadata.creation_time:
        told.insert(0, _parameter("Creation Time", xs_datetime(local(metadata.creation_time, zone)), warnings))
    if "DatasetType" in warnings:
        told.append(_parameter("DatasetType", metadata.dataset_type.value, warnings))
    return told


def _parameter(name: str, value: MetadataValue, warnings: Collection[str]) -> Parameter:
    warning = name in warnings
    if isinstance(value, Quantity):
        return Parameter(name=name, value=_text(value.value), unit=value.unit, warning=warning)
    return Parameter(name=name, value=_text(value), warning=warning)


def _text(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else _whole_number(value)


def _whole_number(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to write out numbers of thousands of digits
        return f"a number of about {round(value.bit_length() * math.log10(2))} digits"


def _cut(parameters: Iterable[Parameter]) -> tuple[str, ...]:
    """Say which values a record shows only the begin of."""
    names = ", ".join(repr(parameter.name) for parameter in parameters if is_cut(parameter.value))
    return (f"Cut here, since very long: {names}",) if names else ()
