"""Task ``upload_record``, and the link to the record in Airflow's pages."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.operators.upload_record import RecordLink, UploadRecordOperator
from nexuslims_core import codec
from nexuslims_core.artefacts import sha256
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.testing.servers.cdcs import CdcsServer

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

RECORD = f'<Experiment xmlns="{NEXUS_NAMESPACE}"><title>Grains</title><summary/></Experiment>'.encode()


def uploading(site: "Site") -> UploadRecordOperator:
    title = f"2026-03-02_Titan-1_{uuid4().hex[:12]}"
    path = site.data / f"{title}.xml"
    path.write_bytes(RECORD)
    record = {"value": codec.encode(BuiltRecord(title=title, path=path, sha256=sha256(RECORD)))}
    return UploadRecordOperator(task_id="t", claim=site.claimed(), record=record)


def link(task: UploadRecordOperator) -> str:
    anything: Any = None
    return RecordLink().get_link(task, ti_key=anything)


@pytest.mark.server
@pytest.mark.slow
def test_the_link_leads_to_the_record(site: "Site", cdcs: CdcsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_CDCS", f'{{"host": "{cdcs.url}", "password": "{cdcs.token}"}}')
    task = uploading(site)

    (receipt,) = task.execute({})

    assert receipt["url"].startswith(f"{cdcs.url}/data?id=")
    assert link(task) == receipt["url"]


def test_without_a_repository_there_is_neither_receipt_nor_link(site: "Site") -> None:
    task = uploading(site)

    assert task.execute({}) is None
    assert link(task) == ""


def test_before_the_task_has_run_there_is_no_link(site: "Site") -> None:
    assert link(uploading(site)) == ""
