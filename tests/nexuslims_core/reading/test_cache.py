import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.instruments.profiles.models import Profile
from nexuslims_core.reading import cache
from nexuslims_core.reading.cache import recall, recipe
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.opening import open_file
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files

LONG_AGO = 1_700_000_000
PROFILE = Profile(name="p", instruments=("*",), fill={"Voltage": 300})
Write = Callable[..., Path]

_opened: list[str] | None = None


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _opened is not None:
        _opened.append(str(arguments[0]))


sys.addaudithook(_note)


@contextmanager
def opened() -> Iterator[list[str]]:
    """Collect the names of all files that are opened."""
    global _opened  # a hook can never be taken away
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def acme(store: Path, install_acme: Callable[..., None]) -> Write:
    """Write a file of the site's format, last modified long ago."""
    install_acme()

    def write(*words: str, name: str = "a.acm", at: float = LONG_AGO) -> Path:
        path = store / name
        path.write_text(" ".join(("ACME", *words)))
        os.utime(path, (at, at))
        return path

    return write


def job(path: Path, *parts: Path, profiles: tuple[Profile, ...] = ()) -> Job:
    status = path.stat()
    file = FoundFile(path=path, size=status.st_size, mtime=status.st_mtime, parts=parts)
    mirror = Mirror(filestore=path.parent, data_path=path.parent.parent / "data")
    return Job(source=Source(file=file, zone=UTC), mirror=mirror, profiles=profiles, recipe=recipe(profiles))


def entry(of: Job) -> Path:
    """Return the one entry that is kept."""
    assert of.mirror is not None
    (path,) = (of.mirror.data_path / "work" / "read").rglob("*.json")
    return path


def test_an_unchanged_file_gives_the_same_outcome_unread(acme: Write) -> None:
    path = acme("one", "two")
    first = open_file(job(path))

    with opened() as names:
        second = recall(job(path))

    assert second == first
    assert [name for name in names if "store" in name] == []


def test_a_file_that_was_never_read_is_not_known(acme: Write) -> None:
    assert recall(job(acme("one"))) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("ACME two"),
        lambda path: os.utime(path, ns=(0, LONG_AGO * 10**9 + 1)),
        lambda path: os.utime(path, (LONG_AGO - 1, LONG_AGO - 1)),
    ],
    ids=["written to", "one nanosecond later", "older than it was"],
)
def test_a_changed_file_is_not_known(acme: Write, change: Callable[[Path], None]) -> None:
    path = acme("one")
    open_file(job(path))

    change(path)

    assert recall(job(path)) is None


def test_a_file_that_is_gone_is_not_known(acme: Write) -> None:
    path = acme("one")
    asked = job(path)
    open_file(asked)

    path.unlink()

    assert recall(asked) is None


def test_a_changed_part_counts(acme: Write) -> None:
    part = acme("header", name="a.hdr")
    path = acme("one")
    open_file(job(path, part))
    assert recall(job(path, part)) is not None

    os.utime(part, (LONG_AGO + 1, LONG_AGO + 1))

    assert recall(job(path, part)) is None


def test_a_file_that_the_reader_opened_beside_counts(acme: Write) -> None:
    other = acme("more", name="beside.txt")
    path = acme("beside")
    first = open_file(job(path))
    assert recall(job(path)) == first

    os.utime(other, (LONG_AGO + 1, LONG_AGO + 1))

    assert recall(job(path)) is None


@pytest.mark.parametrize(
    "other",
    [
        lambda known: replace(known, recipe=recipe((PROFILE,))),
        lambda known: replace(known, recipe=""),
        lambda known: replace(known, mirror=None),
        lambda known: replace(known, mirror=replace(known.mirror, filestore=known.mirror.filestore.parent)),
        lambda known: replace(known, source=replace(known.source, zone=ZoneInfo("Europe/Berlin"))),
        lambda known: replace(known, source=replace(known.source, instrument_pid="Titan")),
    ],
    ids=["other profiles", "none asked for", "written nowhere", "written elsewhere", "other zone", "other instrument"],
)
def test_another_question_has_another_answer(acme: Write, other: Callable[[Job], Job]) -> None:
    known = job(acme("one"))
    open_file(known)

    assert recall(other(known)) is None


