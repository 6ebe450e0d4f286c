"""Task ``scan_storage``."""

import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException

from nexuslims_airflow.operators.scan_storage import ScanStorageOperator
from nexuslims_airflow.xcom import receive
from nexuslims_core.files.models import Scan
from tests.plugins.conftest import BEGUN

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

CONTEXT = {"run_id": "scheduled__2026-03-02T10:00:00+00:00"}


def test_a_scan_travels_as_the_path_and_digest_of_its_file(site: "Site") -> None:
    site.waits("s1")
    for name, mtime in (("a.dm3", BEGUN.timestamp()), ("of today.dm3", time.time())):
        (site.store / "Titan" / name).write_bytes(b"DM")
        os.utime(site.store / "Titan" / name, (mtime, mtime))

    shipped = ScanStorageOperator(task_id="t", instrument_pid="Titan-1").execute(CONTEXT)

    assert set(shipped) == {"instrument_pid", "absent", "path", "sha256"}
    assert [file.path.name for file in receive(shipped, Scan).files] == ["a.dm3"]


def test_a_mount_that_is_missing_is_a_result_and_no_failure(site: "Site") -> None:
    shutil.rmtree(site.store)

    shipped = ScanStorageOperator(task_id="t", instrument_pid="Titan-1").execute(CONTEXT)

    assert f"{site.store} is not there" in shipped["absent"]
    assert receive(shipped, Scan).absent == shipped["absent"]


@pytest.mark.usefixtures("site")
def test_an_instrument_that_was_removed_meanwhile_fails_with_a_sentence() -> None:
    with pytest.raises(AirflowFailException, match="no instrument 'gone'"):
        ScanStorageOperator(task_id="t", instrument_pid="gone").execute(CONTEXT)


def test_raw_data_is_only_read(site: "Site") -> None:
    path = site.store / "Titan" / "a.dm3"
    path.write_bytes(b"DM")
    os.utime(path, (1_000_000_000, 1_000_000_000))

    ScanStorageOperator(task_id="t", instrument_pid="Titan-1").execute(CONTEXT)

    assert [(each.name, each.stat().st_mtime) for each in (site.store / "Titan").iterdir()] == [("a.dm3", 1e9)]
