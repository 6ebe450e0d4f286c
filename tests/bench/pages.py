"""The page of a record of 5,000 datasets: its size, how long it takes to be made, to be shown, to be searched."""

import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.records.models import Parameter, Record, RecordActivity, RecordDataset, Summary
from nexuslims_core.records.page import to_html
from nexuslims_core.records.xml import to_xml
from tests.bench.figures import Figure
from tests.bench.side_by_side import OURS
from tests.servers.devtools import Tab, opened_tab

DATASETS = 5000
IN_ONE = f"page of {DATASETS} datasets in one activity"
IN_MANY = f"page of {DATASETS} datasets in 100 activities"
BEGUN = datetime(2024, 5, 14, 9, tzinfo=UTC)
VALUES = (
    "Acquisition Device",
    "Analytic Acquisition Mode",
    "Analytic Format",
    "Analytic Label",
    "Analytic Signal",
    "Beam Current",
    "Camera Length",
    "Condenser Aperture",
    "Cs",
    "Data Dimensions",
    "Defocus",
    "Detector",
    "Dwell Time",
    "Exposure Time",
    "Frame Time",
    "Illumination Mode",
    "Imaging Mode",
    "Magnification",
    "Operation Mode",
    "Pixel Width",
    "Spot Size",
    "Stage Position X",
    "Stage Position Y",
    "Stage Tilt",
    "Voltage",
)
"""As many as a file of a full record has beside what the setup says."""
_SETTLED = """
new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))
"""
_FILTERED = """
(async () => {
  const shown = document.querySelector('.nx-shown'), input = document.querySelector('#nx-words'), times = [];
  await new Promise(done => requestIdleCallback(() => setTimeout(done)));
  for (const text of ['map 01234', '', 'STEM 12 µm', 'nowhere to be found', '']) {
    const before = shown.textContent, begun = performance.now();
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    while (shown.textContent === before) await new Promise(done => setTimeout(done, 1));
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - begun);
  }
  return times;
})()
"""
"""Milliseconds from each input to the frame that shows what it leaves, the pause that waits for more input included."""


def pages(folder: Path, runs: int) -> Iterator[Figure]:
    """Measure both shapes of a large record; in Chromium only where there is one."""
    for about, activities in ((IN_ONE, 1), (IN_MANY, 100)):
        xml, path = to_xml(large_record(activities)), folder / f"{activities}.html"
        spent_s = []
        for _ in range(runs):
            begun = time.process_time()
            page = to_html(xml, preview_base="previews", dataset_base="file:///srv/filestore")
            spent_s.append(time.process_time() - begun)
        path.write_bytes(page)
        yield _figure(about, "MB of XML", (len(xml) / 1e6,))
        yield _figure(about, "MB", (len(page) / 1e6,))
        yield _figure(about, "s CPU to make", spent_s)
        yield from _in_chromium(about, path, folder, runs)


def large_record(activities: int) -> Record:
    """Return a record of 5,000 datasets, each with 25 values of its own, in so many activities."""
    each = DATASETS // activities
    return Record(
        pid="bench",
        title="A long night",
        record_id="bench",
        summary=Summary(instrument="Bench STEM", instrument_pid="Bench-STEM-1", experimenters=("Ada Lovelace",)),
        activities=tuple(
            RecordActivity(
                seqno=number,
                start=_moment(number * each),
                setup=(Parameter(name="Microscope", value="Bench STEM"),),
                datasets=tuple(_dataset(index) for index in range(number * each, (number + 1) * each)),
            )
            for number in range(activities)
        ),
    )


def _dataset(index: int) -> RecordDataset:
    name = f"map {index:05d} of the foil.dm4"
    place = f"/STEM/ada/2024-05-14/{name.replace(' ', '%20')}"
    created = Parameter(name="Creation Time", value=_moment(index).isoformat())
    kind = Parameter(name="Data Type", value="STEM_Imaging")
    own = (
        Parameter(
            name=label,
            value=f"{(index * 7 + place_) % 1000 / 8:g}",
            unit="µm" if place_ % 2 else None,
            warning=label == "Stage Tilt",
        )
        for place_, label in enumerate(VALUES)
    )
    return RecordDataset(
        name=name,
        location=place,
        dataset_type=(DatasetType.IMAGE, DatasetType.SPECTRUM, DatasetType.DIFFRACTION)[index % 3],
        file_format="dm4",
        preview=f"{place}.thumb.png",
        metadata_file=f"{place}.json",
        meta=(created, kind, *own),
    )


def _moment(index: int) -> datetime:
    return BEGUN + timedelta(seconds=6 * index)


def _in_chromium(about: str, path: Path, folder: Path, runs: int) -> Iterator[Figure]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return
    with opened_tab(program, folder) as tab:
        shown, filtered = zip(*(_seen(tab, path) for _ in range(runs)), strict=True)
    yield _figure(about, "s until it is shown", shown)
    yield _figure(about, "ms to filter", [each for times in filtered for each in times])


def _seen(tab: Tab, path: Path) -> tuple[float, list[float]]:
    """Return the seconds from the address to a page that is whole, laid out and drawn, and milliseconds per search."""
    tab.show()
    tab.open(path.as_uri())
    return tab.run(_SETTLED) / 1000, tab.run(_FILTERED)


def _figure(about: str, unit: str, runs: Iterable[float]) -> Figure:
    return Figure(about=about, name=OURS, unit=unit, runs=tuple(runs))
