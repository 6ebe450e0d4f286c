from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.publishing.folder import FolderStore
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.cli.conftest import WriteRecord
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims, Public


@pytest.mark.server
@pytest.mark.usefixtures("lab")
def test_a_record_is_public_under_its_files_name(
    write_record: WriteRecord, nexuslims: Nexuslims, published: CdcsServer, public: Public
) -> None:
    path = write_record()

    said = nexuslims("publish", path, "--json")

    (told,) = said.document
    assert (said.code, told["record"], told["reason"]) == (0, str(path), None)
    assert told["url"] == f"{published.url}/data?id={told['record_id']}"
    assert public(path.stem) == [path.read_text()]


@pytest.mark.server
@pytest.mark.usefixtures("lab", "published")
def test_an_invalid_record_keeps_all_from_being_published(
    write_record: WriteRecord, nexuslims: Nexuslims, public: Public
) -> None:
    good, bad = write_record(), write_record("<captain>ada</captain>")

    said = nexuslims("publish", good, bad)

    assert (said.code, said.err.endswith("; nothing was published\n")) == (1, True)
    assert public(good.stem) == []


@pytest.mark.server
@pytest.mark.usefixtures("lab", "published")
def test_a_refused_token_is_said(
    write_record: WriteRecord, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", "sesame")

    said = nexuslims("publish", write_record())

    assert (said.code, "refuse" in said.out) == (1, True)


@pytest.mark.usefixtures("lab")
def test_without_an_address_it_says_what_to_set(write_record: WriteRecord, nexuslims: Nexuslims) -> None:
    said = nexuslims("publish", write_record())

    asks = "neither NEXUSLIMS_CDCS_URL nor NEXUSLIMS_SITE_PATH is set: say where to publish (see .env.example)"
    assert said.err == f"nexuslims: {asks}\n"
    assert said.code == 1


@pytest.fixture
def site(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that records are published into."""
    path = lab.store.parent / "site"
    monkeypatch.setenv("NEXUSLIMS_SITE_PATH", str(path))
    return path


@pytest.fixture
def waiting(lab: Lab, build: Build, site: Path) -> Callable[[], Path]:
    """Build session ``s1`` without publishing it, and return its record."""

    def make() -> Path:
        lab.spectrum("a.msa", 1)
        report = build(lab.waits("s1"), stores=())
        assert isinstance(report.record, Path)
        return report.record

    assert not site.exists()
    return make


def test_what_waits_is_published_at_once(
    lab: Lab, nexuslims: Nexuslims, waiting: Callable[[], Path], site: Path
) -> None:
    record = waiting()

    said = nexuslims("publish", "--pending", "--json")

    (told,) = said.document
    assert (said.code, told["record"], told["destination"], told["reason"]) == (0, str(record), "folder", None)
    assert (site / "records" / record.stem / record.name).read_bytes() == record.read_bytes()
    assert lab.database.summary("s1").status == "COMPLETED"


@pytest.mark.usefixtures("site")
def test_says_that_nothing_waits(lab: Lab, nexuslims: Nexuslims) -> None:
    assert lab.database.unpublished() == ()

    assert nexuslims("publish", "--pending").out == "No record waits to be published.\n"


@pytest.mark.parametrize("words", [(), ("x.xml", "--pending")], ids=["neither", "both"])
@pytest.mark.usefixtures("lab")
def test_takes_records_or_all_that_wait(nexuslims: Nexuslims, words: tuple[str, ...]) -> None:
    said = nexuslims("publish", *words)

    assert (said.code, "name the records to publish, or say --pending" in said.err) == (2, True)


def test_a_record_of_a_session_that_waits_completes_it(
    lab: Lab, nexuslims: Nexuslims, waiting: Callable[[], Path]
) -> None:
    record = waiting()

    said = nexuslims("publish", record)

    (known,) = lab.database.publications_of("s1")
    assert (said.code, known.state, known.sha256) == (0, "published", sha256(record.read_bytes()))
    assert lab.database.summary("s1").status == "COMPLETED"


def test_a_record_that_a_person_corrected_is_the_one_that_the_books_know(
    lab: Lab, nexuslims: Nexuslims, waiting: Callable[[], Path], tmp_path: Path
) -> None:
    mine = tmp_path / waiting().name
    mine.write_text(next(lab.data.glob("records/*/*.xml")).read_text().replace("<title>", "<title>Corrected: "))

    said = nexuslims("publish", mine)

    attempt = lab.database.attempts("s1")[-1]
    assert (said.code, attempt.outcome, attempt.record_path) == (0, "COMPLETED", mine)
    assert lab.database.publications_of("s1")[0].sha256 == attempt.record_sha256 == sha256(mine.read_bytes())


def test_a_published_record_can_be_published_again_and_its_session_stays(
    lab: Lab, nexuslims: Nexuslims, waiting: Callable[[], Path], site: Path
) -> None:
    record = waiting()
    nexuslims("publish", record)
    (site / "records" / record.stem / record.name).unlink()

    said = nexuslims("publish", record)

    assert (said.code, (site / "records" / record.stem / record.name).exists()) == (0, True)
    assert (lab.database.summary("s1").status, len(lab.database.attempts("s1"))) == ("COMPLETED", 2)


def test_what_is_being_built_is_left_to_its_builder(
    lab: Lab, nexuslims: Nexuslims, waiting: Callable[[], Path], site: Path
) -> None:
    record, facility = waiting(), lab.facility()
    lab.database.requeue("s1", "build it anew", datetime.now(UTC))
    lab.database.claim("s1", "run:1", datetime.now(UTC), facility.lease)

    said = nexuslims("publish", record)

    assert (said.code, site.exists()) == (1, False)
    assert "session s1 is being built now" in said.out


def test_a_computer_without_books_publishes_all_the_same(
    lab: Lab, nexuslims: Nexuslims, write_record: WriteRecord, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_record()
    monkeypatch.setenv("NEXUSLIMS_DB_URL", f"sqlite:///{lab.store.parent}/nowhere.db")

    said = nexuslims("publish", path)

    assert (said.code, said.out) == (0, f"{site.as_uri()}/records/{path.stem}/index.html\n")


@pytest.mark.server
@pytest.mark.usefixtures("published")
def test_one_destination_that_fails_keeps_no_other_from_the_record(
    nexuslims: Nexuslims, write_record: WriteRecord, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", "sesame")
    path = write_record()

    said = nexuslims("publish", path, "--json")

    assert [(told["destination"], told["reason"] is None) for told in said.document] == [
        ("cdcs", False),
        ("folder", True),
    ]
    assert (said.code, (site / "records" / path.stem).is_dir()) == (1, True)


def test_a_record_whose_session_failed_is_published_and_the_session_stays(
    lab: Lab, nexuslims: Nexuslims, build: Build, site: Path
) -> None:
    lab.spectrum("a.msa", 1)
    store = replace(lab.facility(site_path=site).stores[0], root=_foreign(lab.store.parent / "web"))
    assert isinstance(store, FolderStore)
    report = build(lab.waits("s1"), stores=(store,))

    said = nexuslims("publish", report.record)

    assert (report.status, said.code, lab.database.summary("s1").status) == ("ERROR", 0, "ERROR")
    assert lab.database.publications_of("s1")[0].published


def _foreign(root: Path) -> Path:
    root.mkdir()
    (root / "index.html").write_text("It works!")
    return root
