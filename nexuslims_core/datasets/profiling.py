"""Metadata as an instrument's profiles would have them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.instruments.profiles.models import DATA_TYPE, DATASET_TYPE, FILE_NAME, Mode, Profile
from nexuslims_core.quantities import MetadataValue, Quantity, Scalar


def apply_profiles(metadata: Metadata, profiles: Iterable[Profile], path: Path, extractor: str) -> Metadata:
    """Return the metadata of a file's signal after each profile that applies to the file, one after the other."""
    for profile in profiles:
        if profile.applies_to(extractor=extractor, suffix=path.suffix):
            metadata = _marked(_relabelled(_corrected(metadata, profile), profile, path.name), profile)
    return metadata


def _corrected(metadata: Metadata, profile: Profile) -> Metadata:
    """Rename, drop, replace and fill in values; say what was lost by it."""
    new_names = {old: new for old, new in profile.rename.items() if new not in metadata.entries}
    renamed = {new_names.get(name, name): value for name, value in metadata.entries.items()}
    kept = {name: value for name, value in renamed.items() if not _among(name, profile.drop)}
    entries: dict[str, MetadataValue] = {**profile.fill, **kept, **profile.replace}
    told = [f"left out {name} {_text(renamed[name])}" for name in renamed if name not in kept]
    told += [
        f"{name} is {_text(value)}, the file says {_text(kept[name])}"
        for name, value in profile.replace.items()
        if name in kept and kept[name] != value
    ]
    warnings = tuple(new_names.get(name, name) for name in metadata.warnings)
    return replace(
        metadata,
        entries={name: entries[name] for name in (*kept, *(name for name in entries if name not in kept))},
        warnings=tuple(name for name in warnings if name in entries or name in (DATASET_TYPE, DATA_TYPE)),
        notes=(*metadata.notes, *(f"{note} (profile {profile.name})" for note in told)),
    )


def _relabelled(metadata: Metadata, profile: Profile, file_name: str) -> Metadata:
    """Let the first mode that fits say what the dataset is."""
    asked: Mapping[str, MetadataValue] = {
        **metadata.entries,
        DATASET_TYPE: metadata.dataset_type.value,
        DATA_TYPE: metadata.data_type,
        FILE_NAME: file_name,
    }
    mode = next((mode for mode in profile.mode if _fits(mode, asked)), None)
    if mode is None:
        return metadata
    return replace(
        metadata,
        dataset_type=DatasetType(mode.dataset_type) if mode.dataset_type else metadata.dataset_type,
        data_type=mode.data_type or metadata.data_type,
    )


def _fits(mode: Mode, asked: Mapping[str, MetadataValue]) -> bool:
    if any(_among(name, mode.without) for name in asked):
        return False
    return all(name in asked and _is_one_of(asked[name], wanted) for name, wanted in mode.when.items())


def _is_one_of(value: MetadataValue, wanted: Scalar | tuple[Scalar, ...]) -> bool:
    plain = value.value if isinstance(value, Quantity) else value
    return any(_is(plain, one) for one in (wanted if isinstance(wanted, tuple) else (wanted,)))


def _is(value: Scalar, wanted: Scalar) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.casefold() == wanted.casefold() or fnmatchcase(value.casefold(), wanted.casefold())
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def _marked(metadata: Metadata, profile: Profile) -> Metadata:
    marked = (name for name in (*metadata.entries, DATASET_TYPE, DATA_TYPE) if _among(name, profile.warnings))
    return replace(metadata, warnings=tuple(dict.fromkeys((*metadata.warnings, *marked))))


def _among(name: str, patterns: Iterable[str]) -> bool:
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def _text(value: MetadataValue) -> str:
    return f"{value.value} {value.unit}" if isinstance(value, Quantity) else str(value)
