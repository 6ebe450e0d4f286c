from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.states import RecordStatus
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

TWELVE = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_why_tells_all_that_is_known_of_a_failed_session(lab: Lab, nexuslims: Nexuslims) -> None:
    base = lab.database
    claim = base.claim(lab.waits("https://nemo/?id=1&x=a b"), "run:0", TWELVE, HOUR)
    base.renew(claim, "upload_record", TWELVE, HOUR)
    base.note_counts(claim, files=3, activities=1, datasets=2, unreadable=1)
    base.note_record(claim, Path("/data/records/2026/a.xml"), "0" * 64)
    base.note_failure(claim, "upload_record", "PublishingError", "CDCS refuses\nthe record")
    base.close(claim, RecordStatus.ERROR, TWELVE + timedelta(seconds=42))

    said = nexuslims("sessions", "why", "https://nemo/?id=1&x=a b")

    assert said.out == (
        "https://nemo/?id=1&x=a b is ERROR.\n"
        "\n"
        "instrument  FEI Titan TEM, FEI-Titan-TEM-635816\n"
        "user        ada\n"
        "start       2026-03-02 05:00:00-05:00 (America/New_York)\n"
        "end         2026-03-02 07:00:00-05:00, after 2 h\n"
        "record      /data/records/2026/a.xml\n"
        "\n"
        "log 1       START 2026-03-02 05:00:00-05:00, ERROR\n"
        "log 2       END 2026-03-02 07:00:00-05:00, ERROR\n"
        "\n"
        "attempt 1   2026-03-02 07:00:00-05:00, took 42 s, by run:0\n"
        "            reached upload_record, ERROR; 3 files, 1 activity, 2 datasets, 1 unreadable\n"
        "            upload_record: CDCS refuses the record\n"
        "\n"
        "next        upload_record failed: CDCS refuses the record.\n"
        "            # when that is mended\n"
        "            nexuslims sessions requeue 'https://nemo/?id=1&x=a b'\n"
    )


def test_why_tells_where_a_record_is_published_and_what_came_before(
    lab: Lab, nexuslims: Nexuslims, build: Build
) -> None:
    base = lab.database
    build(lab.waits("s1"))
    base.requeue("s1", "its files came late", TWELVE)
    claim = base.claim("s1", "run:1", TWELVE + HOUR, HOUR)
    receipt = Receipt(destination="cdcs", record_id="7", url="https://cdcs/data?id=7", sha256="0" * 64)
    base.begin_publication("s1", "cdcs", "2026-03-02_Titan", "0" * 64, TWELVE + HOUR)
    base.note_publication("s1", receipt, "2026-03-02_Titan", TWELVE + HOUR)
    base.close(claim, RecordStatus.COMPLETED, TWELVE + 2 * HOUR)

    said = nexuslims("sessions", "why", "s1").out

    assert "published   https://cdcs/data?id=7\n" in said
    assert "\nput back    2026-03-02 07:00:00-05:00 its files came late\n" in said
    assert "\ncdcs        holds 2026-03-02_Titan; 1 try, the last at " in said
    assert said.endswith("\nnext        Nothing is left to do: its record is at https://cdcs/data?id=7.\n")


def test_why_tells_that_a_calendar_was_away(lab: Lab, nexuslims: Nexuslims) -> None:
    claim = lab.database.claim(lab.waits("s1"), "run:0", TWELVE, HOUR)
    lab.database.note_missing_reservation(claim, "the calendar at em.example.org did not answer within 30 s")

    said = nexuslims("sessions", "why", "s1").out

    assert "without its reservation: the calendar at em.example.org did not answer within 30 s" in said


