"""`make demo`: lay out a facility, run the DAG over it once, and judge what became of each session."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nexuslims_core.db.database import Database
from nexuslims_core.demo import layout as layouts
from nexuslims_core.demo.airflow import RUN, Airflow
from nexuslims_core.demo.folder import LaidOut, clear, occupied, remember
from nexuslims_core.demo.layout import Layout
from nexuslims_core.demo.ports import reserved_port
from nexuslims_core.demo.progress import Progress
from nexuslims_core.demo.services import CDCS_PORT, Bases, running
from nexuslims_core.demo.verdict import Verdict, judge
from nexuslims_core.files.models import Scan

Say = Callable[[str], None]


def run(folder: Path, files: Path | None) -> int:
    """Run the demo and return 0 only if every session ended as it should."""
    console = Console(stderr=True, highlight=False, markup=False)
    scan = layouts.look_at_own(files, folder) if files else None
    with occupied(folder):
        clear(folder)
        verdicts = _build(folder, scan, lambda sentence: console.print(f"  {sentence} …"))
    _show(verdicts)
    return 0 if not any(verdict.faults for verdict in verdicts) else 1


def _build(folder: Path, scan: Scan | None, say: Say) -> list[Verdict]:
    filestore = scan.root if scan else folder / "filestore"
    home = folder / "airflow"
    airflow = Airflow(home=home, metadata_url=f"sqlite:///{home / 'airflow.sqlite'}")  # enough for one process
    bases = Bases(previews=(folder / "data").as_uri(), files=filestore.as_uri())
    say("starting CDCS, the SharePoint calendar and Airflow")
    with reserved_port(CDCS_PORT) as port, running(folder, bases, port, say) as services:
        with airflow.preparing():
            say(
                "writing instrument files, the database and the calendar" if scan is None else f"looking at {filestore}"
            )
            layout = layouts.lay_out_own(folder, scan) if scan else layouts.lay_out(folder, services.lists)
            remember(folder, LaidOut(filestore=layout.filestore, inclusive=layout.inclusive))
        airflow = replace(airflow, facility=layout.settings(services.settings))
        say("running the DAG nexuslims_build_records")
        if not airflow.run_dag(Progress(layout, say)):
            say(f"the run did not end well; it is told in {airflow.log(RUN)}")
        say("asking CDCS, the files and the schema what became of each session")
        return _verdicts(layout, services.cdcs.url)


def _verdicts(layout: Layout, cdcs_url: str) -> list[Verdict]:
    database = Database.open(layout.database_url)
    return [judge(each, database.summary(each.session_identifier), layout, cdcs_url) for each in layout.expectations]


def _show(verdicts: Sequence[Verdict]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    table = Table("session", "status", "activities", "datasets", title="What became of the sessions")
    for name in ("record", "URL in CDCS"):
        table.add_column(name, overflow="fold")
    for verdict in verdicts:
        table.add_row(
            escape(verdict.expectation.about),
            verdict.status,
            str(verdict.activities or ""),
            str(verdict.datasets or ""),
            escape(verdict.record.name) if verdict.record else "",
            verdict.url or "",
        )
    console.print(table)
    for verdict in verdicts:
        for unread in verdict.unread:
            console.print(f"Listed without metadata: {escape(unread)}", soft_wrap=True)
        for fault in verdict.faults:
            sentence = escape(f"{verdict.expectation.about} {fault}")
            console.print(f"[red]Not as it should be:[/red] {sentence}", soft_wrap=True)
    for page in (verdict.record.with_suffix(".html") for verdict in verdicts if verdict.record):
        console.print(f"Page: {escape(str(page))}", soft_wrap=True)
    if not any(verdict.faults for verdict in verdicts):
        console.print("Every session ended as it should. Look round in Airflow and CDCS with: make up")
