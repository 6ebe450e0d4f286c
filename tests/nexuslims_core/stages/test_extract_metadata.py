import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.activities.models import Grouping
from nexuslims_core.datasets.models import Extracted, Unreadable
from nexuslims_core.errors import ConfigurationError, StorageError
from nexuslims_core.files.models import FileList
from nexuslims_core.reading import starting
from nexuslims_core.reading.starting import Started, Wards
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.cluster_activities import cluster_activities
from nexuslims_core.stages.extract_metadata import extract_metadata, read_ahead
from tests.nexuslims_core.conftest import Lab


@pytest.fixture
def grouped(lab: Lab, claimed: Claim, found: Callable[[], FileList]) -> Callable[[], Grouping]:
    return lambda: cluster_activities(lab.facility(), claimed, found())


def test_previews_and_metadata_mirror_the_raw_path(lab: Lab, claimed: Claim, grouped: Callable[[], Grouping]) -> None:
    lab.image("ada/image.dm3", 1)

    (outcome,) = extract_metadata(lab.facility(), claimed, grouped())

    assert isinstance(outcome, Extracted)
    (dataset,) = outcome.datasets
    assert dataset.preview == lab.data / "Titan/ada/image.dm3.thumb.png"
    assert dataset.json == lab.data / "Titan/ada/image.dm3.json"


def test_one_bad_file_costs_itself_alone(lab: Lab, claimed: Claim, grouped: Callable[[], Grouping]) -> None:
    lab.image("good.dm3", 1)
    lab.broken("bad.dm3", 2)

    outcomes = extract_metadata(lab.facility(), claimed, grouped())

    attempt = lab.database.attempt(claimed)
    assert [type(outcome) for outcome in outcomes] == [Extracted, Unreadable]
    assert (attempt.datasets, attempt.unreadable) == (1, 1)


def test_files_that_are_being_read_are_not_read_again_because_some_are_known_by_now(
    lab: Lab, claimed: Claim, found: Callable[[], FileList], monkeypatch: pytest.MonkeyPatch
) -> None:
    images = lab.image("first.dm3", 1), lab.image("second.dm3", 2)
    started: list[Started] = []
    monkeypatch.setattr(starting, "_start", lambda start=starting._start: started.append(start()) or started[-1])
    with Wards() as wards:
        facility = replace(lab.facility(), wards=wards)
        wards.start_ahead()
        read_ahead(facility, claimed, found())
        while len(known := [*lab.data.glob("work/read/*/*.json")]) < len(images):
            time.sleep(0.01)
        known[0].unlink()

        outcomes = extract_metadata(facility, claimed, cluster_activities(facility, claimed, found()))

    assert tuple(outcome.file.path for outcome in outcomes) == images
    assert len(started) == 1


def test_a_file_that_went_away_is_unreadable(lab: Lab, claimed: Claim, grouped: Callable[[], Grouping]) -> None:
    lab.image("stays.dm3", 1)
    gone = lab.image("goes.dm3", 2)
    grouping = grouped()
    gone.unlink()

    assert isinstance(extract_metadata(lab.facility(), claimed, grouping)[1], Unreadable)


def test_a_file_store_that_went_away_is_no_files_fault(
    lab: Lab, claimed: Claim, grouped: Callable[[], Grouping]
) -> None:
    lab.image("image.dm3", 1)
    grouping = grouped()
    shutil.rmtree(lab.store / "Titan")

    with pytest.raises(StorageError, match="mount the file store, then requeue the session"):
        extract_metadata(lab.facility(), claimed, grouping)


def test_a_data_path_that_cannot_be_written_is_no_files_fault(
    lab: Lab, claimed: Claim, grouped: Callable[[], Grouping]
) -> None:
    lab.image("image.dm3", 1)
    (lab.data / "Titan").write_text("in the way")

    with pytest.raises(StorageError, match=f"cannot write {lab.data}/Titan/"):
        extract_metadata(lab.facility(), claimed, grouped())


def test_the_claim_lasts_while_files_are_read(lab: Lab, claimed: Claim, grouped: Callable[[], Grouping]) -> None:
    for i in range(3):
        lab.spectrum(f"{i}.msa", i)
    grouping = grouped()
    clock = [datetime.now(UTC)]

    def half_a_lease_passes(_outcome: object) -> None:
        clock[0] += timedelta(minutes=30)

    extract_metadata(replace(lab.facility(), now=lambda: clock[0]), claimed, grouping, half_a_lease_passes)

    assert lab.database.attempt(claimed).lease_until >= clock[0]


def test_a_profile_that_is_none_is_the_failure_of_this_stage_in_the_books(
    lab: Lab, claimed: Claim, grouped: Callable[[], Grouping]
) -> None:
    lab.image("image.dm3", 1)
    profiles = lab.data.parent / "profiles"
    profiles.mkdir()
    (profiles / "ours.toml").write_text("instruments = 3")
    facility = lab.facility()
    facility = replace(facility, settings=facility.settings.model_copy(update={"profiles_path": profiles}))

    with pytest.raises(ConfigurationError, match=r"ours\.toml"):
        extract_metadata(facility, claimed, grouped())

    attempt = lab.database.attempt(claimed)
    assert (attempt.error_type, "ours.toml" in (attempt.error_sentence or "")) == ("ConfigurationError", True)
