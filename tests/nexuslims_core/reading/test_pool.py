import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.errors import ConfigurationError, ReadingError, StorageError
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import MetadataValue
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files

ROOT = Path(__file__).resolve().parents[3]
WORK = "tests.nexuslims_core.reading.misbehaving:behave"
LIMITS = Limits(workers=2, timeout_s=3.0, memory_mb=512)
ONE = Limits(workers=1, timeout_s=3.0, memory_mb=512)
TOO_MUCH = "reading it needs more than the 512 MB that one file may take"
TOO_LONG = "reading it took longer than 3 s, so it was stopped"
BROKE_OFF = "its reader broke off without an answer"

pytestmark = pytest.mark.slow  # each test starts processes of its own


def job(name: str, size: int = 1, *, folder: Path = Path("/store"), data: Path | None = None) -> Job:
    file = FoundFile(path=folder / name, size=size, mtime=0.0)
    mirror = Mirror(filestore=folder, data_path=data) if data else None
    return Job(source=Source(file=file, zone=UTC), mirror=mirror)


def told(outcome: Outcome) -> dict[str, MetadataValue]:
    """Return what a worker said of itself."""
    assert isinstance(outcome, Extracted), outcome
    return dict(outcome.datasets[0].metadata.entries)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("crash", "its reader crashed (SIGSEGV)"),
        ("abort", "its reader crashed (SIGABRT)"),
        ("leave", "its reader crashed (exit code 3)"),
        ("be_killed", "its reader was killed from outside, perhaps because the machine ran out of memory"),
        ("hang", TOO_LONG),
        ("hang_on", TOO_LONG),
        ("stop", TOO_LONG),
        ("eat", TOO_MUCH),
        ("eat_bit_by_bit", TOO_MUCH),
        ("eat_pages", TOO_MUCH),
        ("eat_shared_pages", TOO_MUCH),
        ("claim", TOO_MUCH),
        ("fill_disk", "its reader failed: OSError: [Errno 27] File too large"),
        ("close_everything", "its reader closed files that are not its own"),
        ("chatter_on_the_line", BROKE_OFF),
        ("promise_much_on_the_line", "what it says of itself takes more than 16 MB"),
        ("fail", "its reader failed: KeyError: 'no such tag\\x00'"),
        ("fail_oddly", "its reader failed: OddError: it cannot say why"),
        ("exit_politely", "its reader failed: SystemExit: that was all"),
        ("interrupt", "its reader failed: KeyboardInterrupt:"),
        ("recurse", "its reader failed: RecursionError: maximum recursion depth exceeded"),
        ("say_not_a_number", "what its reader says of it cannot be kept"),
        ("say_too_much", "what it says of itself takes more than 16 MB"),
    ],
)
def test_what_a_reader_does_to_its_process_costs_one_file(name: str, reason: str) -> None:
    outcomes = read_files([job("good"), job(name), job("better")], LIMITS, work=WORK)

    assert [type(outcome) for outcome in outcomes] == [Extracted, Unreadable, Extracted]
    assert isinstance(outcomes[1], Unreadable)
    assert outcomes[1].reason.startswith(reason)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("crash", "its reader crashed (SIGSEGV)"),
        ("leave", "its reader crashed (exit code 3)"),
        ("hang_on", TOO_LONG),
        ("eat_pages", TOO_MUCH),
        ("fail", "its reader failed: KeyError"),
        ("close_everything", "its reader closed files that are not its own"),
    ],
)
def test_what_is_known_of_a_file_outlives_the_drawing_of_its_picture(act: str, reason: str) -> None:
    outcomes = read_files([job("good"), job(f"draw and {act}"), job("better")], LIMITS, work=WORK)

    assert [type(outcome) for outcome in outcomes] == [Extracted, Extracted, Extracted]
    assert isinstance(outcomes[1], Extracted)
    (note,) = outcomes[1].datasets[0].metadata.notes
    assert note.startswith(f"no picture: {reason}")


def test_what_is_known_in_the_end_takes_the_place_of_what_was_known_so_far() -> None:
    (outcome,) = read_files([job("draw and say_how_it_is")], ONE, work=WORK)

    assert isinstance(outcome, Extracted)
    assert outcome.datasets[0].metadata.notes == ()
    assert "PATH" in told(outcome)


def test_many_that_misbehave_cost_themselves_alone_even_with_one_worker() -> None:
    bad = ("crash", "leave", "close_everything", "chatter_on_the_line", "fail_oddly", "say_too_much", "be_killed")
    names = [name for act in bad for name in (f"{act}.1", f"good.{act}", f"{act}.2")]

    outcomes = read_files([job(name) for name in names], ONE, work=WORK)

    assert {outcome.file.path.name for outcome in outcomes if isinstance(outcome, Extracted)} == {
        f"good.{act}" for act in bad
    }


