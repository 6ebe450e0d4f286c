"""A crate as a document: RO-Crate 1.3, detached, which holds for a file that lies among others and is handed on.

The same source, addresses, facts and licence give the same bytes: no time of building, no host, no random id.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.records.crates import actions, files, subjects
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.entities import Entity, one_line, reference, said
from nexuslims_core.records.crates.models import CrateSource, RecordFiles
from nexuslims_core.records.crates.people import people, references
from nexuslims_core.schemas import NEXUS_NAMESPACE

SPECIFICATION = "https://w3id.org/ro/crate/1.3"
"""The version of RO-Crate that is written."""


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
    record = files.record_entities(contents.record, contents.addresses)
    data = _first_of_each(chain(record, _data(contents)))
    context = _first_of_each(_context(contents, [each["@id"] for each in record]))
    root = _root(contents, record[0], tuple(data), [each["@id"] for each in context.values() if _is_done(each)])
    return _written(_first_of_each((root, _descriptor(root), *data.values(), *context.values())).values())


def _first_of_each(entities: Iterable[Entity]) -> dict[str, Entity]:
    """Return entities by id; the first of an id stays, since trees served at one address may share a name."""
    found: dict[str, Entity] = {}
    for entity in entities:
        found.setdefault(entity["@id"], entity)
    return found


def _is_done(entity: Entity) -> bool:
    return bool(entity["@type"] == "CreateAction")


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


def _descriptor(root: Entity) -> Entity:
    """Return what makes a file of JSON-LD a crate: the entity by which readers find its root."""
    about, profile = reference(root["@id"]), reference(SPECIFICATION)
    return {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "conformsTo": profile, "about": about}


def _root(contents: CrateContents, xml: Entity, parts: Iterable[str], done: Iterable[str]) -> Entity:
    """Return what is said of all of the crate; ``datePublished`` is the end of the session, see decision 12."""
    source = contents.source
    summary = source.summary
    projects = [f"#project-{i}" for i in range(1, len(source.projects) + 1)]
    return {
        "@id": _root_id(source),
        "@type": "Dataset",
        "datePublished": source.end.isoformat(),
        "hasPart": [reference(part) for part in parts],
        **said(
            name=one_line(source.name),
            description=_description(source),
            identifier=list(dict.fromkeys(map(one_line, (source.session_identifier, source.record_id)))),
            temporalCoverage=f"{source.start.isoformat()}/{source.end.isoformat()}",
            license=reference(subjects.licence_entity(contents.licence)["@id"]),
            creator=references(people(summary.experimenters)),
            contributor=references(people(summary.collaborators)),
            about=[reference(subjects.sample_id(sample)) for sample in source.samples],
            mainEntity=reference(xml["@id"]),
            mentions=[reference(identifier) for identifier in (*projects, *done)],
        ),
    }


def _description(source: CrateSource) -> str:
    count, activities = sum(1 for _ in source.files), len(source.activities)
    told = (
        f"A session on the {one_line(source.summary.instrument)} from {source.start.isoformat()} to "
        f"{source.end.isoformat()}: {count} files in {activities} acquisition activities."
    )
    return "\n".join(filter(None, (clean_text(source.summary.motivation or ""), told)))


def _written(graph: Iterable[Entity]) -> bytes:
    lines = ",\n".join(json.dumps(entity, ensure_ascii=False) for entity in graph)
    return f'{{"@context": {json.dumps(f"{SPECIFICATION}/context")}, "@graph": [\n{lines}\n]}}\n'.encode()
