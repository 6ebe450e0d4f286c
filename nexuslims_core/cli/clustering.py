"""``nexuslims cluster``."""

import argparse
import json
from pathlib import Path

from nexuslims_core.cli.answers import Answer
from nexuslims_core.errors import ClusteringError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the input and the method."""
    parser.add_argument("file", type=Path, metavar="FILE.json", help='{"times_epoch": [seconds, …]}')
    parser.add_argument("--method", choices=("published", "scikit-learn"), default="published")
    parser.add_argument(
        "--sensitivity", type=float, default=1.0, metavar="X", help="divides the bandwidth; 0: one group"
    )


def run(args: argparse.Namespace) -> Answer:
    """Group the times of a file."""
    from nexuslims_core import codec
    from nexuslims_core.activities.clustering import cluster, explain

    clustering = cluster(_times(args.file), method=args.method, sensitivity=args.sensitivity)
    return Answer(document=codec.encode(clustering), text=explain(clustering))


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
