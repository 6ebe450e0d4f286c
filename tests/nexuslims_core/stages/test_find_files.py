import shutil
from collections.abc import Callable

import pytest

from nexuslims_core.errors import NoFilesFoundError, StorageError
from nexuslims_core.files.models import FileList
from nexuslims_core.sessions.models import Claim
from tests.nexuslims_core.conftest import Lab

Found = Callable[[], FileList]


def test_files_at_both_ends_of_the_session_count(lab: Lab, found: Found) -> None:
    inside = [lab.spectrum("first.msa", 0), lab.spectrum("last.msa", 120)]
    lab.spectrum("before.msa", -0.01)
    lab.spectrum("after.msa", 120.01)

    assert [file.path for file in found().files] == inside


def test_their_number_is_in_the_books(lab: Lab, found: Found, claimed: Claim) -> None:
    lab.spectrum("a.msa", 1)

    found()

    assert lab.database.attempt(claimed).files == 1


def test_a_folder_without_them_is_no_files_found(found: Found) -> None:
    with pytest.raises(NoFilesFoundError, match="was modified between"):
        found()


def test_an_absent_folder_is_never_no_files(lab: Lab, found: Found) -> None:
    shutil.rmtree(lab.store / "Titan")

    with pytest.raises(StorageError, match="correct its filestore_path, or mend the folder"):
        found()
