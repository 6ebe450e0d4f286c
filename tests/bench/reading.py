"""Our side of reading single files: CPU time of metadata, and of metadata and preview, once everything is loaded.

    python -m tests.bench.reading ROUNDS FILE…

prints ``{path: {"metadata": ms, "preview": ms}}``, the least of the rounds; null where the file cannot be read.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.files.models import FoundFile
from nexuslims_core.previews.drawing import draw


def main(rounds: int, paths: list[Path]) -> None:
    costs = {
        str(path): {"metadata": _least(_read, path, rounds), "preview": _least(_draw, path, rounds)} for path in paths
    }
    sys.stdout.write(json.dumps(costs))


def _source(path: Path) -> Source:
    status = path.stat()
    return Source(file=FoundFile(path=path, size=status.st_size, mtime=status.st_mtime), zone=UTC)


def _read(path: Path) -> None:
    choose(path).read(_source(path))


def _draw(path: Path) -> None:
    """Draw the first signal, as the peer does when it is not told which."""
    draw(choose(path).read(_source(path))[0])


def _least(work: Callable[[Path], None], path: Path, rounds: int) -> float | None:
    try:
        return min(_cpu_ms(work, path) for _ in range(rounds + 1))  # the first one loads what is not loaded yet
    except ExtractionError:
        return None


def _cpu_ms(work: Callable[[Path], None], path: Path) -> float:
    begun = time.process_time()
    work(path)
    return 1000 * (time.process_time() - begun)


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
