from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.reading.hashing import CHUNK
from nexuslims_core.records.crates.filing import crate_path
from nexuslims_core.stages.claim import claim
from nexuslims_core.stages.crates import _hasher, add_crate
from nexuslims_core.stages.finish import BuildReport
from tests.nexuslims_core.conftest import Lab
from tests.nexuslims_core.records.crates.conftest import entities, root_of

Build = Callable[..., BuildReport]


def _crate(report: BuildReport) -> Path:
    assert report.record
    return crate_path(report.record)


def test_a_session_that_is_built_has_a_crate_of_all_its_files(lab: Lab, build: Build) -> None:
    raw = [*lab.two_activities(), lab.broken("broken.dm3", 30)]

    report = build(lab.waits())

    found = entities(_crate(report))
    assert {path.as_uri() for path in raw} == {one["@id"] for one in found["#session"]["result"]}
    assert found[root_of(found)["mainEntity"]["@id"]]["sha256"] == sha256(report.record.read_bytes())
    assert found[(lab.store / "Titan/broken.dm3").as_uri()]["description"].startswith("Could not be read: ")


def test_building_anew_gives_the_same_bytes_without_writing_them(lab: Lab, build: Build) -> None:
    lab.two_activities()
    identifier = lab.waits()
    crate = _crate(build(identifier))
    whole, written = crate.read_bytes(), crate.stat().st_ino
    lab.database.requeue(identifier, "once more", datetime.now(UTC))

    build(identifier)
    kept = crate.stat().st_ino
    crate.unlink()
    lab.database.requeue(identifier, "and again", datetime.now(UTC))
    build(identifier, fresh=True)

    assert kept == written
    assert crate.read_bytes() == whole


def test_digests_of_all_files_are_told_where_the_facility_wants_them(
    lab: Lab, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_HASH_RAW", "true")
    raw = lab.image("image.dm3", 1)

    found = entities(_crate(build(lab.waits())))

    assert found[raw.as_uri()]["sha256"] == sha256(raw.read_bytes())
    assert [one["name"] for one in found.values() if one["@type"] == "File" and "sha256" not in one] == []


def test_a_record_of_an_earlier_release_stays_without_a_crate(lab: Lab) -> None:
    claimed = claim(lab.facility(), lab.waits("s1"), "tester")
    record = lab.data / "records/2026/title.xml"

    add_crate(lab.facility(), claimed, "0" * 64, record)

    assert not record.parent.exists()


def test_a_claim_is_kept_while_a_file_is_hashed_that_takes_longer_than_the_lease(lab: Lab) -> None:
    raw, lease = lab.image("image.dm3", 1), lab.facility().lease
    raw.write_bytes(bytes(3 * CHUNK))
    begun = datetime.now(UTC)
    passed = iter(range(100))
    facility = replace(lab.facility(), now=lambda: begun + 0.3 * lease * next(passed))
    claimed = claim(facility, lab.waits("s1"), "tester")

    _hasher(facility, claimed).digest(raw)

    assert lab.database.attempt(claimed).lease_until > begun + 1.5 * lease