def test_what_cannot_be_said_is_not_said() -> None:
    (outcome,) = read_files([job("say_what_cannot_be_kept")], ONE, work=WORK)

    assert isinstance(outcome, Unreadable)
    assert outcome.reason.startswith("its reader failed: PydanticSerializationError")


def test_a_reason_is_short_and_fit_for_xml() -> None:
    (outcome,) = read_files([job("fail_at_length")], ONE, work=WORK)

    assert isinstance(outcome, Unreadable)
    assert len(outcome.reason) <= 500
    assert outcome.reason.startswith("its reader failed: ValueError: <script>alert(1)</script>")
    assert "\ud800" not in outcome.reason


def test_an_answer_is_not_written_into_a_file_that_took_the_place_of_the_line(tmp_path: Path) -> None:
    (outcome,) = read_files([job("take_the_line", data=tmp_path)], ONE, work=WORK)

    assert isinstance(outcome, Unreadable)
    assert outcome.reason == "its reader closed files that are not its own"
    assert (tmp_path / "taken").read_bytes() == b""


def test_memory_that_a_reader_could_do_without_costs_nothing() -> None:
    (outcome,) = read_files([job("swallow_memory_error")], ONE, work=WORK)

    assert told(outcome)["told"] == "well"


def test_gigabytes_of_prints_cost_neither_memory_nor_disk_nor_the_file(capfd: pytest.CaptureFixture[str]) -> None:
    generous = Limits(workers=1, timeout_s=60, memory_mb=512)

    (outcome,) = read_files([job("print_much")], generous, work=WORK)

    assert isinstance(outcome, Extracted)
    assert capfd.readouterr() == ("", "")


def test_what_a_reader_prints_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        read_files([job("print_little")], ONE, work=WORK)

    assert caplog.messages == ["/store/print_little: its reader printed: on stdout\non stderr[31m"]


@pytest.mark.parametrize("act", ["change_everything", "litter", "leave_thread", "have_children"])
def test_the_next_file_finds_everything_as_the_first_did(act: str, tmp_path: Path) -> None:
    names = ["say_how_it_is.1", act, "say_how_it_is.2"]

    outcomes = read_files([job(name, folder=tmp_path) for name in names], ONE, work=WORK)

    (before, after) = ({**told(outcomes[i]), "pid": 0} for i in (0, 2))
    scratch = {Path(str(each.pop(key))).parent for each in (before, after) for key in ("folder", "temporary")}
    assert before == after
    assert len(scratch) == 1
    assert before["left"] == 0


def test_a_worker_that_was_left_as_it_was_reads_the_next_file() -> None:
    outcomes = read_files([job("good"), job("litter"), job("better")], ONE, work=WORK)

    assert len({told(outcome)["pid"] for outcome in outcomes}) == 1


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for_end(pids: list[int]) -> list[int]:
    """Return which of these processes still live after two seconds."""
    deadline = time.monotonic() + 2
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return [pid for pid in pids if is_alive(pid)]


@pytest.mark.parametrize("act", ["have_children", "have_children_and_hang", "have_children_and_crash"])
def test_the_children_of_a_reader_end_with_it(act: str, tmp_path: Path) -> None:
    read_files([job(act, data=tmp_path)], ONE, work=WORK)

    pids = list(map(int, (tmp_path / "pids").read_text().split()))
    assert len(pids) == 3
    assert wait_for_end(pids) == []


HANGS_AND_TELLS = """
import json, sys, threading, time
from pathlib import Path
from nexuslims_core.reading.pool import read_files
from tests.nexuslims_core.reading.test_pool import *
generous = Limits(workers=2, timeout_s=60, memory_mb=512)
read_files([job("have_children_and_hang", data=Path(sys.argv[1])), job("hang_on")], generous, work=WORK)
"""


def descendants(pid: int) -> list[int]:
    """Return the processes below one that lives: the ward first."""
    found, new = [], [pid]
    while new:
        new = [int(child) for each in new for child in Path(f"/proc/{each}/task/{each}/children").read_text().split()]
        found += new
    return found


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whatever_ends_the_caller_leaves_no_orphans(by: signal.Signals, tmp_path: Path) -> None:
    caller = subprocess.Popen([sys.executable, "-c", HANGS_AND_TELLS, tmp_path], cwd=ROOT, stderr=subprocess.PIPE)
    while caller.poll() is None and not (tmp_path / "pids").exists():
        time.sleep(0.02)
    pids = descendants(caller.pid)

    caller.send_signal(by)
    caller.communicate()

    assert len(pids) >= 6  # the ward, two workers and three children of one
    assert wait_for_end(pids) == []


