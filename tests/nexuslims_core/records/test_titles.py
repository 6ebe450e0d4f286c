from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.records.titles import experiment_title, record_title
from nexuslims_core.sessions.models import Session


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        ("1c3a6a8d-6038-41f5-b969-55fd02e12345", "1c3a6a8d"),
        ("https://nemo.example.org/api/usage_events/?id=385031", "385031"),
        ("https://nemo.example.org/api/usage_events/385031/", "385031"),
        ("friday afternoon", sha256(b"friday afternoon")[:12]),
    ],
    ids=["uuid", "nemo event", "nemo event by path", "anything else"],
)
def test_the_key_comes_from_the_sessions_identifier(session: Session, identifier: str, key: str) -> None:
    named = replace(session, session_identifier=identifier)

    title = record_title(named)

    assert title == f"2019-11-13_FEI-Titan-TEM-635816_{key}"


def test_a_title_that_another_session_holds_gets_the_hash(session: Session) -> None:
    held = {record_title(session)}

    title = record_title(session, taken=held.__contains__)

    assert title == f"2019-11-13_FEI-Titan-TEM-635816_{sha256(session.session_identifier.encode())[:12]}"


def test_the_date_is_that_of_the_instruments_clock(session: Session) -> None:
    late_evening = replace(
        session, dt_from=datetime(2019, 11, 14, 3, tzinfo=UTC), dt_to=datetime(2019, 11, 14, 4, tzinfo=UTC)
    )

    title = record_title(late_evening)

    assert title.startswith("2019-11-13_")


def test_the_title_stays_one_name_below_any_folder(session: Session) -> None:
    hostile = replace(session, instrument=replace(session.instrument, instrument_pid="../../etc/x\x01" + "y" * 500))

    title = record_title(hostile)

    assert not set(title) & {"/", "\\", "\0"}
    assert len(title) <= 200


def test_an_identifier_without_characters_that_utf_8_knows_has_a_title(session: Session) -> None:
    odd = replace(session, session_identifier="\udcff")

    title = record_title(odd)

    assert title.isascii()


def test_the_basic_title_names_instrument_and_day() -> None:
    start = datetime(2020, 2, 3, 9, tzinfo=UTC)

    title = experiment_title("JEOL JEM3010", start)

    assert title == "Experiment on the JEOL JEM3010 on Monday Feb. 03, 2020"
