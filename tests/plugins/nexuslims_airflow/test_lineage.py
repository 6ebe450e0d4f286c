"""From the raw folder to the record and where it went; tests/e2e hands it to OpenLineage's own provider."""

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.lineage import Dataset, file_at, of_report, published
from nexuslims_airflow.operators.build_session import BuildSessionOperator
from nexuslims_airflow.operators.past_sessions import PastSessionsOperator
from nexuslims_airflow.operators.publish_pending import PublishPendingOperator
from nexuslims_core import codec
from nexuslims_core.config import load_settings
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.stages.facility import open_facility
from nexuslims_core.stages.finish import BuildReport
from nexuslims_core.testing.writers.msa import write_msa

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

INSIDE = 1772447400.0  # 2026-03-02 10:30 UTC


@pytest.mark.parametrize(
    ("url", "namespace", "name"),
    [
        ("https://cdcs.example.org/data?id=5", "https://cdcs.example.org", "data?id=5"),
        ("http://127.0.0.1:8000/a/b.html", "http://127.0.0.1:8000", "a/b.html"),
        ("/srv/www/records/a.html", "file", "/srv/www/records/a.html"),
        ("file:///srv/www/records/a.html", "file", "/srv/www/records/a.html"),
    ],
)
def test_a_published_record_is_called_by_its_address(url: str, namespace: str, name: str) -> None:
    receipt = Receipt(destination="cdcs", record_id="5", url=url, sha256="0" * 64)

    assert published([receipt]) == (Dataset(namespace=namespace, name=name, version="0" * 64),)


def test_a_name_that_is_no_text_is_text_all_the_same() -> None:
    assert file_at(Path("/store/\udcff")) == Dataset(namespace="file", name="/store/\\xff")


def test_a_session_built_by_one_task_is_traced_from_folder_to_address(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    (site.data.parent / "www").mkdir()
    monkeypatch.setenv("NEXUSLIMS_SITE_PATH", str(site.data.parent / "www"))
    monkeypatch.setenv("NEXUSLIMS_SITE_URL", "https://records.example.org")
    write_msa(site.store / "Titan" / "a.msa", [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=INSIDE)
    site.waits("s1")
    task = BuildSessionOperator(task_id="t", due=past(), rebuild="false")

    report = codec.decode(
        BuildReport,
        task.execute({"ti": SimpleNamespace(dag_id="d", run_id="r", map_index=0, try_number=1, max_tries=0)}),
    )

    assert task.trace.inputs == (file_at(site.store / "Titan"),)
    record, online = task.trace.outputs
    assert (record.name, record.version) == (str(report.record), report.receipts[0].sha256)
    assert online.namespace == "https://records.example.org"


def test_a_record_that_is_only_sent_comes_from_its_file(site: "Site") -> None:
    receipt = Receipt(destination="cdcs", record_id="5", url="https://cdcs.example.org/data?id=5", sha256="0" * 64)
    report = BuildReport(
        session_identifier="s1", attempt=2, status="COMPLETED", record=site.data / "a.xml", receipts=(receipt,)
    )

    trace = of_report(report, open_facility(load_settings()))

    assert trace.inputs == (file_at(site.data / "a.xml", receipt.sha256),)
    assert trace.outputs == published([receipt])


def test_housekeeping_traces_what_it_has_published(unpublished: "Site") -> None:
    task = PublishPendingOperator(task_id="t")

    said = task.execute({"run_id": "r"})

    assert said == {"s1": "COMPLETED"}
    (record,) = task.trace.inputs
    (online,) = task.trace.outputs
    assert Path(record.name).parent.parent == unpublished.data / "records"
    assert record.version == online.version


def past() -> object:
    day = {"since": "2026-03-02T00:00:00+00:00", "until": "2026-03-03T00:00:00+00:00"}
    chosen = {"instruments": "[]", "sessions": "[]", "rebuild": "false"}
    return PastSessionsOperator(task_id="p", **day, **chosen).execute({"run_id": "r"})[0]
