"""``python -m tests.bench.records N``: one record of N datasets put together, written, validated, and what that took.

A process of its own, so that its peak memory is that of this work; the datasets, as extractors give them, are in it.
"""

import json
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.activities.models import Activity, Grouping
from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Metadata
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import MetadataValue, Quantity
from nexuslims_core.records.building import assemble
from nexuslims_core.records.models import Record
from nexuslims_core.records.validation import findings
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Session
from tests.bench.sessions import BEGUN, INSTRUMENT, SESSION

STORE, DATA = Path("/filestore"), Path("/nexus")
BURST = 8
_SAME: dict[str, MetadataValue] = {
    "Voltage": Quantity(value=300, unit="kV"),
    "Microscope": "TITAN",
    "Operation Mode": "SCANNING",
    "Illumination Mode": "STEM",
    "Imaging Mode": "DIFFRACTION",
    "Spot Size": 6,
    "Operator": "ada",
    "Cs": Quantity(value=1.2, unit="mm"),
    "GMS Version": "2.32.888.0",
    "STEM Camera Length": Quantity(value=77.0, unit="mm"),
    "Acquisition Device": "DigiScan",
    "Acquisition Date": "5/14/2024",
    "Data Dimensions": "(1024, 1024)",
    "Analytic Format": "Image",
}


def main() -> int:
    """Do the work once and print seconds and megabytes."""
    outcomes = tuple(map(_outcome, range(int(sys.argv[1]))))
    begun, begun_cpu = time.perf_counter(), time.process_time()
    xml = to_xml(_record(outcomes))
    built_cpu = time.process_time()
    found = findings(xml)
    done, done_cpu = time.perf_counter(), time.process_time()
    if found:
        raise SystemExit(f"the record is not valid: {found[0]}")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    taken = {
        "s CPU to build": built_cpu - begun_cpu,
        "s CPU to validate": done_cpu - built_cpu,
        "s CPU": done_cpu - begun_cpu,
        "s wall": done - begun,
        "MB peak": peak_mb,
    }
    sys.stdout.write(json.dumps(taken))
    return 0


def _record(outcomes: tuple[Extracted, ...]) -> Record:
    files = tuple(outcome.file for outcome in outcomes)
    starts = range(0, len(files), BURST)
    activities = tuple(Activity(seqno=seqno, files=files[i : i + BURST]) for seqno, i in enumerate(starts))
    begun = datetime.fromtimestamp(BEGUN, UTC)
    return assemble(
        session=Session(
            session_identifier=SESSION,
            instrument=INSTRUMENT,
            dt_from=begun,
            dt_to=begun + timedelta(days=30),
        ),
        match=ReservationMatch(reservation=None, explanation="No calendar."),
        grouping=Grouping(activities=activities, explanation="By the pauses."),
        outcomes=outcomes,
        unsearched=(),
        filestore=STORE,
        data_path=DATA,
    )


def _outcome(i: int) -> Extracted:
    """Return the i-th image of a long session: 23 values, 9 of them its own, in bursts of eight."""
    name, folder = f"{i:05d} HAADF.dm3", Path("STEM", "ada", "sample 1")
    mtime = BEGUN + 120 * (i // BURST) + 4 * (i % BURST)
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type="STEM_Imaging",
        creation_time=datetime.fromtimestamp(mtime, UTC),
        warnings=("Operator",),
        entries=_SAME
        | {
            "Specimen": f"LNO {i // BURST}",
            "Indicated Magnification": 225000.0 + i,
            "Stage Position A": Quantity(value=12.3 + i / 1000, unit="degree"),
            "Stage Position B": Quantity(value=0.1 + i / 1000, unit="degree"),
            "Stage Position X": Quantity(value=1.0 + i * 1e-3, unit="µm"),
            "Stage Position Y": Quantity(value=3.2 + i * 1e-3, unit="µm"),
            "Stage Position Z": Quantity(value=0.1 + i * 1e-3, unit="µm"),
            "Acquisition Time": f"10:{i // 60 % 60:02d}:{i % 60:02d}",
            "Pixel Width": Quantity(value=0.2 + i * 1e-6, unit="nm"),
        },
    )
    written = DATA / folder / name
    dataset = Dataset(
        name=name,
        metadata=metadata,
        extractor="digital_micrograph",
        preview=written.with_name(f"{name}.thumb.png"),
        json=written.with_name(f"{name}.json"),
    )
    return Extracted(file=FoundFile(path=STORE / folder / name, size=2_100_000, mtime=mtime), datasets=(dataset,))


if __name__ == "__main__":
    sys.exit(main())
