"""A session whose upload meets a mixture of faults, drawn by a seed, until its record is published."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.artefacts import sha256
from nexuslims_core.db.database import Database
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.sessions.states import RecordStatus
from tests.servers.cdcs_admin import CdcsAdmin
from tests.servers.faulty_proxy import (
    KILLS,
    NETWORK_FAULTS,
    TEMPLATE_FAULTS,
    Fault,
    FaultyProxy,
    pass_on,
    reset_before_storing,
)
from tests.servers.mortal import KILLED, live
from tests.soak.uploader import LEASE, Orders, build, keep_house

SESSION = "soak-session"
MOST_RUNS = 60
LATER = timedelta(hours=7)  # than any pause of the outbox
SLOW = {
    "time-out, not stored",
    "time-out, stored",
    "slow drip of the answer",
    "slow drip of its head",
    "429, wait a second",
}
WEIGHTS = {
    **{name: 2 if name in SLOW else 4 for name in NETWORK_FAULTS},
    **dict.fromkeys(KILLS, 8),
}
TEMPLATES = "/rest/template-version-manager/global/"
DOWN, WRONG_TOKEN, NO_RIGHT = "server down for an hour", "wrong password", "no right to publish"
RUN_FAULTS = (DOWN, WRONG_TOKEN, NO_RIGHT)


@dataclass(kw_only=True)
class Dice:
    """Which fault befalls a request; after ``left`` faults everything goes well.

    Attributes
    ----------
    share
        How many requests something befalls; a third of that where it only looks, three times that where it writes.
    thrown, at_writes
        Faults by name: all, and those that befell a request that writes.
    """

    chance: random.Random
    share: float
    left: int
    thrown: Counter[str] = field(default_factory=Counter)
    at_writes: Counter[str] = field(default_factory=Counter)
    is_down: bool = False

    def __getitem__(self, asked: tuple[str, str]) -> list[Fault]:
        if self.is_down:
            return [reset_before_storing]
        writes = asked == ("POST", "/rest/data/") or asked[0] in ("PATCH", "DELETE")
        if not self.strikes(3 if writes else 1 / 3):
            return [pass_on]
        faults = (
            {**NETWORK_FAULTS, **KILLS} if asked[1] != TEMPLATES else {**NETWORK_FAULTS, **KILLS, **TEMPLATE_FAULTS}
        )
        weights = [WEIGHTS.get(name, 8) for name in faults]
        (name,) = self.chance.choices(list(faults), weights)
        self.thrown[name] += 1
        self.at_writes[name] += writes
        return [faults[name]]

    def strikes(self, times: float = 1) -> bool:
        """Whether something befalls the next one, with a share of the usual chance."""
        if not self.left or self.chance.random() > self.share * times:
            return False
        self.left -= 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How it went.

    Attributes
    ----------
    thrown, at_writes
        Faults by name: all, and those that befell a request that writes.
    endings
        How its runs ended: killed, or the state that the session had then.
    begun
        What CDCS held at first.
    fault
        What is wrong in the end; "" where all is well.
    """

    thrown: Counter[str]
    at_writes: Counter[str]
    endings: Counter[str]
    begun: str
    fault: str


