import time
from collections.abc import Iterator
from threading import Event

import pytest

from nexuslims_core.doctor.checking import Doubt, Look, checked
from nexuslims_core.errors import StorageError
from nexuslims_core.publishing.base import Check

FINE = Check(subject="first", ok=True, sentence="fine")


def test_what_is_fine_and_what_is_doubtful_are_told_apart() -> None:
    fine, doubtful = checked("disk", lambda: "much"), checked("disk", lambda: Doubt(sentence="little"), area="data")

    assert fine == Check(subject="disk", ok=True, sentence="much")
    assert doubtful == Check(subject="disk", ok=True, sentence="little", area="data", warning=True)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StorageError("mount it"), "mount it"),
        (PermissionError(13, "Permission denied", "/data"), "cannot look at /data: Permission denied"),
        (TimeoutError("timed out"), "cannot look at it: timed out"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_goes_wrong_is_a_sentence(error: Exception, sentence: str) -> None:
    def look() -> str:
        raise error

    assert checked("store", look) == Check(subject="store", ok=False, sentence=sentence)


def test_what_hangs_is_named_beside_what_it_found_before() -> None:
    never = Event()

    def checks() -> Iterator[Check]:
        yield FINE
        never.wait()

    found = [*Look("address", checks, area="CDCS").begun().made(time.monotonic() + 0.2)]
    never.set()

    assert found[0] == FINE
    assert (found[1].name, found[1].ok) == ("CDCS address", False)
    assert found[1].sentence.startswith("there is no answer yet: it hangs")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the fault is what is tested
def test_a_fault_of_ours_is_not_taken_for_health() -> None:
    def checks() -> Iterator[Check]:
        yield FINE
        raise KeyError("ours")

    *_, last = Look("readers", checks).begun().made(time.monotonic() + 5)

    assert (last.ok, "please report it" in last.sentence) == (False, True)


def test_a_failure_is_more_than_a_warning() -> None:
    with pytest.raises(ValueError, match="more than a warning"):
        Check(subject="disk", ok=False, sentence="full", warning=True)
