"""The page of the DAGs: fresh, and whole."""

import pytest

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it
from tools import write_dags_page

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def page() -> str:
    return write_dags_page.page()


def test_the_committed_page_is_what_the_dag_files_say(page: str) -> None:
    committed = write_dags_page.PAGE.read_text("utf-8")

    assert committed == page, "run `make docs`"


@pytest.mark.parametrize("name", ["nexuslims_backfill_records", "nexuslims_build_records", "nexuslims_housekeeping"])
def test_every_dag_has_its_runbook(page: str, name: str) -> None:
    section = page.split(f"## `{name}`")[1].split("\n## ")[0]

    assert all(said in section for said in ("**What it writes**", "**Safe to run twice**", "**If it fails**: "))


def test_tasks_stand_in_the_order_in_which_they_run(page: str) -> None:
    section = page.split("## `nexuslims_build_records`")[1]

    order = [
        section.index(f"| `{task}`") for task in ("harvest_usage", "scan_storage", "session.claim", "session.finish")
    ]
    assert order == sorted(order)


def test_every_parameter_is_explained(page: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith(("| `rebuild`", "| `instruments`", "| `sessions`"))]

    assert len(rows) == 6
    assert all(len(row.split("|")[3].strip()) > 20 for row in rows)
