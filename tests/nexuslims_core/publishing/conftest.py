"""Fixtures of every test of a destination: records to put, and destinations with a way to see what they hold."""

import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from nexuslims_core.publishing.base import RecordStore
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.publishing.folder import FolderStore
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.servers.cdcs_admin import CdcsAdmin
from tests.servers.faulty_proxy import FaultyProxy

WriteRecord = Callable[..., bytes]
Held = Callable[[str], list[dict[str, Any]]]
MakeStore = Callable[..., CdcsStore]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A destination, and what it holds under a title seen from outside: (id, bytes) of each record.

    ``touched`` says when it last changed what it holds under a title.
    """

    store: RecordStore
    held: Callable[[str], list[tuple[str, bytes]]]
    touched: Callable[[str], object]


@pytest.fixture
def title() -> str:
    return f"2026-11-22_FEI-Titan-STEM-{uuid4().hex[:12]}"


@pytest.fixture
def write_record() -> WriteRecord:
    """Write a valid record; ``extra`` is put before its summary as it is."""

    def write(motivation: str = "Größe & <Ω> of grains", extra: str = "") -> bytes:
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Experiment xmlns="{NEXUS_NAMESPACE}">\n  <title>Grains</title>{extra}\n  <summary>'
            f"<experimenter>Ada Lovelace</experimenter><motivation>{escape(motivation)}</motivation>"
            "</summary>\n</Experiment>\n"
        ).encode()

    return write


@pytest.fixture
def admin(cdcs: CdcsServer) -> CdcsAdmin:
    """The real CDCS as its administrator sees and changes it."""
    return CdcsAdmin(server=cdcs)


@pytest.fixture
def held(admin: CdcsAdmin) -> Held:
    """Everybody's records of a title."""
    return admin.held


@pytest.fixture
def make_store(cdcs: CdcsServer) -> MakeStore:
    """Make a store of the real CDCS that waits shortly between its tries; what is given replaces that."""

    def make(**given: Any) -> CdcsStore:
        credentials = {} if {"token", "user"} & given.keys() else {"token": cdcs.token}
        return CdcsStore(**{"url": cdcs.url, "pauses_s": (0.05, 0.05, 0.05), **credentials, **given})

    return make


@pytest.fixture
def proxy(cdcs: CdcsServer) -> Iterator[FaultyProxy]:
    """A proxy before the real CDCS that passes everything on until a test gives it faults."""
    with FaultyProxy(cdcs.url) as running:
        yield running


ON_SERVERS = [pytest.param(name, marks=pytest.mark.server) for name in ("cdcs", "cdcs_on_postgresql")]


@pytest.fixture(params=[*ON_SERVERS, "folder"])
def destination(request: pytest.FixtureRequest) -> Destination:
    """Every destination in turn: a new one adds its name to the parameters and a fixture ``<name>_destination``."""
    found: Destination = request.getfixturevalue(f"{request.param}_destination")
    return found


@pytest.fixture
def cdcs_destination(cdcs: CdcsServer) -> Destination:
    return _destination(cdcs)


@pytest.fixture
def cdcs_on_postgresql_destination(cdcs_on_postgresql: CdcsServer) -> Destination:
    return _destination(cdcs_on_postgresql)


def _destination(server: CdcsServer) -> Destination:
    admin = CdcsAdmin(server=server)

    def look(title: str) -> list[tuple[str, bytes]]:
        return [(str(record["id"]), record["xml_content"].encode()) for record in admin.held(title)]

    def touched(title: str) -> list[str]:
        return [record["last_modification_date"] for record in admin.held(title)]

    store = CdcsStore(url=server.url, token=server.token, pauses_s=(0.05, 0.05, 0.05))
    return Destination(store=store, held=look, touched=touched)


@pytest.fixture
def site(tmp_path: Path) -> FolderStore:
    """A folder of records that is not there yet; what the records link to is taken from ``data`` beside it."""
    return FolderStore(root=tmp_path / "site", data_path=tmp_path / "data", dataset_base="https://files.example.org")


@pytest.fixture
def folder_destination(site: FolderStore) -> Destination:
    """The folder, looked at by the links of its index alone, as a visitor does."""

    def files(title: str) -> list[tuple[str, Path]]:
        index = etree.parse(site.root / "index.html", etree.HTMLParser())
        links = [urllib.parse.unquote(str(link)) for link in index.xpath("//tbody//a/@href")]
        found = [site.root / link for link in links if link.endswith(".xml")]
        return [(path.stem, path) for path in found if path.stem == title]

    def look(title: str) -> list[tuple[str, bytes]]:
        return [(name, path.read_bytes()) for name, path in files(title)] if site.root.exists() else []

    def touched(title: str) -> list[int]:
        pages = [site.root / "index.html", *(each for _, path in files(title) for each in path.parent.rglob("*"))]
        return [path.stat().st_mtime_ns for path in pages]

    return Destination(store=site, held=look, touched=touched)
