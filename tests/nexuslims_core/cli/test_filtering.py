import pytest

from nexuslims_core.cli.filtering import STATUSES
from nexuslims_core.sessions.states import RecordStatus
from tests.nexuslims_core.conftest import Lab, Nexuslims

PID = "FEI-Titan-TEM-635816"


def test_its_states_are_those_of_the_books() -> None:
    assert tuple(RecordStatus) == STATUSES


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--since", "2026-03-02T12:01"), []),
        (("--instrument", PID, "--since", "2026-03-02T07:01"), []),
        (("--instrument", PID, "--since", "2026-03-02T06:59"), ["s1"]),
        (("--since", "2026-03-02T06:59-05:00", "--until", "2026-03-02T12:00"), ["s1"]),
        (("--status", "ERROR", "TO_BE_BUILT", "--user", "ada"), ["s1"]),
        (("--status", "ERROR", "--status", "COMPLETED"), []),
    ],
    ids=" ".join,
)
def test_a_naive_time_is_the_instruments_where_one_is_named(
    lab: Lab, nexuslims: Nexuslims, words: tuple[str, ...], found: list[str]
) -> None:
    lab.waits("s1")  # from 10 to 12 UTC, from 5 to 7 on the instrument

    said = nexuslims("sessions", "list", "--json", *words)

    assert [told["session_identifier"] for told in said.document] == found


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--instrument", "none"), 1, "nexuslims: no instrument 'none': list them with"),
        (
            ("--since", "2026-03-03", "--until", "2026-03-02"),
            2,
            "nexuslims: --since 2026-03-03T00:00:00+00:00 is after",
        ),
        (("--since", "yesterday"), 2, "'yesterday' is no ISO 8601 time"),
        (("--status", "LOST"), 2, "invalid choice: 'LOST'"),
        (("--limit", "0"), 2, "'0' is no number from 1 on"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
@pytest.mark.usefixtures("lab")
def test_a_filter_that_makes_no_sense_is_refused(
    nexuslims: Nexuslims, words: tuple[str, ...], code: int, sentence: str
) -> None:
    said = nexuslims("sessions", "list", *words)

    assert (said.code, sentence in said.err) == (code, True)
