"""Every value that NexusLIMS reports is reported, with its unit, or the difference has a written reason."""

import gc
import json
import math
import re
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pint
import pytest

from nexuslims_core.datasets.models import Metadata
from nexuslims_core.datasets.plausibility import without_impossible
from nexuslims_core.datasets.profiling import apply_profiles
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Extractor, Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.files.models import FoundFile
from nexuslims_core.instruments.profiles.loading import load_profiles, profiles_of
from nexuslims_core.quantities import MetadataValue, Quantity

TABLES = Path(__file__).resolve().parents[2] / "data" / "peer"
INSTRUMENTS_ZONE = ZoneInfo("America/New_York")
NOT_THE_FILES = {"Instrument ID", "warnings", "(warnings)"}
"""The instrument is the session's; warnings have a test of their own."""

UNIT_SIGNS = {"deg": "degree", "°": "degree", "usec": "µs", "uA": "µA", "um": "µm"}
UNIT_SIGNS |= dict.fromkeys(("eV/Channel", "eV/channel", "eV/ch"), "eV")
UNITS = ("μm", "µm", "um", "mm", "nm", "cm", "m", "μA", "µA", "uA", "μs", "µs", "usec", "s", "kV", "keV", "eV", "V")
UNITS += (*UNIT_SIGNS, "mrad", "K", "mPa", "Pa", "%", "x", "degree", "pA", "nA", "torr", "millipascal")
_UNIT = "|".join(map(re.escape, UNITS))
_NUMBER = r"-?\d+(?:\.\d*)?(?:e[-+]?\d+)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One value of NexusLIMS as it stands and taken apart."""

    release: str
    instrument: str
    file: str
    name: str
    raw: Any
    value: Any
    unit: str

    def is_said_by(self, ours: MetadataValue | None, unit: str | None = None) -> bool:
        """Tell whether our value is the same, by pint's account of units; ``unit`` takes the place of its own."""
        unit = self.unit if unit is None else unit
        if isinstance(ours, Quantity):
            return bool(unit) and isinstance(self.value, int | float) and is_close(ours, self.value, unit)
        if isinstance(ours, int | float) and isinstance(self.value, int | float):
            return not unit and math.isclose(self.value, ours, rel_tol=1e-6)
        return ours is not None and str(self.raw) == str(ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Why a value is not what NexusLIMS says."""

    names: tuple[str, ...]
    kind: str
    reason: str
    releases: tuple[str, ...] = ("*",)
    instruments: tuple[str, ...] = ("*",)
    files: tuple[str, ...] = ("*",)
    unit: str = ""
    ours: str | None = None

    def covers(self, stated: Stated, ours: MetadataValue | None) -> bool:
        asked = (
            (stated.release, self.releases),
            (stated.instrument, self.instruments),
            (stated.file, self.files),
            (stated.name, self.names),
        )
        if not all(any(fnmatchcase(told, pattern) for pattern in patterns) for told, patterns in asked):
            return False
        if self.kind == "unit":
            return stated.is_said_by(ours, self.unit)
        if self.kind == "absent":
            return ours is None
        return self.kind == "pending" or (ours is not None and self.ours in (None, str(ours)))


def read_rules(table: str) -> tuple[Rule, ...]:
    told = tomllib.loads((TABLES / "differences.toml").read_text())
    return tuple(
        Rule(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
        for row in told.get(table, [])
    )


def stated_values(answers: Mapping[str, Any]) -> Iterator[Stated]:
    for release, instruments in answers.items():
        for instrument, files in instruments.items():
            for file, values in files.items():
                for name, value in values.items():
                    if name not in NOT_THE_FILES:
                        plain_name, plain_value, unit = taken_apart(name, value)
                        yield Stated(
                            release=release.removeprefix("v"),
                            instrument=instrument,
                            file=file,
                            name=plain_name,
                            raw=value,
                            value=plain_value,
                            unit=unit,
                        )


def taken_apart(name: str, value: Any) -> tuple[str, Any, str]:  # noqa: ANN401 - plain JSON
    """Take the unit off a name, ``Voltage (kV)``, and off a value, ``200.0 [kV]`` or ``0.55 m``."""
    unit, name = "", name.replace(" – ", " ").strip()
    if in_name := re.fullmatch(rf"(.+?) ?[(\[]({_UNIT}|t/λ)[)\]]", name):
        name, unit = in_name[1], in_name[2]
    if isinstance(value, str) and (in_value := re.fullmatch(rf"({_NUMBER})(?: \[(.+)\]| ({_UNIT}))?", value)):
        value, unit = float(in_value[1]), in_value[2] or in_value[3] or unit
    unit = UNIT_SIGNS.get(unit, unit)
    if unit == "kX":
        return name, value * 1000, ""
    return name, value, "" if unit in {"x", "t/λ"} else unit


def is_close(ours: Quantity, number: float, unit: str) -> bool:
    try:
        converted = pint.Quantity(ours.value, ours.unit).to(unit).magnitude
    except pint.DimensionalityError:
        return False
    return math.isclose(converted, number, rel_tol=1e-6, abs_tol=1e-15)


@dataclass(frozen=True, slots=True)
class OurAnswers:
    """What we say of each file, by the instrument that it was made on."""

    paths: Mapping[str, Path]
    names: Mapping[str, Mapping[str, Any]]

    def of(self, stated: Stated) -> MetadataValue | None:
        answer = self.values(stated.file, stated.instrument)
        if stated.name in answer:
            return answer[stated.name]
        others = self.names[stated.release].get(stated.name, [])
        candidates = [others] if isinstance(others, str) else others
        return next((answer[name] for name in candidates if name in answer), None)

    def values(self, file: str, instrument: str) -> Mapping[str, MetadataValue]:
        metadata = corrected(self.paths[file], instrument)
        if metadata is None:
            return {}
        created = metadata.creation_time
        kinds = {"DatasetType": metadata.dataset_type.value, "Data Type": metadata.data_type}
        return {**metadata.entries, **kinds, **({"Creation Time": created.isoformat()} if created else {})}


@cache
def read(path: Path) -> tuple[str, Metadata] | None:
    """Read the first signal of a file, of a series the one that bears its name."""
    emi = path.with_name(f"{path.stem.rpartition('_')[0]}.emi")
    opened = emi if path.suffix == ".ser" and emi.exists() else path
    status = opened.stat()
    file = FoundFile(path=opened, size=status.st_size, mtime=status.st_mtime)
    extractor = choose(opened)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # RosettaSciIO's TIFF reader leaves open files to the collector
        metadata = read_one(path, extractor, Source(file=file, zone=INSTRUMENTS_ZONE))
        gc.collect()
    return None if metadata is None else (extractor.name, metadata)


def read_one(path: Path, extractor: Extractor, source: Source) -> Metadata | None:
    try:
        signals = extractor.read(source)
    except ExtractionError:
        return None
    return next(one.metadata for one in signals if one.metadata.entries.get("Series File", path.name) == path.name)


@cache
def corrected(path: Path, instrument: str) -> Metadata | None:
    answer = read(path)
    if answer is None:
        return None
    extractor, metadata = answer
    return apply_profiles(without_impossible(metadata), profiles_of(instrument, load_profiles()), path, extractor)


@pytest.fixture(scope="module")
def their_answers(em_files: Path) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((em_files.parent / "peer_metadata.json").read_text())
    return answers


@pytest.fixture(scope="module")
def our_answers(all_em_files: Path, their_answers: dict[str, Any]) -> OurAnswers:
    asked = {stated.file for stated in stated_values(their_answers)}
    paths = {path.name: path for path in sorted(all_em_files.rglob("*")) if path.name in asked}
    assert paths.keys() == asked
    return OurAnswers(paths=paths, names=tomllib.loads((TABLES / "names.toml").read_text()))


def test_every_value_is_ours_or_its_difference_has_a_reason(
    their_answers: dict[str, Any], our_answers: OurAnswers
) -> None:
    rules = (*read_rules("difference"), *read_rules("pending"))

    used, unexplained = set[Rule](), []
    for stated in stated_values(their_answers):
        ours = our_answers.of(stated)
        if not stated.is_said_by(ours):
            reasons = {rule for rule in rules if rule.covers(stated, ours)}
            used |= reasons
            unexplained += [] if reasons else [(stated, ours)]

    assert unexplained == []
    assert [rule for rule in rules if rule not in used] == []


def test_what_nexuslims_warns_of_is_marked(their_answers: dict[str, Any], our_answers: OurAnswers) -> None:
    for instruments in their_answers.values():
        for instrument, files in instruments.items():
            for file, values in files.items():
                metadata = corrected(our_answers.paths[file], instrument)
                if metadata is not None:
                    known = {*metadata.entries, "DatasetType", "Data Type"}
                    warned = {name for name in warned_of(values) if name in known}
                    assert warned <= set(metadata.warnings), (instrument, file)


def warned_of(values: Mapping[str, Any]) -> Iterator[str]:
    told = values.get("(warnings)", values.get("warnings", "[]"))
    paths = json.loads(told.replace("'", '"')) if isinstance(told, str) else told
    for path in paths:
        yield " ".join(path) if isinstance(path, list) else str(path)


def test_names_of_the_table_are_used(their_answers: dict[str, Any], our_answers: OurAnswers) -> None:
    stated = {(one.release, one.name) for one in stated_values(their_answers)}

    assert [
        (release, name)
        for release, names in our_answers.names.items()
        for name in names
        if (release, name) not in stated
    ] == []


def test_times_of_tia_follow_the_instruments_zone_and_its_summer(our_answers: OurAnswers) -> None:
    answer = our_answers.values("03_Scanning Preview_1.ser", "FEI-Titan-TEM-635816")

    assert answer["Creation Time"] == datetime(2019, 4, 25, 9, 30, 9, tzinfo=INSTRUMENTS_ZONE).isoformat()