def test_a_new_form_of_previews_or_metadata_is_made_anew(acme: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = acme("one")
    open_file(job(path))

    monkeypatch.setattr(cache, "FORM", cache.FORM + 1)

    assert recall(job(path)) is None


@pytest.mark.parametrize("of", ["preview", "json"])
@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["gone", "empty"])
def test_what_was_written_must_still_be_there(acme: Write, of: str, change: Callable[[Path], None]) -> None:
    path = acme("one")
    outcome = open_file(job(path))
    assert isinstance(outcome, Extracted)

    change(getattr(outcome.datasets[0], of))

    assert recall(job(path)) is None


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_half_an_entry_is_none(acme: Write, length: int) -> None:
    path = acme("one")
    open_file(job(path))
    kept = entry(job(path))

    kept.write_bytes(kept.read_bytes()[: length if length >= 0 else -2])

    assert recall(job(path)) is None


def test_an_entry_that_was_tampered_with_is_none(acme: Write) -> None:
    path = acme("one")
    open_file(job(path))
    kept = entry(job(path))

    kept.write_bytes(kept.read_bytes().replace(b"ACME one", b"ACME two"))

    assert recall(job(path)) is None


def test_an_entry_of_another_release_is_none(acme: Write) -> None:
    path = acme("one")
    open_file(job(path))
    kept = entry(job(path))

    head, body = json.loads(kept.read_text().splitlines()[0]), b'{"unheard": "of"}'
    kept.write_bytes(json.dumps({**head, "digest": sha256(body)}).encode() + b"\n" + body)

    assert recall(job(path)) is None


@pytest.mark.parametrize("word", ["damaged", "library"])
def test_what_is_wrong_with_a_file_is_kept(acme: Write, word: str) -> None:
    path = acme(word)
    outcome = open_file(job(path))

    assert isinstance(outcome, Unreadable)
    assert recall(job(path)) == outcome


@pytest.mark.parametrize("word", ["fault", "missing", "unlucky"])
def test_what_may_be_well_the_next_time_is_not_kept(acme: Write, word: str) -> None:
    path = acme(word)

    open_file(job(path))

    assert recall(job(path)) is None


def test_lack_of_memory_is_not_kept(acme: Write) -> None:
    path = acme("memory")

    with pytest.raises(MemoryError):
        open_file(job(path))

    assert recall(job(path)) is None


def test_a_file_that_may_still_be_written_is_not_kept(acme: Write) -> None:
    path = acme("one", at=time.time())

    open_file(job(path))

    assert recall(job(path)) is None


def test_a_clock_that_goes_wrong_does_no_harm(acme: Write) -> None:
    path = acme("one", at=time.time() + 86400)

    outcome = open_file(job(path))

    assert recall(job(path)) == outcome


def test_another_version_of_the_extractor_reads_again(acme: Write, install_acme: Callable[..., None]) -> None:
    path = acme("one")
    open_file(job(path))

    install_acme(2)

    assert recall(job(path)) is None


def test_a_version_that_is_not_stated_is_the_first(acme: Write, install_acme: Callable[..., None]) -> None:
    path = acme("one")
    outcome = open_file(job(path))

    install_acme(None)

    assert recall(job(path)) == outcome


def test_a_new_extractor_may_read_what_nobody_could_and_leaves_the_rest_alone(
    store: Path, install_acme: Callable[..., None]
) -> None:
    path, other = store / "a.acm", store / "a.txt"
    for each in (path, other):
        each.write_text("ACME one")
        os.utime(each, (LONG_AGO, LONG_AGO))
        open_file(job(each))
    assert None not in (recall(job(path)), recall(job(other)))

    install_acme()

    assert recall(job(path)) is None
    assert recall(job(other)) is not None


def test_many_builders_at_once_leave_a_whole_entry(store: Path) -> None:
    path = store / "a.txt"
    path.write_text("some words")
    os.utime(path, (LONG_AGO, LONG_AGO))

    outcomes = read_files([job(path)] * 16, Limits(workers=4, timeout_s=60, memory_mb=512))

    assert len(set(map(repr, outcomes))) == 1
    assert recall(job(path)) in (None, outcomes[0])  # None where the last to keep it had not seen the last to draw it
    open_file(job(path))
    assert recall(job(path)) == outcomes[0]


def test_names_that_are_no_text_are_known_too(store: Path) -> None:
    path = store / os.fsdecode(b"caf\xe9.txt")
    path.write_text("some words")
    os.utime(path, (LONG_AGO, LONG_AGO))

    outcome: Outcome = open_file(job(path))

    assert recall(job(path)) == outcome
