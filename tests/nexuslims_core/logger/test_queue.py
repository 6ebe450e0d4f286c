import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexuslims_core.errors import StorageError
from nexuslims_core.logger.entries import Entry, RefusedError
from nexuslims_core.logger.queue import ENTRY_LIMIT_BYTES, Queue
from tests.servers.logbook_contract import begins, ends


def test_what_is_kept_comes_back_in_order(queue: Queue) -> None:
    entries = [begins(), begins("2026-03-02T10:00:00"), ends("s1")]

    names = [queue.add(entry) for entry in entries]

    assert queue.names() == tuple(names)
    assert [queue.read(name) for name in names] == entries


def test_the_order_holds_when_the_first_ones_have_left(queue: Queue) -> None:
    first, second = queue.add(begins()), queue.add(begins())
    queue.remove(first)

    third = queue.add(begins())

    assert queue.names() == (second, third)


def test_an_empty_queue_needs_no_folder(queue: Queue) -> None:
    assert queue.names() == ()
    assert not queue.folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the user's folders to the user by itself")
def test_only_the_user_can_look_into_it(queue: Queue) -> None:
    name = queue.add(begins())
    queue.refuse(name, "why")

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (queue.folder, queue.refused / name)]

    assert modes == [0o700, 0o600]


def test_files_of_others_are_not_looked_at(queue: Queue) -> None:
    name = queue.add(begins())
    for foreign in ("desktop.ini", ".x.part", f"{name}.bak", "1-start.json"):
        (queue.folder / foreign).write_text("{}")

    assert queue.names() == (name,)


@pytest.mark.parametrize(
    "content",
    [b"", b'{"event": "start", "se', b"\x00" * 100, b"[]", b'{"event": "start", "session": "s", "at": "2026"}',
     b" " * (ENTRY_LIMIT_BYTES + 1), b"[" * 60_000],
    ids=["empty", "torn", "zeros", "a list", "half an entry", "too long", "too deep"],
)  # fmt: skip
def test_a_damaged_file_is_refused(queue: Queue, content: bytes) -> None:
    name = queue.add(begins())
    (queue.folder / name).write_bytes(content)

    with pytest.raises(RefusedError, match=f"the file {name} is damaged"):
        queue.read(name)


def test_what_was_taken_away_meanwhile_is_none(queue: Queue) -> None:
    assert queue.read("000000001-start-000000000000-0000.json") is None


def test_what_is_refused_is_kept_aside_whole_with_its_reason(queue: Queue) -> None:
    entry = begins()
    name = queue.add(entry)

    queue.refuse(name, "no instrument\ud800")

    assert (queue.names(), queue.refused_names()) == ((), (name,))
    assert (queue.read_refused(name), queue.reason(name)) == (entry, "no instrument\\ud800")


def test_a_start_takes_its_end_along_and_nobody_elses(queue: Queue) -> None:
    wrong, other = begins(session="s1"), ends("s2")
    names = [queue.add(entry) for entry in (wrong, ends("s1"), other, begins(session="s1"), ends("s1"))]

    reasons = queue.refuse(names[0], "unknown")

    assert reasons == {names[1]: "its start was refused: unknown", names[0]: "unknown"}
    assert queue.names() == tuple(names[2:])


def test_the_end_goes_aside_before_its_start(queue: Queue) -> None:
    names = [queue.add(entry) for entry in (begins(session="s1"), ends("s1"))]

    assert list(queue.refuse(names[0], "unknown")) == [names[1], names[0]]


def test_a_refused_file_that_is_put_back_is_an_entry_again(queue: Queue) -> None:
    entry = begins()
    name = queue.add(entry)
    queue.refuse(name, "unknown")

    (queue.refused / name).rename(queue.folder / name)

    assert queue.read(name) == entry


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match=r"cannot use .*NEXUSLIMS_QUEUE_PATH"):
        Queue(folder=tmp_path / "file" / "queue").add(begins())


def test_one_at_a_time(queue: Queue) -> None:
    queue.add(begins())

    with queue.alone() as first, queue.alone() as second:
        assert (first, second) == (True, False)

    with replace(queue, patience_s=0).alone() as third:
        assert third


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ENTRIES = st.one_of(
    st.builds(begins, st.datetimes().filter(lambda at: 1 < at.year < 9999).map(str), session=TEXT, user=TEXT),
    st.builds(ends, TEXT),
)


@given(entries=st.lists(ENTRIES, max_size=5))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_entry_is_the_same_afterwards(queue: Queue, entries: list[Entry]) -> None:
    for name in queue.names():
        queue.remove(name)

    names = [queue.add(entry) for entry in entries]

    assert names == list(queue.names())
    assert [queue.read(name) for name in names] == entries
