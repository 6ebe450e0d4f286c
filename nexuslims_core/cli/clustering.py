"""``nexuslims cluster``."""

import argparse
import json
from pathlib import Path

from nexuslims_core import codec
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
    from nexuslims_core.activities.clustering import cluster, explain

    clustering = cluster(_times(args.file), method=args.method, sensitivity=args.sensitivity)
    return Answer(document=codec.encode(clustering), text=explain(clustering))


def _times(path: Path) -> list[float]:
    try:
        return [float(time) for time in json.loads(path.read_bytes())["times_epoch"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClusteringError(f"{path} does not hold {{'times_epoch': [seconds, …]}}: {error}") from error
