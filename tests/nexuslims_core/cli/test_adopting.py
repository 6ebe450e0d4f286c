import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.writers.nexuslims_database import NexusLimsDatabase
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

TEN, NOON = "2026-03-02T05:00:00", "2026-03-02T07:00:00"
"""Of the sessions of the lab, as the clock beside its Titan shows them."""


@pytest.fixture
def old(tmp_path: Path) -> NexusLimsDatabase:
    made = NexusLimsDatabase.make(tmp_path / "old" / "nexuslims_db.sqlite", 2)
    made.instrument()
    return made


def test_says_what_came_over_what_was_healed_and_what_was_left(
    lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase
) -> None:
    old.instrument(instrument_pid="Quanta", api_url="x", filestore_path="/Quanta", display_name="Quanta 200")
    old.session("s1", TEN, NOON)
    old.session("s2", "2019-11-03T01:50:00", "2019-11-03T01:10:00", "COMPLETED")
    old.session("s3", TEN, NOON, instrument="nobody")

    said = nexuslims("db", "adopt", old.path)

    assert said.code == 0
    assert f"{old.path} is a database of NexusLIMS 2, with receipts of uploads." in said.out
    assert re.search(r"^sessions +2 +0 +0 +1 +1$", said.out, re.MULTILINE)
    assert "healed: instruments: Quanta: Its folder '/Quanta' is read below the file store, as ./Quanta." in said.out
    assert "left: sessions: s3: its instrument 'nobody' is not in the new database" in said.out
    assert said.out.endswith(
        "Its sessions stand here: 1 COMPLETED, 1 TO_BE_BUILT.\n"
        "Stop the old NexusLIMS before you let this one build: 1 waits for the next run.\n"
    )
    assert lab.database.session("s1").user == "ada"


def test_json_says_the_same_in_one_document(lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase) -> None:
    old.session("s1", TEN, "2026-02-30T00:00:00")

    said = nexuslims("db", "adopt", old.path, "--json")

    assert (said.code, said.err) == (0, "")
    assert said.document["into"] == str(lab.data / "nexuslims.sqlite")
    assert said.document["counts"]["instruments"]["already_there"] == 1
    assert [(note["fate"], note["name"]) for note in said.document["notes"]] == [("left", "s1")]


def test_a_sentence_that_is_true_of_many_is_said_once(lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase) -> None:
    for number in range(8):
        old.session(f"s{number}", TEN, NOON, instrument="nobody")

    said = nexuslims("db", "adopt", old.path)

    assert "left: sessions: s0, s1, s2, s3, s4 and 3 more (--json names all): its instrument 'nobody'" in said.out
    assert lab.database.sessions() == ()


def test_makes_the_database_that_into_names(
    lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase, tmp_path: Path
) -> None:
    old.session("s1", TEN, NOON)

    said = nexuslims("db", "adopt", old.path, "--into", f"sqlite:///{tmp_path}/new/here.db", "--json")

    assert (said.code, said.document["into"]) == (0, f"{tmp_path}/new/here.db")
    assert lab.database.sessions() == ()


def test_the_old_file_is_no_place_to_adopt_into(lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase) -> None:
    before = sha256(old.path.read_bytes()).digest()

    said = nexuslims("db", "adopt", old.path, "--into", f"sqlite:///{old.path}")

    assert (said.code, lab.database.sessions()) == (1, ())
    assert "would be adopted into itself: set NEXUSLIMS_DB_URL to a new database" in said.err
    assert sha256(old.path.read_bytes()).digest() == before


