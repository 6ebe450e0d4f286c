"""Crates of the sessions that the tests of records build, as they are before anything lies on disk."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nexuslims_core.activities.models import Activity, Grouping
from nexuslims_core.datasets.models import Outcome
from nexuslims_core.extractors.choosing import catalogue
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.documents import CrateContents, to_crate
from nexuslims_core.records.crates.models import CrateSource, FileFacts, RecordFiles
from nexuslims_core.records.crates.sources import crate_source
from nexuslims_core.records.models import Record
from nexuslims_core.reservations.models import Reservation
from nexuslims_core.sessions.models import Session
from tests.nexuslims_core.records.conftest import DATA_PATH, FILESTORE

Graph = dict[str, dict[str, Any]]
Source = Callable[..., CrateSource]
Crate = Callable[..., bytes]


@pytest.fixture
def source(session: Session, assembled: Callable[..., Record]) -> Source:
    """Return the source of a crate of one activity: ``source(outcome, …, reservation=…)``."""

    def made(*outcomes: Outcome, reservation: Reservation | None = None) -> CrateSource:
        files = tuple(outcome.file for outcome in outcomes)
        activities = (Activity(seqno=0, files=files),) if files else ()
        record = assembled(*outcomes, reservation=reservation)
        grouping = Grouping(activities=activities, explanation="One.")
        return crate_source(session, record, grouping, outcomes, catalogue().versions)

    return made


@pytest.fixture
def contents(session: Session, source: Source) -> Callable[..., CrateContents]:
    """Return what a crate tells; fields of CrateContents may be given by name."""

    def made(*outcomes: Outcome, reservation: Reservation | None = None, **given: Any) -> CrateContents:
        folder = DATA_PATH / "records" / "2019"
        known = FileFacts(size=7, sha256="0" * 64)
        usual = CrateContents(
            source=source(*outcomes, reservation=reservation),
            record=RecordFiles(xml=(folder / "title.xml", known), page=(folder / "title.html", known)),
            facts={},
            addresses=Addresses(filestore=FILESTORE, data_path=DATA_PATH),
            zone=session.instrument.zone,
            licence="Ask Ada.",
        )
        return replace(usual, **given)

    return made


@pytest.fixture
def crate(contents: Callable[..., CrateContents]) -> Crate:
    """Return the bytes of a crate."""
    return lambda *outcomes, **given: to_crate(contents(*outcomes, **given))


@pytest.fixture
def graph(crate: Crate) -> Callable[..., Graph]:
    """Return the entities of a crate by their ids, of which none may come twice."""
    return lambda *outcomes, **given: entities(crate(*outcomes, **given))


def entities(crate: bytes | Path) -> Graph:
    listed = json.loads(crate.read_bytes() if isinstance(crate, Path) else crate)["@graph"]
    found = {entity["@id"]: entity for entity in listed}
    assert len(found) == len(listed)
    return found


def root_of(graph: Graph) -> dict[str, Any]:
    return graph[graph["ro-crate-metadata.json"]["about"]["@id"]]
