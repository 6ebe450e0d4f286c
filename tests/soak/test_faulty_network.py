"""Mixtures of faults between the upload of a session and a real CDCS: one record a session, and books that know.

A network that loses, cuts, resets, drips and garbles; a server that is busy, down, or not set up; an account that may
not; and processes that are killed before, in and after a request. Each mixture is drawn by its own seed.
"""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.servers.cdcs import NEXUS_EXPERIMENT
from tests.servers.cdcs_admin import CdcsAdmin
from tests.soak.conftest import MIXTURES
from tests.soak.facility import BEGUN, INSTRUMENTS
from tests.soak.mixture import SESSION, Course, Mixture, record
from tests.soak.uploader import LEASE, Orders, build, keep_house

pytestmark = pytest.mark.server

LANES = 4  # they wait most of the time: for silence, for drips, for the server


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A database in which one session waits."""
    path = tmp_path / "empty.sqlite"
    database = Database.create(f"sqlite:///{path}")
    instrument = INSTRUMENTS["STEM"]
    database.add_instrument(instrument)
    database.start_session(instrument.instrument_pid, "ada", BEGUN, SESSION)
    database.end_session(SESSION, BEGUN + LEASE)
    database.engine.dispose()
    return path


def test_mixtures_of_faults_leave_one_public_record_a_session(
    cdcs: CdcsServer,
    empty: Path,
    tmp_path: Path,
    seed: int,
    share: Callable[[int], int],
    tell: Callable[[str], None],
) -> None:
    admin, begun = CdcsAdmin(server=cdcs), time.monotonic()
    mixtures = [
        Mixture(
            name=f"2026-11-22_Soak_{seed}-{i:04d}",
            seed=f"{seed}-{i}",
            admin=admin,
            folder=tmp_path / f"{i:04d}",
            empty=empty,
        )
        for i in range(share(MIXTURES))
    ]

    with ThreadPoolExecutor(LANES) as lanes:
        courses = list(lanes.map(Mixture.run, mixtures))

    for line in _table(courses, time.monotonic() - begun):
        tell(line)
    assert [(it.name, course.fault) for it, course in zip(mixtures, courses, strict=True) if course.fault] == []


def _table(courses: list[Course], seconds: float) -> Iterator[str]:
    thrown = sum((course.thrown for course in courses), Counter[str]())
    at_writes = sum((course.at_writes for course in courses), Counter[str]())
    met = Counter(name for course in courses for name in course.thrown)
    endings = sum((course.endings for course in courses), Counter[str]())
    begun = Counter(course.begun for course in courses)
    yield (
        f"faulty network: {len(courses)} mixtures of {thrown.total()} faults, {endings.total()} runs, {seconds:.0f} s; "
        f"one record, right in content and workspace, and books that know: {sum(not c.fault for c in courses)}"
    )
    for name, times in sorted(thrown.items()):
        yield f"  {name:<28} {times:>5} times, {at_writes[name]:>4} of them at a write, in {met[name]:>4} mixtures"
    yield f"  runs ended: {dict(endings.most_common())}"
    yield f"  at first CDCS held: {dict(begun.most_common())}"


def test_a_server_that_was_down_for_an_hour_gets_the_record_from_housekeeping(
    cdcs_python: Path, prepared_cdcs_home: Path, empty: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(prepared_cdcs_home, tmp_path / "home")
    with CdcsServer(home=home, python=cdcs_python, schema=NEXUS_EXPERIMENT) as server:
        url, token = server.url, server.token
    orders = Orders(
        folder=tmp_path,
        url=url,
        token=token,
        session=SESSION,
        title="2026-11-22_Soak_down",
        holder="run 1",
        later=timedelta(),
    )
    orders.record.parent.mkdir()
    orders.record.write_bytes(record("down for an hour"))
    shutil.copyfile(empty, tmp_path / "sessions.sqlite")
    books = Database.open(orders.database_url)
    states = []

    build(orders)
    states.append(books.summary(SESSION).status)
    with CdcsServer(home=home, python=cdcs_python, schema=NEXUS_EXPERIMENT, port=int(url.rpartition(":")[2])) as server:
        keep_house(replace(orders, holder="too early"))
        states.append(books.summary(SESSION).status)
        keep_house(replace(orders, holder="in time", later=timedelta(hours=1)))
        states.append(books.summary(SESSION).status)
        found, workspace = CdcsAdmin(server=server).held(orders.title), server.workspace

    receipt = books.publication(SESSION, "cdcs")
    assert states == [RecordStatus.BUILT_NOT_EXPORTED, RecordStatus.BUILT_NOT_EXPORTED, RecordStatus.COMPLETED]
    assert receipt is not None
    assert [(str(each["id"]), each["workspace"], each["xml_content"].encode()) for each in found] == [
        (receipt.record_id, workspace, orders.record.read_bytes())
    ]
