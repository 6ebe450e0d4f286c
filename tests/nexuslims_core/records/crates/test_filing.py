import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.reading.hashing import Hasher
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.filing import Filing, crate_path, file_crate
from nexuslims_core.records.crates.models import CrateActivity, CrateFile, CrateSource, Reading
from nexuslims_core.sessions.models import Session
from tests.nexuslims_core.records.crates.conftest import entities, root_of

LONG_AGO = 1_600_000_000


@pytest.fixture
def filing(tmp_path: Path, session: Session) -> Filing:
    for name in ("store", "data/records"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/records/title.xml").write_bytes(b"<xml/>")
    (tmp_path / "data/records/title.html").write_bytes(b"<html>")
    return Filing(
        addresses=Addresses(filestore=tmp_path / "store", data_path=tmp_path / "data"),
        zone=session.instrument.zone,
        licence="Ask Ada.",
        seal=tmp_path / "data/seal.json",
    )


@pytest.fixture
def hashing(filing: Filing, tmp_path: Path) -> Filing:
    return replace(filing, hasher=Hasher(folder=tmp_path / "data/kept", rate=1e12))


@pytest.fixture
def on_disk(tmp_path: Path, session: Session, source: Callable[..., CrateSource]) -> Callable[..., CrateSource]:
    """Return the source of a session of one file, ``a.dm3``, with its preview and its companion."""

    def made(content: bytes = b"pixels") -> CrateSource:
        raw, part, preview = tmp_path / "store/a.dm3", tmp_path / "store/a.ser", tmp_path / "data/a.dm3.thumb.png"
        for path in (raw, part, preview):
            path.write_bytes(content)
            os.utime(path, (LONG_AGO, LONG_AGO))
        file = CrateFile(
            path=raw,
            size=len(content),
            mtime=LONG_AGO,
            parts=(part,),
            readings=(Reading(reader="test", data_type="Image", preview=preview),),
        )
        activity = CrateActivity(seqno=0, start=session.dt_from, end=session.dt_to, files=(file,))
        return replace(source(), activities=(activity,))

    return made


OnDisk = Callable[..., CrateSource]


def _file(filing: Filing, source: CrateSource) -> Path:
    xml = filing.addresses.data_path / "records/title.xml"
    return file_crate(filing, source, xml, xml.with_suffix(".html"))


def test_a_crate_lies_beside_its_record_and_knows_it_by_its_digest(filing: Filing, on_disk: OnDisk) -> None:
    path = _file(filing, on_disk())

    found = entities(path)
    xml = found[root_of(found)["mainEntity"]["@id"]]
    assert path == filing.addresses.data_path / "records/title-ro-crate-metadata.json"
    assert (xml["name"], xml["sha256"], xml["contentSize"]) == ("title.xml", sha256(b"<xml/>"), "6")


def test_without_hashing_files_are_told_by_size_alone(filing: Filing, on_disk: OnDisk) -> None:
    found = entities(_file(filing, on_disk()))

    files = [entity for entity in found.values() if entity["@type"] == "File"]
    assert [file["contentSize"] for file in files if "sha256" not in file] == ["6", "6", "6"]


def test_a_crate_that_says_just_that_is_left_as_it_is(filing: Filing, on_disk: OnDisk) -> None:
    before = _file(filing, on_disk()).stat()

    after = _file(filing, on_disk()).stat()

    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_crate_that_another_hand_changed_is_written_again(filing: Filing, on_disk: OnDisk) -> None:
    path = _file(filing, on_disk())
    whole = path.read_bytes()
    path.write_bytes(b"{}")

    _file(filing, on_disk())

    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "change",
    [
        lambda filing: replace(filing, licence="Ask Ben."),
        lambda filing: replace(filing, addresses=replace(filing.addresses, dataset_base="https://lab.example.org")),
        lambda filing: replace(filing, hasher=Hasher(folder=filing.seal.parent / "kept", rate=1e12)),
    ],
    ids=["the licence", "where files are served", "hashing"],
)
def test_a_crate_follows_the_settings(filing: Filing, on_disk: OnDisk, change: Callable[[Filing], Filing]) -> None:
    before = _file(filing, on_disk()).read_bytes()

    assert _file(change(filing), on_disk()).read_bytes() != before


def test_a_crate_follows_the_record(filing: Filing, on_disk: OnDisk) -> None:
    _file(filing, on_disk())
    (filing.addresses.data_path / "records/title.xml").write_bytes(b"<other/>")

    found = entities(_file(filing, on_disk()))

    assert found[root_of(found)["mainEntity"]["@id"]]["sha256"] == sha256(b"<other/>")


def test_hashing_tells_the_digest_of_every_file(hashing: Filing, on_disk: OnDisk) -> None:
    found = entities(_file(hashing, on_disk()))

    named = {entity["name"]: entity.get("sha256") for entity in found.values() if entity["@type"] == "File"}
    assert {named[name] for name in ("a.dm3", "a.ser", "a.dm3.thumb.png")} == {sha256(b"pixels")}


def test_a_file_that_is_no_longer_what_was_found_has_no_digest(hashing: Filing, on_disk: OnDisk) -> None:
    source = on_disk()
    (hashing.addresses.filestore / "a.dm3").write_bytes(b"more pixels")

    raw = entities(_file(hashing, source))[(hashing.addresses.filestore / "a.dm3").as_uri()]

    assert "sha256" not in raw
    assert "No checksum: it has changed since the session's files were found" in raw["description"]


def test_a_file_that_is_gone_is_told_all_the_same(hashing: Filing, on_disk: OnDisk) -> None:
    source = on_disk()
    (hashing.addresses.filestore / "a.dm3").unlink()

    raw = entities(_file(hashing, source))[(hashing.addresses.filestore / "a.dm3").as_uri()]

    assert raw["contentSize"] == "6"
    assert "No checksum: it cannot be read (No such file or directory)" in raw["description"]


def test_a_folder_is_told_without_a_digest(hashing: Filing, on_disk: OnDisk) -> None:
    source = on_disk()
    raw = hashing.addresses.filestore / "a.dm3"
    raw.unlink()
    raw.mkdir()

    folder = entities(_file(hashing, source))[raw.as_uri() + "/"]

    assert (folder["@type"], "sha256" in folder) == ("Dataset", False)


def test_the_names_of_crates_are_what_the_standard_asks_for() -> None:
    assert crate_path(Path("/records/2019-11-13_x.v_y.xml")).name == "2019-11-13_x.v_y-ro-crate-metadata.json"
