"""A session that is claimed, so that a stage can run on it."""

from collections.abc import Callable

import pytest

from nexuslims_core.files.models import FileList
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.claim import claim
from nexuslims_core.stages.find_files import find_files
from nexuslims_core.stages.scan_storage import scan_storage
from tests.nexuslims_core.conftest import Lab


@pytest.fixture
def claimed(lab: Lab) -> Claim:
    return claim(lab.facility(), lab.waits("s1"), "tester")


@pytest.fixture
def found(lab: Lab, claimed: Claim) -> Callable[[], FileList]:
    """Find the files that the session has by now."""

    def find() -> FileList:
        facility = lab.facility()
        return find_files(facility, claimed, scan_storage(facility, lab.titan))

    return find
