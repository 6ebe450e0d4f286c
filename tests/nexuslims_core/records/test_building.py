from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nexuslims_core.datasets.models import Unreadable
from nexuslims_core.files.models import FoundFile, Unsearched
from nexuslims_core.records.models import Record
from nexuslims_core.reservations.models import Reservation, Sample
from nexuslims_core.sessions.models import Session

Assemble = Callable[..., Record]


def paragraphs(record: Record, source: str) -> str:
    return "\n".join(text for note in record.notes if note.source == source for text in note.paragraphs)


def test_takes_title_people_and_purpose_from_the_reservation(assembled: Assemble, reservation: Reservation) -> None:
    booked = reservation

    record = assembled(reservation=booked)

    assert (record.title, record.record_id) == ("Grain boundaries", "471")
    assert record.summary.experimenters == ("Ada Lovelace",)
    assert record.summary.motivation == "To see cobalt segregate."


def test_tells_reservation_times_by_the_instruments_clock(assembled: Assemble, reservation: Reservation) -> None:
    booked_in_utc = reservation

    summary = assembled(reservation=booked_in_utc).summary

    assert summary.reservation_start is not None
    assert summary.reservation_start.isoformat() == "2019-11-13T10:00:00-05:00"


def test_a_session_without_reservation_gets_a_basic_summary(assembled: Assemble) -> None:
    no_reservation = None

    record = assembled(reservation=no_reservation)

    assert record.title == "Experiment on the FEI Titan TEM on Wednesday Nov. 13, 2019"
    assert record.summary.experimenters == ("ada",)
    assert (record.summary.reservation_start, record.summary.reservation_end) == (None, None)


def test_a_reservation_with_a_blank_title_gets_the_basic_one(assembled: Assemble, reservation: Reservation) -> None:
    untitled = replace(reservation, title="  ")

    record = assembled(reservation=untitled)

    assert record.title.startswith("Experiment on the FEI Titan TEM")


def test_the_session_times_are_in_the_notes(assembled: Assemble) -> None:
    record = assembled()

    told = paragraphs(record, "Session")

    assert "2019-11-13T10:00:00-05:00 to 2019-11-13T14:00:00-05:00" in told


def test_what_is_odd_about_the_logs_is_in_the_notes(assembled: Assemble, session: Session) -> None:
    record = assembled(session=replace(session, remarks=("Another session overlapped.", "An END came twice.")))

    assert paragraphs(record, "Session logs") == "Another session overlapped.\nAn END came twice."


def test_nothing_is_said_of_logs_in_order(assembled: Assemble) -> None:
    assert "Session logs" not in {note.source for note in assembled().notes}


def test_says_why_this_reservation_and_how_activities_were_told_apart(assembled: Assemble) -> None:
    record = assembled()

    told = (paragraphs(record, "Reservation"), paragraphs(record, "Activities"))

    assert told == ("The longest overlap of that day.", "They lie close together.")


def test_says_which_places_could_not_be_searched(assembled: Assemble) -> None:
    locked = Unsearched(path=Path("/filestore/Titan/locked"), reason="permission denied")

    record = assembled(unsearched=(locked,))

    assert "/filestore/Titan/locked (permission denied)" in paragraphs(record, "Places not searched")


def test_activities_point_to_the_one_sample_of_the_reservation(
    assembled: Assemble, reservation: Reservation, read: Callable[..., object]
) -> None:
    outcome = read("a.dm3")

    record = assembled(outcome, reservation=reservation)

    assert record.samples[0].sample_id == record.activities[0].sample_id == "fd239ff9c543-sample-1"


def test_with_several_samples_no_activity_claims_to_know_which(
    assembled: Assemble, reservation: Reservation, read: Callable[..., object]
) -> None:
    two = replace(reservation, samples=(Sample(name="one"), Sample(name="other")))

    record = assembled(read("a.dm3"), reservation=two)

    assert [sample.sample_id for sample in record.samples] == [f"fd239ff9c543-sample-{i}" for i in (1, 2)]
    assert record.activities[0].sample_id is None
    assert "2 samples; which activity used which is not known" in paragraphs(record, "Reservation")


def test_an_address_that_is_none_on_the_web_is_told_of(assembled: Assemble, reservation: Reservation) -> None:
    hostile = replace(reservation, url="javascript:alert(1)")

    record = assembled(reservation=hostile)

    assert "javascript:alert(1)" in paragraphs(record, "Reservation")


def test_says_which_files_could_not_be_read(assembled: Assemble, found: Callable[..., FoundFile]) -> None:
    damaged = [Unreadable(file=found(f"{i}.dm3"), reason="it is empty") for i in range(22)]

    record = assembled(*damaged)

    told = paragraphs(record, "Unreadable files")
    assert told.startswith("Listed with the reason why they could not be read: 0.dm3, 1.dm3, ")
    assert told.endswith(", 19.dm3 and 2 more")
