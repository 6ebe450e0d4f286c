"""`make demo`: lay out a facility, run the DAG over it once, and judge what became of each session."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nexuslims_core.db.database import Database
from nexuslims_core.demo import layout as layouts
from nexuslims_core.demo.airflow import Airflow
from nexuslims_core.demo.layout import Layout
from nexuslims_core.demo.services import Services, running
from nexuslims_core.demo.verdict import Verdict, judge


def run(folder: Path, files: Path | None) -> int:
    """Run the demo and return 0 only if every session ended as it should."""
    console = Console(stderr=True, highlight=False)

    def say(sentence: str) -> None:
        console.print(f"  {sentence} …")

    layouts.clear(folder)
    with running(folder, say) as services:
        say("writing instrument files, the database and the calendar" if files is None else f"looking at {files}")
        layout = layouts.lay_out(folder, services.lists) if files is None else layouts.lay_out_own(folder, files)
        airflow = _airflow(layout, services)
        say("preparing Airflow")
        airflow.prepare()
        say("running the DAG nexuslims_build_records")
        if not airflow.run_dag():
            say(f"the run did not end well; it is told in {airflow.log}")
        say("asking CDCS, the files and the schema what became of each session")
        database = Database.open(layout.database_url)
        verdicts = [
            judge(each, database.summary(each.session_identifier), layout, services.cdcs.url)
            for each in layout.expectations
        ]
    _show(verdicts)
    return 0 if not any(verdict.faults for verdict in verdicts) else 1


def _airflow(layout: Layout, services: Services) -> Airflow:
    home = layout.folder / "airflow"
    return Airflow(
        home=home,
        metadata_url=f"sqlite:///{home / 'airflow.sqlite'}",  # enough for one process; a scheduler needs PostgreSQL
        facility=layout.settings(services.settings),
    )


def _show(verdicts: list[Verdict]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    table = Table(
        "session", "status", "activities", "datasets", "record", "URL in CDCS", title="What became of the sessions"
    )
    for verdict in verdicts:
        table.add_row(
            verdict.expectation.about,
            verdict.status,
            str(verdict.activities or ""),
            str(verdict.datasets or ""),
            verdict.record.name if verdict.record else "",
            verdict.url or "",
        )
    console.print(table)
    for verdict in verdicts:
        for fault in verdict.faults:
            console.print(f"[red]Not as it should be:[/red] {verdict.expectation.about} {fault}", soft_wrap=True)
    pages = [verdict.record.with_suffix(".html") for verdict in verdicts if verdict.record]
    for page in pages:
        console.print(f"Page: {page}", soft_wrap=True)
    if not any(verdict.faults for verdict in verdicts):
        console.print("Every session ended as it should. Look round in Airflow and CDCS with: make up")