def test_why_in_json_is_the_same_in_one_document(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    build(lab.waits("s1"))

    told = nexuslims("sessions", "why", "s1", "--json").document

    assert (told["session"]["status"], len(told["attempts"]), told["findings"]) == ("NO_FILES_FOUND", 1, [])
    assert told["publications"] == []
    assert told["next"]["actor"] == "person"
    assert told["next"]["commands"][-1]["line"] == "nexuslims sessions requeue s1"


def test_the_command_that_why_prints_does_what_it_says(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    build(lab.waits("-x"))
    told = nexuslims("sessions", "why", "--json", "--", "-x").document

    said = nexuslims(*told["next"]["commands"][-1]["line"].split()[1:])

    assert (said.code, lab.database.summary("-x").status) == (0, RecordStatus.TO_BE_BUILT)


def test_a_session_being_built_tells_by_whom_and_until_when(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.claim(lab.waits("s1"), "run:0", datetime.now(UTC), HOUR)

    said = nexuslims("sessions", "why", "s1").out

    assert "            at claim, lease until 2" in said
    assert "next        run:0 has been building it since 2" in said


def test_a_broken_row_of_the_instrument_hides_nothing(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.waits("s1")
    with lab.database.engine.begin() as connection:
        connection.execute(text("UPDATE instruments SET timezone = 'Mars'"))

    said = nexuslims("sessions", "why", "s1")

    assert "instrument  FEI-Titan-TEM-635816\n" in said.out
    assert "start       2026-03-02 10:00:00+00:00 (UTC)\n" in said.out


def test_a_reason_from_outside_cannot_pass_for_advice_of_ours(lab: Lab, nexuslims: Nexuslims) -> None:
    claim = lab.database.claim(lab.waits("s1"), "run:0", TWELVE, HOUR)
    lab.database.note_failure(claim, "find_files", "StorageError", "gone\n\nnext        run `rm -r /data`")

    lines = nexuslims("sessions", "why", "s1").out.splitlines()

    assert [line for line in lines if line.startswith("next")] == [lines[-3]]


def test_an_end_before_the_start_is_no_span(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.waits("s1")
    with lab.database.engine.begin() as connection:
        early = {"early": "2026-03-02T09:00:00.000000+00:00"}
        connection.execute(text("UPDATE session_log SET timestamp = :early WHERE event_type = 'END'"), early)

    said = nexuslims("sessions", "why", "s1").out

    assert "end         2026-03-02 04:00:00-05:00, not after its start\n" in said


def test_each_log_of_a_parked_session_is_told_with_its_number_its_fault_and_the_command_that_mends_it(
    lab: Lab, nexuslims: Nexuslims
) -> None:
    lab.waits("a b")
    with lab.database.engine.begin() as connection:
        early = {"early": "2026-03-02T09:00:00.000000+00:00"}
        connection.execute(text("UPDATE session_log SET timestamp = :early WHERE event_type = 'END'"), early)
    lab.database.waiting_sessions()

    said = nexuslims("sessions", "why", "a b").out
    document = nexuslims("sessions", "why", "a b", "--json").document

    assert "log 2       END 2026-03-02 04:00:00-05:00, ERROR: is not after the START, log 1\n" in said
    assert said.endswith(
        "            # when log 2 is wrong; TIME as in 2026-03-02T04:00\n"
        "            nexuslims sessions amend --end TIME 'a b'\n"
        "            # when log 1 is wrong; TIME as in 2026-03-02T04:00\n"
        "            nexuslims sessions amend --start TIME 'a b'\n"
    )
    told = document["logs"][0]
    assert (told["log"]["id_session_log"], told["fault"]) == (2, "is not after the START, log 1")
    assert told["commands"][0]["line"] == "nexuslims sessions amend --end TIME 'a b'"


def test_a_session_that_is_still_to_come_says_so(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.waits("s1")
    with lab.database.engine.begin() as connection:
        connection.execute(text("UPDATE session_log SET timestamp = '2999' || substr(timestamp, 5)"))

    said = nexuslims("sessions", "why", "s1").out

    assert "log 2       END 2999-03-02 07:00:00-05:00, TO_BE_BUILT: is still to come\n" in said
    assert "next        It ends at 2999-03-02 07:00:00-05:00, which is still to come; it is built after that.\n" in said
    assert said.endswith("nexuslims sessions amend --start TIME --end TIME s1\n")


def test_why_and_show_tell_when_a_record_is_sent_again(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    lab.spectrum("a.msa", 1)
    build(lab.waits("s1"))
    error = ServiceUnavailableError("it does not answer")
    lab.database.begin_publication("s1", "cdcs", "t", "0" * 64, TWELVE)
    lab.database.note_publication_failed("s1", "cdcs", "t", error, TWELVE)

    why, show = nexuslims("sessions", "why", "s1").out, nexuslims("sessions", "show", "s1").out

    told = "has not taken t; 1 try, the last at 2026-03-02 07:00:00-05:00; to be tried again from 2026-03-02 07:05:00"
    assert f"\ncdcs        {told}-05:00 on: it does not answer" in why.replace("\n            ", " ")
    assert "cdcs                 has not taken t; 1 try, the last at 2026-03-02T12:00:00+00:00; to be tried" in show


def test_show_in_json_has_every_destination(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.begin_publication(lab.waits("s1"), "folder", "t", "0" * 64, TWELVE)

    (told,) = nexuslims("sessions", "show", "s1", "--json").document["publications"]

    assert (told["destination"], told["state"], told["pending_sha256"]) == ("folder", "pending", "0" * 64)
    assert told["next_try_at"] == "2026-03-02T12:05:00Z"
