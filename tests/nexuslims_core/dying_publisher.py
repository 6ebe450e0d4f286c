"""Publish a session's record in a process of its own, and kill it round the request that stores the record.

python dying_publisher.py build|housekeeping SESSION before|during|after
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import requests

from nexuslims_core.config import load_settings
from nexuslims_core.housekeeping import publish_waiting
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort, this_process
from nexuslims_core.publishing.base import Check, Earlier, Receipt, RecordStore
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.stages.facility import Facility, open_facility


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DiesUnheard(requests.Session):
    """Connections that let the server store the record, and die before they have heard so."""

    def request(self, method: str, *words: Any, **named: Any) -> requests.Response:  # type: ignore[override]
        reply = super().request(method, *words, **named)
        if method in {"POST", "PATCH"}:
            die()
        return reply


@dataclass(frozen=True)
class Dying:
    """A destination whose uploader dies."""

    store: RecordStore
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return self.store.name

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        self.before()
        receipt = self.store.put(title, xml, earlier)
        self.after()
        return receipt

    def check(self) -> tuple[Check, ...]:
        return self.store.check()


def dying(store: RecordStore, moment: str) -> RecordStore:
    if moment == "during":
        assert isinstance(store, CdcsStore)
        return replace(store, session=DiesUnheard())
    return Dying(store, **{moment: die})


def build(facility: Facility, identifier: str) -> None:
    session = facility.database.session(identifier)
    _, scans = scan_and_sort(facility, (session,))
    build_session(facility, session, scans[session.instrument.instrument_pid], this_process(), Watch())


def main(way: str, identifier: str, moment: str) -> None:
    facility = open_facility(load_settings(None))
    facility = replace(facility, stores=tuple(dying(store, moment) for store in facility.stores))
    if way == "build":
        build(facility, identifier)
    else:
        publish_waiting(facility, this_process())


if __name__ == "__main__":
    main(*sys.argv[1:])