@pytest.mark.usefixtures("lab")
def test_the_database_that_the_old_settings_name_is_no_place_either(
    nexuslims: Nexuslims, old: NexusLimsDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NX_DB_PATH", str(old.path))
    before = sha256(old.path.read_bytes()).digest()

    said = nexuslims("db", "adopt", old.path)

    assert (said.code, "would be adopted into itself" in said.err) == (1, True)
    assert sha256(old.path.read_bytes()).digest() == before


@pytest.mark.usefixtures("lab")
def test_a_file_that_is_none_is_named(nexuslims: Nexuslims, tmp_path: Path) -> None:
    said = nexuslims("db", "adopt", tmp_path / "absent.db")

    assert (said.code, said.out) == (1, "")
    assert "there is no file" in said.err


def test_the_exit_code_says_when_nothing_could_be_taken(
    nexuslims: Nexuslims, old: NexusLimsDatabase, tmp_path: Path, lab: Lab
) -> None:
    old.run("UPDATE instruments SET timezone = 'Mars/Base'")
    old.session("s1", TEN, NOON)

    said = nexuslims("db", "adopt", old.path, "--into", f"sqlite:///{tmp_path}/empty.db")

    assert (said.code, lab.database.sessions()) == (1, ())
    assert "its time zone 'Mars/Base' does not exist" in said.out


def test_why_tells_how_a_session_was_healed(lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase) -> None:
    old.session("s1", "2019-11-03T01:50:00", "2019-11-03T01:10:00", "COMPLETED")
    nexuslims("db", "adopt", old.path)

    said = nexuslims("sessions", "why", "s1")

    assert "came twice" in said.out
    assert len(lab.database.findings("s1")) == 2


def test_text_of_the_old_file_does_nothing_to_the_terminal(
    lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase
) -> None:
    old.session("s1", TEN, NOON, instrument="\x1b[2Jnobody")

    said = nexuslims("db", "adopt", old.path)

    assert "\x1b" not in said.out
    assert lab.database.sessions() == ()


Held = Callable[[str], list[tuple[int, str]]]


@pytest.fixture
def held(cdcs: CdcsServer) -> Held:
    """Everybody's records of a title, as CDCS's administrator sees them."""

    def look(title: str) -> list[tuple[int, str]]:
        signed = {"Authorization": f"Token {cdcs.admin_token}"}
        reply = requests.get(f"{cdcs.url}/rest/admin/data/", {"title": title}, headers=signed, timeout=30)
        found = reply.json()
        return [(each["id"], each["xml_content"]) for each in (found["results"] if isinstance(found, dict) else found)]

    return look


def test_a_rebuild_replaces_the_record_that_nexuslims_published(
    lab: Lab, nexuslims: Nexuslims, old: NexusLimsDatabase, published: CdcsServer, held: Held, build: Build
) -> None:
    identifier = f"{uuid4().hex}-by-hand"
    their_title = f"2026-03-02_FEI-Titan-TEM-635816_{identifier.split('-')[0]}"
    number = _as_nexuslims(published, their_title)
    old.run("UPDATE instruments SET harvester = 'sharepoint'")
    old.session(identifier, TEN, NOON, "COMPLETED")
    old.receipt(identifier, record_id=str(number), record_url=f"{published.url}/data?id={number}")
    lab.two_activities()

    nexuslims("db", "adopt", old.path)
    nexuslims("sessions", "requeue", identifier, "--reason", "a better record")
    report = build(identifier)

    assert report.receipt is not None
    assert report.receipt.record_id == str(number)
    assert held(their_title) == []
    assert [number for number, xml in held(report.record.stem) if "acquisitionActivity" in xml] == [number]


def _as_nexuslims(cdcs: CdcsServer, title: str) -> int:
    """Publish a record as NexusLIMS does, and return its number."""
    xml = f'<Experiment xmlns="{NEXUS_NAMESPACE}"><title>Theirs</title><summary/></Experiment>'
    record = {"title": title, "template": cdcs.template, "workspace": cdcs.workspace, "xml_content": xml}
    signed = {"Authorization": f"Token {cdcs.token}"}
    reply = requests.post(f"{cdcs.url}/rest/data/", json=record, headers=signed, timeout=30)
    assert reply.status_code == 201, reply.text
    return int(reply.json()["id"])
