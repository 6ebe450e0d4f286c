from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nexuslims_core.errors import ClaimedElsewhereError
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.claim import claim
from tests.nexuslims_core.conftest import Lab


@pytest.fixture
def kept(lab: Lab, claimed: Claim) -> Path:
    """A result of the first attempt on s1."""
    facility = lab.facility()
    facility.database.renew(claimed, "find_files", facility.now(), facility.lease)
    facility.workbench.save("s1", "find_files", "inputs", 7, int)
    return facility.workbench.result_path("s1", "find_files")


def test_the_same_holder_gets_its_claim_back_with_its_results(lab: Lab, claimed: Claim, kept: Path) -> None:
    again = claim(lab.facility(), "s1", "tester")

    assert again == claimed
    assert kept.exists()


def test_another_holder_is_refused_and_removes_nothing(lab: Lab, kept: Path) -> None:
    with pytest.raises(ClaimedElsewhereError):
        claim(lab.facility(), "s1", "somebody else")

    assert kept.exists()


def test_what_a_dead_holder_finished_is_kept(lab: Lab, kept: Path) -> None:
    facility = lab.facility()
    later = replace(facility, now=lambda: facility.now() + facility.lease + timedelta(seconds=1))

    assert claim(later, "s1", "somebody else").attempt == 2
    assert kept.exists()


def test_after_an_end_everything_is_made_anew(lab: Lab, claimed: Claim, kept: Path) -> None:
    facility = lab.facility()
    facility.database.close(claimed, RecordStatus.ERROR, facility.now())
    facility.database.requeue("s1", "mended", facility.now())

    assert claim(facility, "s1", "tester").attempt == 2
    assert not kept.exists()


def test_what_came_before_an_end_is_not_used_again_though_the_next_holder_died_at_once(
    lab: Lab, claimed: Claim, kept: Path
) -> None:
    facility = lab.facility()
    facility.database.close(claimed, RecordStatus.ERROR, facility.now())
    facility.database.requeue("s1", "mended", facility.now())
    facility.database.claim("s1", "died before it did anything", facility.now(), facility.lease)
    later = replace(facility, now=lambda: facility.now() + facility.lease + timedelta(seconds=1))

    assert claim(later, "s1", "somebody else").attempt == 3
    assert not kept.exists()