@dataclass(kw_only=True)
class Mixture:
    """One session, its facility, and the faults before it.

    Attributes
    ----------
    name
        Tells it from all others, in titles too.
    empty
        A database with the session in it, to be copied.
    """

    name: str
    seed: str
    admin: CdcsAdmin
    folder: Path
    empty: Path

    def run(self) -> Course:
        """Let the session live until its record is published, and look what is there then."""
        self.chance = random.Random(self.seed)  # noqa: S311 - no secret
        self.before, self.after = record(f"before {self.name}"), record(f"after {self.name}, µ & <Ω>")
        self.later, self.number, self.endings = timedelta(), 0, Counter[str]()
        (self.folder / "records").mkdir(parents=True)
        shutil.copyfile(self.empty, self.folder / "sessions.sqlite")
        (self.folder / "records" / f"{self.name}.xml").write_bytes(self.after)
        self.database = Database.open(f"sqlite:///{self.folder / 'sessions.sqlite'}")
        begun = self.chance.choice(list(BEGINNINGS))
        BEGINNINGS[begun](self)
        dice = Dice(chance=self.chance, share=self.chance.uniform(0.1, 0.6), left=self.chance.randint(2, 10))
        with FaultyProxy(self.admin.server.url) as proxy:
            proxy.faults = dice  # type: ignore[assignment] # it is only asked
            while self.status is not RecordStatus.COMPLETED and self.number < MOST_RUNS:
                self._one_run(proxy, dice)
        return Course(
            thrown=dice.thrown, at_writes=dice.at_writes, endings=self.endings, begun=begun, fault=self._fault()
        )

    @property
    def status(self) -> RecordStatus:
        return self.database.summary(SESSION).status

    def _one_run(self, proxy: FaultyProxy, dice: Dice) -> None:
        deed = self._next_deed()
        whole = next((name for name in RUN_FAULTS if dice.strikes(1 / 3)), "")
        dice.thrown.update([whole] if whole else [])
        dice.is_down = whole == DOWN
        server = self.admin.server
        token = {WRONG_TOKEN: "0" * 40, NO_RIGHT: server.guest_token}.get(whole, server.token)
        orders = Orders(
            folder=self.folder,
            url=proxy.url,
            token=token,
            session=SESSION,
            title=self.name,
            holder=f"run {self.number}",
            later=self.later,
        )
        code = live(proxy, deed, orders)
        assert code in (0, KILLED), f"{self.name}: {deed.__name__} ended with {code}"
        self.endings["killed" if code == KILLED else str(self.status)] += 1

    def _next_deed(self) -> Callable[[Orders], None]:
        """Return what happens next; whoever was killed comes back, or another takes over when the lease is over."""
        status = self.status
        if status is RecordStatus.TO_BE_BUILT and self.number and self.chance.random() < 0.5:
            return build
        self.number += 1
        self.later += LATER if status is RecordStatus.BUILT_NOT_EXPORTED else 2 * LEASE
        if status is RecordStatus.ERROR:
            self.database.requeue(SESSION, "mended", datetime.now(UTC) + self.later)
        return keep_house if status is RecordStatus.BUILT_NOT_EXPORTED else build

    def _fault(self) -> str:
        """Return what is not as it shall be: on the server, or in the books."""
        held = [(str(each["id"]), each["workspace"], each["xml_content"]) for each in self.admin.held(self.name)]
        receipt = self.database.publication(SESSION, "cdcs")
        if self.status is not RecordStatus.COMPLETED or receipt is None:
            return f"the session is {self.status} after {self.number} runs"
        if held != [(receipt.record_id, self.admin.server.workspace, self.after.decode())]:
            return f"the server holds {held}, the books say {receipt}"
        if receipt.sha256 != sha256(self.after) or self.admin.held(f"{self.name}-theirs"):
            return f"the books say {receipt}, or the record of the other title is still there"
        return ""

    def publish_before(self, title: str) -> None:
        """Let the books know a record of the session, as it was before."""
        number = self.admin.post(title, self.before, workspace=self.admin.server.workspace)
        url = f"{self.admin.server.url}/data?id={number}"
        receipt = Receipt(destination="cdcs", record_id=str(number), url=url, sha256=sha256(self.before))
        self.database.note_publication(SESSION, receipt, title, datetime.now(UTC))


BEGINNINGS: dict[str, Callable[[Mixture], object]] = {
    "nothing": lambda _: None,
    "nothing, again": lambda _: None,
    "another version, with receipt": lambda it: it.publish_before(it.name),
    "adopted, under another title": lambda it: it.publish_before(f"{it.name}-theirs"),
    "the same, without receipt": lambda it: it.admin.post(it.name, it.after, workspace=it.admin.server.workspace),
    "another version, private": lambda it: it.admin.post(it.name, it.before),
    "two leftovers": lambda it: [it.admin.post(it.name, xml) for xml in (it.before, it.after)],
}
"""What CDCS and the books hold before the first run."""


def record(motivation: str) -> bytes:
    safe = motivation.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Experiment xmlns="{NEXUS_NAMESPACE}">\n  <title>Soak</title>\n'
        f"  <summary><experimenter>Ada</experimenter><motivation>{safe}</motivation></summary>\n</Experiment>\n"
    ).encode()
