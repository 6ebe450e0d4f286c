"""What was done in a crate, with what and by whom: the session, its activities, the reading of files, the record."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.entities import Entity, local_id, one_line, reference, stated
from nexuslims_core.records.crates.files import Facts, raw_id, written_files
from nexuslims_core.records.crates.models import CrateFile, CrateSource, Software
from nexuslims_core.records.crates.people import people, references
from nexuslims_core.records.crates.subjects import sample_id

PROGRAM_ID = "#nexuslims"
LIBRARY_ID = "#rosettasciio"
_LIBRARY_URL = "https://hyperspy.org/rosettasciio/"


def session_entity(source: CrateSource, instrument: Entity, addresses: Addresses, facts: Facts) -> Entity:
    """Return the session as the action that created all raw files."""
    summary = source.summary
    return stated(
        "CreateAction",
        "#session",
        name=f"Session on the {one_line(summary.instrument)}",
        startTime=source.start.isoformat(),
        endTime=source.end.isoformat(),
        agent=references(people(summary.experimenters)),
        participant=references(people(summary.collaborators)),
        instrument=reference(instrument["@id"]),
        object=[reference(sample_id(each)) for each in source.samples],
        result=_results(source.files, addresses, facts),
    )


def activity_entities(source: CrateSource, instrument: Entity, addresses: Addresses, facts: Facts) -> Iterator[Entity]:
    """Return each activity of the session as an action that created some of the files."""
    for activity in source.activities:
        yield stated(
            "CreateAction",
            f"#activity-{activity.seqno}",
            name=f"Acquisition activity {activity.seqno + 1} of {len(source.activities)}",
            startTime=activity.start.isoformat(),
            endTime=activity.end.isoformat(),
            agent=references(people(source.summary.experimenters)),
            instrument=reference(instrument["@id"]),
            object=[reference(sample_id(each)) for each in source.samples if each.sample_id == activity.sample_id],
            result=_results(activity.files, addresses, facts),
        )


def reading_entities(source: CrateSource, addresses: Addresses, facts: Facts) -> Iterator[Entity]:
    """Return, for each reader, the action that made previews and metadata of the files that it read."""
    files: defaultdict[str, list[CrateFile]] = defaultdict(list)
    for file in source.files:
        for name in {reading.reader: None for reading in file.readings}:
            files[name].append(file)
    for reader in source.readers:
        read = files[reader.name]
        yield stated(
            "CreateAction",
            local_id("reading", reader.name),
            name=f"Metadata and previews made by the reader {one_line(reader.name)}",
            instrument=[reference(_reader_id(reader)), reference(PROGRAM_ID)],
            object=[reference(raw_id(file, addresses, facts)) for file in read],
            result=[reference(addresses.written(path)) for file in read for path in written_files(file)],
        )


def building_entity(record_ids: Iterable[str]) -> Entity:
    """Return the action that made the record."""
    made = [reference(identifier) for identifier in record_ids]
    return stated("CreateAction", "#building", name="The record built", instrument=reference(PROGRAM_ID), result=made)


def software_entities(source: CrateSource) -> Iterator[Entity]:
    """Return the program, the library that it reads files with, and each reader, with their versions."""
    program, library = source.program, source.library
    yield stated(
        "SoftwareApplication",
        PROGRAM_ID,
        name="NexusLIMS",
        url=f"pkg:generic/{program.name}@{program.version}",
        version=program.version,
        softwareRequirements=reference(LIBRARY_ID),
    )
    yield stated("SoftwareApplication", LIBRARY_ID, name="RosettaSciIO", url=_LIBRARY_URL, version=library.version)
    for reader in source.readers:
        yield stated("CreativeWork", _reader_id(reader), name=f"Reader {one_line(reader.name)}", version=reader.version)


def _reader_id(reader: Software) -> str:
    return local_id("reader", reader.name)


def _results(files: Iterable[CrateFile], addresses: Addresses, facts: Facts) -> list[Entity]:
    return [
        reference(identifier)
        for file in files
        for identifier in (raw_id(file, addresses, facts), *(addresses.raw(part) for part in file.parts))
    ]