def test_a_ward_that_is_killed_takes_its_workers_along_and_is_no_fault_of_the_files(tmp_path: Path) -> None:
    code = HANGS_AND_TELLS.replace("have_children_and_hang", "hang")
    caller = subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=ROOT, stderr=subprocess.PIPE)
    while caller.poll() is None and len(pids := descendants(caller.pid)) < 3:
        time.sleep(0.05)

    os.kill(pids[0], signal.SIGKILL)
    _, said = caller.communicate()

    assert wait_for_end(pids) == []
    assert f"{ReadingError.__name__}: the process that watches over the readers ended by itself" in said.decode()


def test_an_error_of_the_caller_ends_what_it_started() -> None:
    before = set(descendants(os.getpid()))  # servers of other tests

    def give_up(_outcome: Outcome) -> None:
        pids.extend(set(descendants(os.getpid())) - before)
        raise LookupError("the claim is lost")

    pids: list[int] = []
    with pytest.raises(LookupError):
        read_files([job("good"), job("hang_on")], LIMITS, work=WORK, done=give_up)

    assert len(pids) >= 2
    assert wait_for_end(pids) == []


def test_nothing_is_left_in_the_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    read_files([job(name) for name in ("litter", "leave", "hang", "good")], LIMITS, work=WORK)

    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write_beside_the_raw_data(tmp_path: Path) -> None:
    path = tmp_path / "write_into_the_store.raw"
    path.write_bytes(b"raw data")

    (outcome,) = read_files([job(path.name, folder=tmp_path)], ONE, work=WORK)

    refused = {**told(outcome)}
    del refused["pid"]
    assert set(refused.values()) == {True}, refused
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [(path.name, b"raw data")]


def test_a_worker_writes_where_it_may(tmp_path: Path) -> None:
    (outcome,) = read_files([job("write_where_it_may", data=tmp_path / "new" / "data")], ONE, work=WORK)

    assert isinstance(outcome, Extracted)
    assert (tmp_path / "new" / "data" / "written").read_text() == "here"


def test_a_folder_that_cannot_be_made_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match=r"cannot write .*: Not a directory"):
        read_files([job("good", data=tmp_path / "file" / "data")], ONE, work=WORK)


def test_outcomes_come_in_the_order_of_the_files_whatever_their_size() -> None:
    names = [f"file{i}" for i in range(7)]

    outcomes = read_files([job(name, size=i % 3) for i, name in enumerate(names)], LIMITS, work=WORK)

    assert [outcome.file.path.name for outcome in outcomes] == names


def test_the_largest_files_are_begun_first() -> None:
    seen: list[str] = []

    read_files(
        [job(f"file{i}", size=i) for i in range(7)],
        ONE,
        work=WORK,
        done=lambda outcome: seen.append(outcome.file.path.name),
    )

    assert seen == [f"file{i}" for i in reversed(range(7))]


def test_a_full_disk_is_no_fault_of_the_file() -> None:
    with pytest.raises(StorageError, match="no space left"):
        read_files([job("good"), job("find_disk_full")], LIMITS, work=WORK)


def test_no_files_start_no_processes() -> None:
    assert read_files([], LIMITS, work=WORK) == ()


def test_every_caller_is_told_of_each_outcome_as_it_comes() -> None:
    seen: list[Outcome] = []

    outcomes = read_files([job("a"), job("b"), job("fail")], LIMITS, work=WORK, done=seen.append)

    assert sorted(map(repr, seen)) == sorted(map(repr, outcomes))


@pytest.fixture
def broken_extractor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package of a site whose extractor cannot be imported, installed beside ours."""
    about = tmp_path / "site" / "broken-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[nexuslims.extractors]\nbroken = no_such_module:extractor\n")
    monkeypatch.syspath_prepend(about.parent)
    return


@pytest.mark.usefixtures("broken_extractor")
def test_an_extractor_that_cannot_be_imported_is_said_before_any_file_is_read() -> None:
    with pytest.raises(ConfigurationError, match=r"extractor 'broken' \(no_such_module:extractor\) cannot be imported"):
        read_files([job("good")], ONE, work=WORK)


def test_nothing_of_the_caller_is_imported_by_its_workers(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from tests.nexuslims_core.reading.test_pool import *\n"
        "print('begun')\n"
        "print(json.dumps(told(read_files([job('good')], ONE, work=WORK)[0])['pid']))\n"
    )

    done = subprocess.run(
        [sys.executable, program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    begun, pid = done.stdout.splitlines()
    assert (begun, json.loads(pid) > 0, done.stderr) == ("begun", True, "")
