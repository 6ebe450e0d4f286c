"""Uploads into a real CDCS through a network that loses, cuts and garbles: exactly one record per title."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest
import requests

from nexuslims_core.errors import NexusLimsError, ServiceUnavailableError
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.servers import faulty_proxy
from tests.servers.faulty_proxy import Fault, FaultyProxy, Reply
from tests.soak.conftest import UPLOADS

pytestmark = pytest.mark.server

MOST_RUNS = 20
FAULTS: dict[str, tuple[int, Fault]] = {  # weight and deed; what arrives late has its own tests, with events for time
    "pass on": (70, faulty_proxy.pass_on),
    "answer lost, 504": (8, faulty_proxy.lose_answer_with_504),
    "answer lost, cut": (7, faulty_proxy.lose_answer_by_cut),
    "answer cut short": (5, faulty_proxy.lose_answer_in_the_middle),
    "answer lost, silence": (1, faulty_proxy.lose_answer_in_silence),
    "request lost": (5, faulty_proxy.cut_before_storing),
    "refused, 503": (4, faulty_proxy.answer(Reply(status=503, body=b"<html>busy</html>", kind="text/html"))),
}


class Dice(defaultdict[tuple[str, str], list[Fault]]):
    """Faults for a proxy: whatever is asked, one is thrown; ``thrown`` counts them by name."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(list)
        self.chance, self.thrown = chance, Counter[str]()

    def __getitem__(self, asked: tuple[str, str]) -> list[Fault]:
        (name,) = self.chance.choices(list(FAULTS), [weight for weight, _ in FAULTS.values()])
        self.thrown[name] += 1
        return [FAULTS[name][1]]


def test_a_faulty_network_leaves_one_public_record_a_title(
    cdcs: CdcsServer,
    dice: Callable[[], random.Random],
    share: Callable[[int], int],
    tell: Callable[[str], None],
) -> None:
    records = {f"2026-11-22_Soak_{i:012d}": _record(f"upload {i}, µ & <Ω>") for i in range(share(UPLOADS))}
    runs, receipts, begun = Counter[str](), {}, time.monotonic()

    with FaultyProxy(cdcs.url) as proxy:
        proxy.faults = Dice(dice())
        for title, xml in records.items():
            receipts[title] = _put(_store(proxy.url, cdcs.token), title, xml, runs)

    held = {title: _held(cdcs, title) for title in records}
    tell(
        f"faulty network: {len(records)} uploads, {len(proxy.seen)} requests, {sum(runs.values())} calls of put, "
        f"{proxy.faults.thrown.most_common()}, {time.monotonic() - begun:.0f} s"
    )
    assert {title: [each["xml_content"].encode() for each in found] for title, found in held.items()} == {
        title: [xml] for title, xml in records.items()
    }
    assert {title: receipt.record_id for title, receipt in receipts.items()} == {
        title: str(found[0]["id"]) for title, found in held.items()
    }
    assert all(_public(cdcs, receipt) == records[title] for title, receipt in receipts.items())


def _put(store: CdcsStore, title: str, xml: bytes, runs: Counter[str]) -> Receipt:
    """Put a record as one run after another does, each of which may give up."""
    said: list[NexusLimsError] = []
    for _ in range(MOST_RUNS):
        runs[title] += 1
        try:
            return store.put(title, xml)
        except ServiceUnavailableError as error:
            said.append(error)
    raise AssertionError(f"{title} did not arrive in {MOST_RUNS} runs: {said[-1]}")


def _store(url: str, token: str) -> CdcsStore:
    return CdcsStore(url=url, token=token, timeout_s=(5, 4), pauses_s=(0.05, 0.05, 0.05))


def _record(motivation: str) -> bytes:
    safe = motivation.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Experiment xmlns="{NEXUS_NAMESPACE}">\n  <title>Soak</title>\n'
        f"  <summary><experimenter>Ada</experimenter><motivation>{safe}</motivation></summary>\n</Experiment>\n"
    ).encode()


def _held(cdcs: CdcsServer, title: str) -> list[dict[str, Any]]:
    """Return everybody's records of a title, as CDCS's administrator sees them, past the proxy."""
    signed = {"Authorization": f"Token {cdcs.admin_token}"}
    reply = requests.get(f"{cdcs.url}/rest/admin/data/", {"title": title}, headers=signed, timeout=60)
    found = reply.json()
    records: list[dict[str, Any]] = found["results"] if isinstance(found, dict) else found
    return records


def _public(cdcs: CdcsServer, receipt: Receipt) -> bytes:
    """Return what anybody can download."""
    return requests.get(f"{cdcs.url}/rest/data/download/{receipt.record_id}/", timeout=60).content
