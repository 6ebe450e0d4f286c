from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from nexuslims_core.datasets.models import Extracted, Unreadable
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import Quantity
from nexuslims_core.records.changes import NOTHING, changes
from nexuslims_core.records.models import Note, Record
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import Project, Reservation, Sample
from tests.nexuslims_core.records.hostile import RECORDS, hostile

Assemble = Callable[..., Record]
Read = Callable[..., Extracted]
Found = Callable[..., FoundFile]


def between(before: Record, after: Record) -> tuple[str, ...]:
    return changes(to_xml(before), to_xml(after))


def test_names_the_datasets_that_came_and_went(assembled: Assemble, read: Read) -> None:
    before = assembled(read("a.dm3"), read("b.dm3"))
    after = assembled(read("b.dm3"), read("c.dm3"), read("d.dm3"))

    told = between(before, after)

    assert told == ("2 datasets more: c.dm3, d.dm3", "1 dataset fewer: a.dm3")


def test_of_many_names_it_lists_some_and_counts_the_rest(assembled: Assemble, read: Read) -> None:
    before, after = assembled(read("a.dm3")), assembled(*(read(f"{name}.dm3") for name in "abcdefghi"))

    told = between(before, after)

    assert told == ("8 datasets more: b.dm3, c.dm3, d.dm3, e.dm3, f.dm3 and 3 more",)


def test_tells_values_that_changed_with_their_units(assembled: Assemble, read: Read) -> None:
    voltages = [Quantity(value=value, unit="kV") for value in (300, 80)]
    before, after = (assembled(read("a.dm3", {"Voltage": voltage})) for voltage in voltages)

    told = between(before, after)

    assert told == ("a.dm3: 'Voltage' '300 kV' → '80 kV'",)


def test_the_same_change_of_several_datasets_is_told_once(assembled: Assemble, read: Read) -> None:
    before, after = (
        assembled(read("a.dm3", {"Operator": who, "Spot": 1}), read("b.dm3", {"Operator": who, "Spot": 2}))
        for who in ("ada", "ben")
    )

    told = between(before, after)

    assert told == ("a.dm3, b.dm3: 'Operator' 'ada' → 'ben'",)


def test_a_value_that_only_moved_from_the_setup_to_each_dataset_is_no_change(assembled: Assemble, read: Read) -> None:
    two = read("a.dm3", {"Voltage": 300}), read("b.dm3", {"Voltage": 300})
    before, after = assembled(*two), assembled(*two, read("c.dm3", {"Voltage": 80}))

    told = between(before, after)

    assert told == ("1 dataset more: c.dm3",)


def test_a_value_that_is_not_trusted_any_more_is_told(assembled: Assemble, read: Read) -> None:
    before, after = (assembled(read("a.dm3", {"Operator": "x"}, warnings=w)) for w in ((), ("Operator",)))

    told = between(before, after)

    assert told == ("a.dm3: 'Operator' 'x' → 'x (not to be trusted)'",)


def test_files_that_can_be_read_now_or_cannot_any_more(assembled: Assemble, read: Read, found: Found) -> None:
    damaged = [Unreadable(file=found(name), reason="it is empty") for name in ("a.dm3", "b.dm3")]
    before, after = assembled(damaged[0], read("b.dm3")), assembled(read("a.dm3"), damaged[1])

    told = between(before, after)

    assert told[:2] == ("a.dm3: can be read now", "b.dm3: cannot be read any more: Could not be read: it is empty")


def test_tells_of_activities_that_were_cut_otherwise(assembled: Assemble, read: Read) -> None:
    before = assembled(*(read(f"{name}.dm3", {"Spot": name}) for name in "abc"))
    (whole,) = before.activities
    parts = [replace(whole, seqno=i, datasets=whole.datasets[i : i + 1], setup=whole.setup) for i in range(3)]
    halves = [replace(whole, datasets=whole.datasets[i]) for i in (slice(0, 1), slice(1, 3))]
    others = [replace(whole, datasets=whole.datasets[i]) for i in (slice(0, 2), slice(2, 3))]

    cut, moved = (
        between(replace(before, activities=tuple(old)), replace(before, activities=tuple(new)))
        for old, new in (([whole], parts), (halves, others))
    )

    assert cut == ("3 activities, before 1",)
    assert moved == ("datasets are grouped otherwise into activities",)


def test_tells_of_activities_that_began_at_other_times(assembled: Assemble, read: Read) -> None:
    before = assembled(read("a.dm3"))
    (activity,) = before.activities
    later = replace(activity, start=activity.start + timedelta(minutes=1))

    told = between(before, replace(before, activities=(later,)))

    assert told == ("activities began at other times",)


def test_a_reservation_that_was_found_meanwhile(assembled: Assemble, reservation: Reservation) -> None:
    told = between(assembled(), assembled(reservation=reservation))

    assert "reservation added" in told
    assert "experimenter 'ada' → 'Ada Lovelace'" in told
    assert "sample added: 'FeCo foil'" in told


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "Other"}, "title 'Grain boundaries' → 'Other'"),
        ({"samples": (Sample(name="Y", elements=("Fe", "Co")),)}, "sample 'FeCo foil' → 'Y'"),
        ({"samples": (Sample(name="FeCo foil", elements=("Fe",)),)}, "what is said of sample 1 changed"),
        ({"samples": ()}, "sample removed: 'FeCo foil'"),
        ({"projects": (Project(name="Boundaries"), Project())}, "project added: 'without a name'"),
        ({"motivation": None}, "motivation removed: 'To see cobalt segregate.'"),
        ({"collaborators": ("Ben",)}, "collaborator added: 'Ben'"),
    ],
    ids=["title", "sample's name", "sample's elements", "sample gone", "project", "motivation", "collaborator"],
)
def test_tells_what_the_calendar_says_otherwise(
    assembled: Assemble, reservation: Reservation, fields: dict[str, Any], sentence: str
) -> None:
    before, after = assembled(reservation=reservation), assembled(reservation=replace(reservation, **fields))

    told = between(before, after)

    assert sentence in told


def test_tells_which_notes_changed(assembled: Assemble) -> None:
    before = assembled()
    after = replace(before, notes=(*before.notes[1:], Note(source="Late files", paragraphs=("One came late.",))))

    told = between(before, after)

    assert told == ("notes 'Session' removed", "notes 'Late files' added")


def test_other_bytes_with_the_same_words_are_said_to_be_so(assembled: Assemble) -> None:
    xml = to_xml(assembled())

    told = changes(xml, xml.replace(b"\n  ", b"\n\t"))

    assert told == (NOTHING,)


def test_a_version_that_somebody_broke_is_said_to_be_so(assembled: Assemble) -> None:
    xml = to_xml(assembled())

    told = changes(xml[:100], xml)

    assert told == ("cannot be told: one of the two is no XML any more",)


@pytest.mark.slow
@given(before=RECORDS, after=RECORDS)
@hostile
def test_any_two_records_can_be_compared(before: Record, after: Record) -> None:
    told = between(before, after)

    assert told
    assert not any("\n" in sentence for sentence in told)
    assert between(after, after) == (NOTHING,)
