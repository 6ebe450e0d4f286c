"""A crate as a document: RO-Crate 1.3, detached, which holds for a file that lies among others and is handed on.

The same source, addresses, facts and licence give the same bytes: no time of building, no host, no random id.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.records.crates import actions, files, subjects
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.entities import Entity, one_line, reference, single
from nexuslims_core.records.crates.models import CrateSource, RecordFiles
from nexuslims_core.records.crates.people import people, references
from nexuslims_core.schemas import NEXUS_NAMESPACE

if TYPE_CHECKING:  # importing it takes longer than all else that is done here
    from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]  # has no types


@dataclass(frozen=True, slots=True, kw_only=True)
class CrateContents:
    """All that a crate tells.

    Attributes
    ----------
    facts
        What is known on disk of the files of ``source``, of those that are there.
    zone
        In which times of files are told.
    licence
        An address on the web, or a sentence.
    """

    source: CrateSource
    record: RecordFiles
    facts: files.Facts
    addresses: Addresses
    zone: ZoneInfo
    licence: str


def to_crate(contents: CrateContents) -> bytes:
    """Return the crate's metadata document as JSON-LD in UTF-8, one entity a line.

    Raises
    ------
    UnsafePathError
        If a file does not lie below its root.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(root_dataset_id=_root_id(contents.source))
    record = files.record_entities(contents.record, contents.addresses)
    data = tuple(chain(record, _data(contents)))
    _add(crate, data, _context(contents, [each["@id"] for each in record]))
    _describe(crate, contents, record[0])
    return _written(crate)


def _root_id(source: CrateSource) -> str:
    """Return an id that is the session's own wherever the crate is taken, so that two crates never become one."""
    names = (quote(text, safe="", errors="surrogatepass") for text in _names(source))
    return f"arcp://uuid,{uuid5(NAMESPACE_URL, '/'.join((NEXUS_NAMESPACE, *names)))}/"


def _names(source: CrateSource) -> tuple[str, str]:
    return source.summary.instrument_pid, source.session_identifier


def _data(contents: CrateContents) -> Iterator[Entity]:
    for file in contents.source.files:
        yield from files.file_entities(file, contents.addresses, contents.facts, contents.zone)


def _context(contents: CrateContents, record_ids: list[str]) -> Iterator[Entity]:
    source, addresses, facts = contents.source, contents.addresses, contents.facts
    instrument = subjects.instrument_entity(source.summary)
    yield from people((*source.summary.experimenters, *source.summary.collaborators))
    yield instrument
    yield from map(subjects.sample_entity, source.samples)
    yield from (subjects.project_entity(project, i) for i, project in enumerate(source.projects, start=1))
    yield subjects.licence_entity(contents.licence)
    yield from actions.software_entities(source)
    yield actions.session_entity(source, instrument, addresses, facts)
    yield from actions.activity_entities(source, instrument, addresses, facts)
    yield from actions.reading_entities(source, addresses, facts)
    yield actions.building_entity(record_ids)


def _add(crate: "ROCrate", data: Iterable[Entity], context: Iterable[Entity]) -> None:
    """Put entities into the crate; the first of an id stays, since trees served at one address may share a name."""
    from rocrate.model.contextentity import ContextEntity  # type: ignore[import-untyped]  # has no types
    from rocrate.model.data_entity import DataEntity  # type: ignore[import-untyped]  # has no types

    for kind, entities in ((DataEntity, data), (ContextEntity, context)):
        for entity in entities:
            if entity["@id"] not in crate:
                crate.add(kind(crate, entity["@id"], properties=entity))


def _describe(crate: "ROCrate", contents: CrateContents, xml: Entity) -> None:
    """Say on the crate's root what all of it is; ``datePublished`` is the end of the session, see decision 12."""
    source = contents.source
    summary = source.summary
    told: dict[str, object] = {
        "name": one_line(source.name),
        "description": _description(source),
        "identifier": list(dict.fromkeys(map(one_line, (source.session_identifier, source.record_id)))),
        "datePublished": source.end.isoformat(),
        "temporalCoverage": f"{source.start.isoformat()}/{source.end.isoformat()}",
        "license": reference(subjects.licence_entity(contents.licence)["@id"]),
        "creator": references(people(summary.experimenters)),
        "contributor": references(people(summary.collaborators)),
        "about": [reference(subjects.sample_id(sample)) for sample in source.samples],
        "mainEntity": reference(xml["@id"]),
        "mentions": _mentioned(crate, source),
    }
    for name, value in told.items():
        if value:
            crate.root_dataset[name] = single(value)


def _mentioned(crate: "ROCrate", source: CrateSource) -> list[Entity]:
    projects = [f"#project-{i}" for i in range(1, len(source.projects) + 1)]
    done = [entity.id for entity in crate.get_entities() if entity.type == "CreateAction"]
    return [reference(identifier) for identifier in (*projects, *done)]


def _description(source: CrateSource) -> str:
    count, activities = sum(1 for _ in source.files), len(source.activities)
    told = (
        f"A session on the {one_line(source.summary.instrument)} from {source.start.isoformat()} to "
        f"{source.end.isoformat()}: {count} files in {activities} acquisition activities."
    )
    return "\n".join(filter(None, (clean_text(source.summary.motivation or ""), told)))


def _written(crate: "ROCrate") -> bytes:
    document = crate.metadata.generate()
    graph = ",\n".join(json.dumps(entity, ensure_ascii=False) for entity in document["@graph"])
    return f'{{"@context": {json.dumps(document["@context"])}, "@graph": [\n{graph}\n]}}\n'.encode()
