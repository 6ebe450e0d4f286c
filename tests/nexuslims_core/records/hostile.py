"""Strategies for records, and for all that one is put together from, whose texts, times and names hold anything."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from nexuslims_core.activities.models import Activity, Grouping
from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Metadata, Unreadable
from nexuslims_core.files.models import FoundFile, Unsearched
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.quantities import Quantity
from nexuslims_core.records.models import (
    Note,
    Parameter,
    Record,
    RecordActivity,
    RecordDataset,
    RecordSample,
    Summary,
)
from nexuslims_core.reservations.models import Project, Reservation, ReservationMatch, Sample
from nexuslims_core.sessions.models import Session

hostile = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
"""How often a property is tried with such records: each takes a while to be made."""

FILESTORE, DATA_PATH = Path("/file store"), Path("/nexus")

ANY_CHARACTER = st.characters(exclude_categories=())
SPICE = st.sampled_from(
    [
        "",
        " ",
        "\u3000",
        "]]>",
        "<a href='x'>&amp;",
        "<?xml?>",
        "\x00\x0b\ufffe",
        "\x85\u2028\x9f",
        "\udcff",
        "\ud83d",
        "\r\n\t  ",
        "<!--",
        "%",
        "%zz",
        "\U0001f600",
        "\U0010ffff",
    ]
)
LONG = st.sampled_from(["é", "x ", "\x00&"]).map(lambda text: text * 5000)
TEXT = st.one_of(st.text(ANY_CHARACTER, max_size=12), SPICE, st.builds(str.__add__, SPICE, SPICE), LONG)
ADDRESS = st.one_of(TEXT, TEXT.map("https://example.org/".__add__), TEXT.map("https://".__add__))
OFFSETS = st.timedeltas(min_value=timedelta(hours=-23), max_value=timedelta(hours=23))
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MOMENTS = st.datetimes(timezones=OFFSETS.map(timezone)) | st.builds(
    datetime.replace, st.sampled_from([FIRST, LAST]), tzinfo=OFFSETS.map(timezone)
)


def some(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


NOTES = st.builds(Note, source=TEXT, paragraphs=some(TEXT))
PARAMETERS = st.builds(Parameter, name=TEXT, value=TEXT, unit=st.none() | TEXT, warning=st.booleans())
DATASETS = st.builds(
    RecordDataset,
    name=TEXT,
    location=TEXT,
    dataset_type=st.sampled_from(DatasetType),
    file_format=st.none() | TEXT,
    descriptions=some(TEXT),
    preview=st.none() | TEXT,
    metadata_file=st.none() | TEXT,
    meta=some(PARAMETERS),
)
ACTIVITIES = st.builds(
    RecordActivity,
    seqno=st.integers(0, 10**20),
    start=MOMENTS,
    sample_id=st.none() | TEXT,
    setup=some(PARAMETERS),
    datasets=some(DATASETS),
    notes=some(NOTES),
)
SAMPLES = st.builds(
    Sample,
    name=st.none() | TEXT,
    ref=st.none() | ADDRESS,
    description=some(TEXT),
    elements=some(TEXT | st.sampled_from(["Fe", "fe", "Xx"])),
)
SUMMARIES = st.builds(
    Summary,
    instrument=TEXT,
    instrument_pid=TEXT,
    experimenters=some(TEXT),
    collaborators=some(TEXT),
    reservation_start=st.none() | MOMENTS,
    reservation_end=st.none() | MOMENTS,
    motivation=st.none() | TEXT,
    url=st.none() | ADDRESS,
)
PROJECTS = st.builds(
    Project,
    name=st.none() | TEXT,
    division=st.none() | TEXT,
    group=st.none() | TEXT,
    project_id=st.none() | TEXT,
    ref=st.none() | ADDRESS,
)
RECORDS = st.builds(
    Record,
    pid=TEXT,
    title=TEXT,
    record_id=TEXT,
    summary=SUMMARIES,
    samples=some(st.builds(RecordSample, sample_id=TEXT, sample=SAMPLES)),
    projects=some(PROJECTS),
    activities=some(ACTIVITIES),
    notes=some(NOTES),
)

ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Europe/Amsterdam"])
STRETCHES = st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2, unique=True).map(sorted)
ENDS = st.sampled_from([[LAST - timedelta(1), LAST]]) | st.sampled_from([[FIRST, FIRST + timedelta(1)]])


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    begun, ended = draw(STRETCHES | ENDS)
    no_nul = TEXT.map(lambda text: text.replace("\0", ""))
    instrument = Instrument(
        instrument_pid=draw(no_nul), schema_name=draw(no_nul), filestore_path="./x", timezone=draw(ZONES)
    )
    return Session(
        session_identifier=draw(TEXT),
        instrument=instrument,
        dt_from=begun,
        dt_to=ended,
        user=draw(st.none() | TEXT),
        remarks=draw(some(TEXT)),
    )


@st.composite
def reservations(draw: st.DrawFn) -> Reservation:
    begun, ended = draw(STRETCHES | ENDS)
    return Reservation(
        reservation_id=draw(TEXT),
        start=begun,
        end=ended,
        title=draw(st.none() | TEXT),
        experimenters=draw(some(TEXT)),
        collaborators=draw(some(TEXT)),
        motivation=draw(st.none() | TEXT),
        samples=draw(some(SAMPLES)),
        projects=draw(some(PROJECTS)),
        url=draw(st.none() | ADDRESS),
    )


NUMBERS = (
    st.floats()
    | st.integers()
    | st.just(5000).map(lambda digits: 10**digits)
    | st.sampled_from([-(2**70), 1e308, 5e-324, -0.0])
)
UNITS = TEXT.filter(bool)
FINITE = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63)
VALUES = TEXT | NUMBERS | st.booleans() | st.builds(Quantity, value=FINITE, unit=UNITS)
LABELS = TEXT | st.sampled_from(["Voltage", "Data Type", "DatasetType", "Creation Time", "warnings"])
METADATA = st.builds(
    Metadata,
    dataset_type=st.sampled_from(DatasetType),
    data_type=TEXT,
    creation_time=st.none() | MOMENTS,
    entries=st.dictionaries(LABELS, VALUES, max_size=4),
    warnings=some(LABELS),
    notes=some(TEXT),
)
FILE_NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: not set(name) & set(b"/\0") and name not in {b".", b".."}
)
MTIMES = st.floats(0, 4e9) | st.sampled_from([float("nan"), float("inf"), -1e300, 1e18, -1e12])


def _outcome(draw: st.DrawFn, file: FoundFile) -> Extracted | Unreadable:
    if draw(st.booleans()):
        return Unreadable(file=file, reason=draw(TEXT))
    relative = file.path.relative_to(FILESTORE)
    datasets = tuple(
        Dataset(
            name=draw(TEXT),
            metadata=draw(METADATA),
            extractor="x",
            preview=draw(st.sampled_from([None, DATA_PATH / relative])),
            json=draw(st.sampled_from([None, DATA_PATH / relative])),
        )
        for _ in range(draw(st.integers(1, 2)))
    )
    return Extracted(file=file, datasets=datasets)


@st.composite
def ingredients(draw: st.DrawFn) -> dict[str, Any]:
    """Return the arguments of ``assemble``."""
    names = draw(st.lists(FILE_NAMES, max_size=4, unique=True))
    files = [
        FoundFile(
            path=FILESTORE / "a b" / os.fsdecode(name),
            size=0,
            mtime=draw(MTIMES),
            parts=tuple(FILESTORE / os.fsdecode(part) for part in draw(some(FILE_NAMES))),
        )
        for name in names
    ]
    cut = draw(st.integers(0, len(files)))
    groups = [tuple(group) for group in (files[:cut], files[cut:]) if group]
    return {
        "session": draw(sessions()),
        "match": ReservationMatch(reservation=draw(st.none() | reservations()), explanation=draw(TEXT)),
        "grouping": Grouping(
            activities=tuple(Activity(seqno=seqno, files=group) for seqno, group in enumerate(groups)),
            explanation=draw(TEXT),
        ),
        "outcomes": tuple(_outcome(draw, file) for file in files),
        "unsearched": draw(some(st.builds(Unsearched, path=TEXT.map(Path), reason=TEXT))),
        "filestore": FILESTORE,
        "data_path": DATA_PATH,
    }
