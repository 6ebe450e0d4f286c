from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexuslims_core import codec
from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.sessions.states import RecordStatus

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPEN = Attempt(session_identifier="s1", number=1, holder="run:0", lease_until=NOON, started_at=NOON)


def test_an_attempt_is_open_until_it_ends() -> None:
    ended = replace(OPEN, ended_at=NOON, outcome=RecordStatus.COMPLETED)

    assert OPEN.is_open
    assert not ended.is_open


@pytest.mark.parametrize("outcome", [RecordStatus.ERROR, Abandonment.TAKEN_OVER, None])
def test_travels_as_plain_json(outcome: RecordStatus | Abandonment | None) -> None:
    attempt = replace(OPEN, outcome=outcome, record_path=Path("/data/records/2026/a.xml"), files=3)

    again = codec.loads(Attempt, codec.dumps(attempt))

    assert again == attempt
    assert type(again.outcome) is type(outcome)


def test_what_was_found_is_told_in_words() -> None:
    one = replace(OPEN, files=1, activities=1, datasets=1, unreadable=0)
    many = replace(OPEN, files=1200, activities=2, unreadable=3)

    assert one.counted == ("1 file", "1 activity", "1 dataset")
    assert many.counted == ("1,200 files", "2 activities", "3 unreadable")
    assert OPEN.counted == ()
