import pytest

from nexuslims_core.errors import SessionStateError
from nexuslims_core.sessions.states import ALLOWED_MOVES, END_STATES, RecordStatus, check_move, standing


@pytest.mark.parametrize("status", [*RecordStatus])
def test_every_state_has_a_way_on(status: RecordStatus) -> None:
    assert ALLOWED_MOVES[status]


@pytest.mark.parametrize("status", sorted(END_STATES))
def test_every_end_state_can_be_put_back(status: RecordStatus) -> None:
    check_move("s1", status, RecordStatus.TO_BE_BUILT)

    assert RecordStatus.TO_BE_BUILT in ALLOWED_MOVES[status]


@pytest.mark.parametrize("status", [*RecordStatus])
def test_staying_is_no_move(status: RecordStatus) -> None:
    assert check_move("s1", status, status) is None


@pytest.mark.parametrize("now", sorted(END_STATES - {RecordStatus.BUILT_NOT_EXPORTED}))
def test_an_end_state_does_not_become_another(now: RecordStatus) -> None:
    other = RecordStatus.NO_CONSENT if now is not RecordStatus.NO_CONSENT else RecordStatus.COMPLETED

    with pytest.raises(SessionStateError, match=f"s1: {now} does not become {other}"):
        check_move("s1", now, other)


def test_a_session_that_has_not_ended_is_not_completed() -> None:
    with pytest.raises(SessionStateError):
        check_move("s1", RecordStatus.WAITING_FOR_END, RecordStatus.COMPLETED)


@pytest.mark.parametrize(
    ("rows", "session"),
    [
        pytest.param(["COMPLETED", "COMPLETED"], "COMPLETED", id="all agree"),
        pytest.param(["WAITING_FOR_END"], "WAITING_FOR_END", id="one row"),
        pytest.param(["WAITING_FOR_END", "TO_BE_BUILT"], "TO_BE_BUILT", id="under way"),
        pytest.param(["COMPLETED", "TO_BE_BUILT"], "ERROR", id="disagree"),
        pytest.param(["COMPLETED", "ERROR"], "ERROR", id="parked late"),
    ],
)
def test_a_session_stands_where_its_rows_do(rows: list[str], session: str) -> None:
    assert standing(map(RecordStatus, rows)) is RecordStatus(session)
