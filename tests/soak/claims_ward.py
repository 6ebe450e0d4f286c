"""Keeps eight workers on one database: deals out their fates, kills and wakes them, and replaces those who die.

Prints one JSON document: how the workers ended, and who met which fate.

    python -m tests.soak.claims_ward URL FOLDER SESSIONS SEED
"""

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from tests.soak.claims_worker import LEASE, RETIRED, SLEEPS, Fate, Orders, live

CLAIMERS = 8
KILLED = -signal.SIGKILL
LIMIT_S = 300.0
MOST_ASLEEP = 3
SESSIONS_A_ROUND = 20
ROUND = (*Fate, Fate.FROM_OUTSIDE, Fate.FROM_OUTSIDE)
LONGEST_LIFE_S = 0.3
_fork = multiprocessing.get_context("fork")


@dataclass(slots=True, kw_only=True)
class Life:
    """One worker, from outside."""

    orders: Orders
    process: ForkProcess
    killed_at: float
    asleep_since: float | None = None

    def diary(self) -> list[dict[str, Any]]:
        path = self.orders.folder / "diaries" / str(self.orders.number)
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@dataclass(slots=True, kw_only=True)
class Ward:
    """All workers of a run."""

    url: str
    folder: Path
    fates: list[Fate]
    chance: random.Random
    lives: list[Life] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)
    left: "count[int]" = field(default_factory=count)
    codes: Counter[int] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Keep them going until each came to the end of the work."""
        for _ in range(CLAIMERS):
            self.send()
        deadline = time.monotonic() + LIMIT_S
        while self.lives and time.monotonic() < deadline:
            for life in list(self.lives):
                self.attend(life)
                if life.process.exitcode is not None:
                    self.bury(life)
            time.sleep(0.005)
        for life in self.lives:
            life.process.kill()

    def send(self, dead: Life | None = None) -> None:
        """Start a worker: a new holder, or the retry of a dead one at what it left."""
        number = next(self.numbers)
        orders = Orders(
            url=self.url,
            folder=self.folder,
            number=number,
            holder=dead.orders.holder if dead else f"holder {number}",
            first=_left_open(dead) if dead else None,
            fate=self.next_fate(),
            nth_claim=2 if dead else self.chance.randint(1, 2),
            seed=self.chance.getrandbits(32),
        )
        process = _fork.Process(target=live, args=(orders,))
        process.start()
        life_s = self.chance.uniform(0.02, LONGEST_LIFE_S) if orders.fate is Fate.FROM_OUTSIDE else LIMIT_S
        self.lives.append(Life(orders=orders, process=process, killed_at=time.monotonic() + life_s))

    def next_fate(self) -> Fate | None:
        """Return the next one; as long as many sleep, somebody must be awake who takes over."""
        may_sleep = sum(life.orders.fate in SLEEPS for life in self.lives) < MOST_ASLEEP
        fate = next((each for each in self.fates if may_sleep or each not in SLEEPS), None)
        if fate is not None:
            self.fates.remove(fate)
        return fate

    def attend(self, life: Life) -> None:
        """Kill a worker whose time has come; wake one that slept long enough."""
        if life.process.is_alive() and time.monotonic() > life.killed_at:
            life.process.kill()
        if life.orders.fate in SLEEPS and life.process.is_alive():
            self.watch(life)

    def watch(self, life: Life) -> None:
        deeds = life.diary()
        if not deeds or deeds[-1]["deed"] != "sleeps":
            return
        now = time.monotonic()
        life.asleep_since = life.asleep_since or now
        if life.orders.fate is Fate.SLOW_IN_CLOSE:
            slept_enough = now - life.asleep_since > 1.3 * LEASE.total_seconds()
        else:
            slept_enough = _taken_over(self.folder / "claims", deeds[-1])
        if slept_enough:
            os.kill(life.process.pid or 0, signal.SIGCONT)

    def bury(self, life: Life) -> None:
        """Write down how a worker ended, and send another in its place unless all was done."""
        self.lives.remove(life)
        code = life.process.exitcode or 0
        self.codes[code] += 1
        if code not in (KILLED, RETIRED):
            return
        self.met[life.orders.fate or "none"] += 1
        retried = _left_open(life) is not None and next(self.left) % 2 == 0
        self.send(life if retried else None)


def deal(sessions: int, chance: random.Random) -> list[Fate]:
    """Return fates in an order by chance, with every kind in every round."""
    rounds = max(1, sessions // SESSIONS_A_ROUND)
    return [fate for _ in range(rounds) for fate in chance.sample(ROUND, len(ROUND))]


def _left_open(life: Life) -> str | None:
    """Return the session that a dead worker was at."""
    deeds = life.diary()
    return deeds[-1]["session"] if deeds and deeds[-1]["deed"] == "claimed" else None


def _taken_over(claims: Path, deed: dict[str, Any]) -> bool:
    attempts = (int(witness.name.split(".")[0]) for witness in (claims / deed["session"]).iterdir())
    return max(attempts) > deed["attempt"]


def main(url: str, folder: Path, sessions: int, seed: int) -> None:
    for name in ("claims", "diaries"):
        (folder / name).mkdir()
    chance = random.Random(seed)  # noqa: S311 - no secret
    ward = Ward(url=url, folder=folder, fates=deal(sessions, chance), chance=chance)
    ward.run()
    sys.stdout.write(json.dumps({"codes": ward.codes, "met": ward.met}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
