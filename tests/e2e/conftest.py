"""One run of the record builder under a scheduler, over a facility in which all goes wrong that can.

`make e2e` runs it with the LocalExecutor, `make soak` with Celery on two machines (tests/soak/many_machines).
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from typing_extensions import override

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it
from nexuslims_core.demo.airflow import DAG
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from tests.e2e.facility import Facility, calendar, lay_out
from tests.servers.faulty_proxy import Exchange, Fault, FaultyProxy, Reply, answer, pass_on
from tests.servers.scheduler import LiveAirflow, Run
from tests.servers.smtp import SmtpServer

pytest.register_assert_rewrite("tests.e2e.promises")

REFUSED = Reply(status=400, body=b'{"message": "This record is of no use to us"}')
BUSY = Reply(status=503, body=b"<html>busy</html>", kind="text/html", retry_after="3600")


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What is left when the run has ended."""

    facility: Facility
    run: Run
    cdcs: CdcsServer


class _Always(list[Fault]):
    """A fault that does not wear off."""

    @override
    def pop(self, index: object = 0) -> Fault:
        return self[0]


@pytest.fixture(scope="session")
def broken_cdcs(cdcs: CdcsServer) -> Iterator[Mapping[str, str]]:
    """A real CDCS behind a proxy that refuses the record of one session and is too busy for that of another."""
    with FaultyProxy(cdcs.url) as proxy:
        proxy.faults["POST", "/rest/data/"] = _Always([_by_content])
        yield {"NEXUSLIMS_CDCS_URL": proxy.url, "NEXUSLIMS_CDCS_TOKEN": cdcs.token}


def _by_content(exchange: Exchange) -> None:
    for session, reply in ((b"refused", REFUSED), (b"busy", BUSY)):
        if b"Experiment of " + session in exchange.asked:
            answer(reply)(exchange)
            return
    pass_on(exchange)


@pytest.fixture(scope="session")
def laid_out(
    tmp_path_factory: pytest.TempPathFactory, broken_cdcs: Mapping[str, str]
) -> Iterator[tuple[Facility, PostgresqlServer]]:
    """The facility with a database in PostgreSQL, and that server."""
    folder = tmp_path_factory.mktemp("facility")
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgresqlServer(folder / "postgresql", fsync=False))
        sharepoint = stack.enter_context(SharePointServer(events=calendar(), zone="UTC"))
        mails = stack.enter_context(SmtpServer())
        facility = lay_out(folder, postgresql.database("sessions"), sharepoint, {**broken_cdcs, **mails.env})
        facility = replace(facility, mails=mails)
        yield facility, postgresql
        facility.database.engine.dispose()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def night(laid_out: tuple[Facility, PostgresqlServer], cdcs: CdcsServer) -> Night:
    """The run, with the LocalExecutor."""
    facility, postgresql = laid_out
    with LiveAirflow(facility.folder, postgresql, facility=facility.settings) as airflow:
        ended = airflow.wait_for_run(airflow.begin(DAG))
    return Night(facility=facility, run=ended, cdcs=cdcs)
