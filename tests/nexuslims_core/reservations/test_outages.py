"""Every calendar that is read over HTTP meets every fault of a server: what is raised, and that nothing leaks."""

from traceback import format_exception

import pytest

from nexuslims_core.errors import (
    AuthenticationError,
    NexusLimsError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.testing.servers.misbehaving import FAULTS
from tools.outages import DESKS, REFUSED, SECRET, meet

EXPECTED: dict[str, type[NexusLimsError]] = {
    REFUSED: ServiceUnavailableError,
    "stays silent": ServiceUnavailableError,
    "drips its answer": ServiceUnavailableError,
    "drips its head": ServiceUnavailableError,
    "breaks off in the middle": ServiceUnavailableError,
    "500": ServiceUnavailableError,
    "429": ServiceUnavailableError,
    "garbage": UnexpectedAnswerError,
    "nothing": UnexpectedAnswerError,
    "a login page": UnexpectedAnswerError,
    "200 MB": UnexpectedAnswerError,
    "200 MB, packed": UnexpectedAnswerError,
    "an XML bomb": UnexpectedAnswerError,
    "an external entity": UnexpectedAnswerError,
    "a redirect to another host": UnexpectedAnswerError,
    "a redirect to no address": UnexpectedAnswerError,
    "401": AuthenticationError,
    "403": AuthenticationError,
    "404": UnexpectedAnswerError,
}
ADVICE = r"correct|make it the|see whether|address right|token|leave old|sent more than|let the|switched on"


def test_no_fault_is_without_its_promise() -> None:
    assert set(EXPECTED) == {REFUSED, *FAULTS}


@pytest.mark.slow
@pytest.mark.parametrize("fault", EXPECTED)
@pytest.mark.parametrize("desk", DESKS)
def test_a_fault_is_named_by_its_cause(desk: str, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    met = meet(desk, fault)

    with pytest.raises(EXPECTED[fault], match=ADVICE) as said:
        raise met.error or AssertionError("it answered")
    assert SECRET not in "".join([*format_exception(said.value), caplog.text])
    assert "root:" not in str(said.value)  # a file of this machine, which an external entity asks for


@pytest.mark.parametrize("desk", DESKS)
def test_no_other_server_is_asked_for_what_is_ours(desk: str) -> None:
    assert meet(desk, "a redirect to another host").elsewhere == ()


@pytest.mark.parametrize("desk", DESKS)
def test_an_endless_answer_is_not_read_to_its_end(desk: str) -> None:
    assert meet(desk, "200 MB").sent_bytes < 100 * 2**20
