import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from nexuslims_core.db.engine import writing
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.conftest import Lab, Nexuslims, Public

KEYS = ["session", "status", "record", "datasets", "activities", "unreadable", "receipt", "seconds"]


@pytest.mark.server
@pytest.mark.usefixtures("published")
def test_a_session_is_told_as_the_contract_says(lab: Lab, nexuslims: Nexuslims, public: Public) -> None:
    lab.two_activities()
    identifier = lab.waits()

    said = nexuslims("build", identifier, "--json")

    (told,) = said.document
    assert (said.code, said.err, list(told)) == (0, "", KEYS)
    assert [told[key] for key in KEYS[:2] + KEYS[3:6]] == [identifier, "COMPLETED", 6, 2, 0]
    assert public(Path(told["record"]).stem) == [Path(told["record"]).read_text()]
    assert (told["receipt"]["destination"], min(told["seconds"].values()) >= 0) == ("cdcs", True)


def test_no_upload_ends_with_a_record_and_code_0(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.spectrum("a.msa", 1)

    said = nexuslims("build", lab.waits("s1"), "--no-upload", "--json")

    assert (said.code, said.document[0]["status"]) == (0, "BUILT_NOT_EXPORTED")
    assert Path(said.document[0]["record"]).is_file()


@pytest.mark.server
def test_a_refused_token_keeps_the_record_and_says_so(
    lab: Lab, nexuslims: Nexuslims, published: CdcsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", "sesame")
    lab.spectrum("a.msa", 1)

    said = nexuslims("build", lab.waits("s1"), "--json")

    assert (said.code, said.document[0]["status"]) == (1, "BUILT_NOT_EXPORTED")
    assert Path(said.document[0]["record"]).is_file()
    assert said.err.startswith(f"nexuslims: session s1: CDCS at {published.url}")


def test_a_session_without_files_is_told_with_code_0(lab: Lab, nexuslims: Nexuslims) -> None:
    said = nexuslims("build", lab.waits("s1"))

    assert (said.code, "NO_FILES_FOUND" in said.out) == (0, True)


def test_waiting_tells_of_sessions_that_are_parked(lab: Lab, nexuslims: Nexuslims) -> None:
    identifier = lab.waits("s1")
    with writing(lab.database.engine).begin() as connection:
        connection.execute(text("DELETE FROM session_log WHERE event_type = 'START'"))

    said = nexuslims("build", "--waiting", "--json")

    assert (said.code, said.document) == (0, [])
    assert said.err.startswith("nexuslims: 1 session is parked because of its logs: list with")
    assert lab.database.summary(identifier).status is RecordStatus.ERROR


def test_waiting_builds_every_session_that_is_due(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.spectrum("a.msa", 1)
    lab.waits("s1")
    lab.waits("s2", begun=datetime.now(UTC) - timedelta(hours=3))

    said = nexuslims("build", "--waiting", "--no-upload", "--json")

    assert {told["session"]: told["status"] for told in said.document} == {
        "s1": "BUILT_NOT_EXPORTED",
        "s2": "TO_BE_BUILT",
    }
    assert (said.code, "session s2: no files yet; they may still come" in said.err) == (0, True)


def test_waiting_of_one_instrument_leaves_the_others(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Quanta", filestore_path="Quanta"))
    lab.waits("s1")
    lab.waits("s2", pid="Quanta")

    said = nexuslims("build", "--waiting", "--instrument", "Quanta", "--json")

    assert [told["session"] for told in said.document] == ["s2"]
    assert lab.database.summary("s1").status is RecordStatus.TO_BE_BUILT


@pytest.mark.usefixtures("lab")
def test_nothing_waits(nexuslims: Nexuslims) -> None:
    said = nexuslims("build", "--waiting")

    assert (said.code, said.out) == (0, "No session waits.\n")


@pytest.mark.parametrize("words", [("s1", "s2"), ("--waiting",)], ids=["named", "waiting"])
def test_a_session_whose_folder_is_absent_goes_on_waiting_and_others_go_on(
    lab: Lab, nexuslims: Nexuslims, words: tuple[str, ...]
) -> None:
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Quanta", filestore_path="Quanta"))
    lab.spectrum("a.msa", 1)
    lab.waits("s1", pid="Quanta")
    lab.waits("s2")
    shutil.rmtree(lab.store / "Quanta")

    said = nexuslims("build", *words, "--no-upload", "--json")

    assert {told["session"]: told["status"] for told in said.document} == {
        "s1": "TO_BE_BUILT",
        "s2": "BUILT_NOT_EXPORTED",
    }
    assert (said.code, f"session s1: the instrument's folder {lab.store}/Quanta is not there" in said.err) == (1, True)
    assert lab.database.attempts("s1") == ()


def test_an_instrument_whose_folder_leads_out_is_named(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.add_instrument(replace(lab.titan, filestore_path="../elsewhere"))

    said = nexuslims("build", lab.waits("s1"))

    assert said.code == 1
    assert "'../elsewhere' leads out of" in said.out


def test_a_session_that_is_built_elsewhere_is_left_alone(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.spectrum("a.msa", 1)
    lab.database.claim(lab.waits("s1"), "somebody else", datetime.now(UTC), timedelta(hours=1))

    named = nexuslims("build", "s1", "--json")
    waiting = nexuslims("build", "--waiting", "--json")

    assert (named.code, waiting.code, named.document[0]["status"]) == (1, 0, "TO_BE_BUILT")
    assert "is being built by somebody else" in named.err


def test_a_session_that_is_done_is_not_built_again_by_itself(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.spectrum("a.msa", 1)
    nexuslims("build", lab.waits("s1"), "--no-upload")

    said = nexuslims("build", "s1", "--json")

    assert (said.code, said.document[0]["status"]) == (1, "BUILT_NOT_EXPORTED")
    assert said.err == (
        "nexuslims: session s1 is BUILT_NOT_EXPORTED, not waiting to be built: "
        "put it back with `nexuslims sessions requeue s1`\n"
    )


def test_rebuild_builds_it_again(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.spectrum("a.msa", 1)
    first = nexuslims("build", lab.waits("s1"), "--no-upload", "--json").document[0]["record"]
    before = Path(first).read_bytes()

    said = nexuslims("build", "s1", "--no-upload", "--rebuild", "--json")

    assert (said.code, len(lab.database.attempts("s1"))) == (0, 2)
    assert Path(said.document[0]["record"]).read_bytes() == before


def test_a_dry_run_lists_the_files_and_changes_nothing(lab: Lab, nexuslims: Nexuslims) -> None:
    path = lab.spectrum("a.msa", 1)
    lab.waits("s1")
    before = sorted(lab.data.rglob("*"))

    said = nexuslims("build", "--waiting", "--dry-run", "--json")

    assert (said.code, said.document[0]["files"]) == (0, [str(path)])
    assert sorted(lab.data.rglob("*")) == before
    assert lab.database.attempts("s1") == ()


def test_a_dry_run_names_the_folder_that_is_absent_beside_the_others(lab: Lab, nexuslims: Nexuslims) -> None:
    path = lab.spectrum("a.msa", 1)
    lab.waits("s1")
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Quanta", filestore_path="./Quanta"))
    lab.waits("s2", pid="Quanta")
    (lab.store / "Quanta").rmdir()

    said = nexuslims("build", "--waiting", "--dry-run", "--json")

    assert said.code == 1
    assert {each["session"]: each["files"] for each in said.document} == {"s1": [str(path)], "s2": []}


def test_an_unknown_session_stops_all_before_anything_is_built(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.waits("s1")

    said = nexuslims("build", "s1", "nobody's")

    assert (said.code, said.err) == (1, 'nexuslims: no session "nobody\'s": list them with `nexuslims sessions list`\n')
    assert lab.database.attempts("s1") == ()


def test_a_data_path_that_cannot_be_written_is_said_and_nothing_is_left(
    lab: Lab, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spectrum("a.msa", 1)
    lab.waits("s1")
    monkeypatch.setenv("NEXUSLIMS_DB_URL", lab.settings().database_url)
    monkeypatch.setenv("NEXUSLIMS_DATA_PATH", str(lab.store / "Titan/a.msa"))

    said = nexuslims("build", "s1", "--json")

    assert (said.code, said.document[0]["status"]) == (1, "ERROR")
    assert f"session s1: cannot write {lab.store}/Titan/a.msa/work/" in said.err
