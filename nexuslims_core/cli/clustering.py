"""``nexuslims cluster``."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.errors import ClusteringError

if TYPE_CHECKING:  # this command's help must not wait for numpy
    from nexuslims_core.activities.models import Clustering


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the input and the method."""
    parser.add_argument("file", type=Path, metavar="FILE.json", help='{"times_epoch": [seconds, …]}')
    parser.add_argument("--method", choices=("robust", "published", "scikit-learn"), default="robust")
    parser.add_argument(
        "--sensitivity", type=float, default=1.0, metavar="X", help="more finds more: 0 one, 1 usual, 1000 all apart"
    )
    parser.add_argument("--plot", type=Path, metavar="OUT.png", help="draw times, pauses, density and boundaries")


def run(args: argparse.Namespace) -> Answer:
    """Group the times of a file, and draw how."""
    from nexuslims_core import codec
    from nexuslims_core.activities.clustering import cluster

    times = _times(args.file)
    clustering = cluster(times, method=args.method, sensitivity=args.sensitivity)
    if args.plot is not None:
        _draw(times, clustering, args.plot)
    return Answer(document=codec.encode(clustering), text=lambda: _told(clustering))


def _draw(times: list[float], clustering: "Clustering", path: Path) -> None:
    from nexuslims_core.activities.figure import draw
    from nexuslims_core.artefacts import write_whole

    write_whole(path, draw(times, clustering))


def _told(clustering: "Clustering") -> str:
    """Return the sentences of the record, then the pauses by their length, then each boundary and its reason."""
    from nexuslims_core.activities.durations import spoken
    from nexuslims_core.activities.explaining import explain

    parts, why = [explain(clustering)], clustering.explanation
    if why.pauses:
        rows = [(f"{spoken(row.from_s)} to {spoken(row.to_s)}", row.pauses, row.boundaries or "") for row in why.pauses]
        parts.append(table(("pause", "how many", "boundaries"), rows))
    if why.boundaries:
        columns = ("boundary (UTC)", "after file", "pause", "before", "after", "from sensitivity", "why")
        lines = [
            (
                _moment(each.at),
                each.files_before,
                spoken(each.pause_s),
                *("" if side is None else spoken(side) for side in (each.spacing_before_s, each.spacing_after_s)),
                f"{each.sensitivity:.3g}",
                each.reason,
            )
            for each in why.boundaries
        ]
        parts.append(table(columns, lines, folds="why"))
    return "\n\n".join(parts)


def _moment(epoch_s: float) -> str:
    """Return a time for people; seconds where no calendar has such a year."""
    try:
        return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{epoch_s:.0f} s"


def _times(path: Path) -> list[float]:
    expected = f'{path} does not hold {{"times_epoch": [seconds, …]}}'
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise ClusteringError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ClusteringError(f"{expected}: it is no JSON ({error})") from error
    times = document.get("times_epoch") if isinstance(document, dict) else None
    if not isinstance(times, list):
        raise ClusteringError(f"{expected}: it has no such list")
    for i, time in enumerate(times):
        if isinstance(time, bool) or not isinstance(time, int | float):
            raise ClusteringError(f"{expected}: time {i} is {time!r}, not a number")
    return times
