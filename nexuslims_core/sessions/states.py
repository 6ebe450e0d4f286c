"""The states of a session's record and the moves between them; nothing else moves a session."""

from collections.abc import Iterable
from enum import StrEnum

from nexuslims_core.errors import SessionStateError


class RecordStatus(StrEnum):
    """Where the record of a session stands; the words are those of the NexusLIMS database."""

    WAITING_FOR_END = "WAITING_FOR_END"
    TO_BE_BUILT = "TO_BE_BUILT"
    COMPLETED = "COMPLETED"
    BUILT_NOT_EXPORTED = "BUILT_NOT_EXPORTED"
    ERROR = "ERROR"
    NO_FILES_FOUND = "NO_FILES_FOUND"
    NO_CONSENT = "NO_CONSENT"
    NO_RESERVATION = "NO_RESERVATION"


END_STATES = frozenset(RecordStatus) - {RecordStatus.WAITING_FOR_END, RecordStatus.TO_BE_BUILT}

ALLOWED_MOVES: dict[RecordStatus, frozenset[RecordStatus]] = {
    RecordStatus.WAITING_FOR_END: frozenset({RecordStatus.TO_BE_BUILT, RecordStatus.ERROR}),
    RecordStatus.TO_BE_BUILT: (END_STATES - {RecordStatus.NO_RESERVATION}) | {RecordStatus.WAITING_FOR_END},
    **dict.fromkeys(END_STATES, frozenset({RecordStatus.TO_BE_BUILT})),
    RecordStatus.BUILT_NOT_EXPORTED: frozenset({RecordStatus.TO_BE_BUILT, RecordStatus.COMPLETED, RecordStatus.ERROR}),
}
"""From each state, where a session may go. NO_RESERVATION is only read, from databases of NexusLIMS. A session goes
back to WAITING_FOR_END when its logs hold no END after all."""


def check_move(session_identifier: str, now: RecordStatus, then: RecordStatus) -> None:
    """Make sure that a session may go from one state to another; staying where it is is no move.

    Raises
    ------
    SessionStateError
        If the move is not in the table.
    """
    if now != then and then not in ALLOWED_MOVES[now]:
        raise SessionStateError(f"session {session_identifier}: {now} does not become {then}")


def standing(rows: Iterable[RecordStatus]) -> RecordStatus:
    """Return where a session stands whose START and END rows stand at ``rows``, at least one.

    Rows still under way count as TO_BE_BUILT once one of them does; any other disagreement is an ERROR.
    """
    found = set(rows)
    if len(found) == 1:
        return found.pop()
    return RecordStatus.ERROR if found & END_STATES else RecordStatus.TO_BE_BUILT
