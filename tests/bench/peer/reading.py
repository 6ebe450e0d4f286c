"""The peer's side of reading single files, run by its own Python; see ``tests/bench/reading.py`` for what is printed.

python peer/reading.py ROUNDS FILE…
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nexusLIMS.extractors import create_preview, parse_metadata


def main(rounds: int, paths: list[Path]) -> None:
    logging.disable(logging.CRITICAL)
    out, null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)  # what its readers print is no answer
    os.dup2(null, 2)  # progress bars
    costs = {
        str(path): {"metadata": _least(_read, path, rounds), "preview": _least(_draw, path, rounds)} for path in paths
    }
    os.write(out, json.dumps(costs).encode())


def _read(path: Path) -> None:
    parse_metadata(path, write_output=False, generate_preview=False)


def _draw(path: Path) -> None:
    create_preview(path, overwrite=True)


def _least(work: Callable[[Path], None], path: Path, rounds: int) -> float | None:
    try:
        return min(_cpu_ms(work, path) for _ in range(rounds + 1))
    except Exception:  # noqa: BLE001 - whatever it raises, the file is left out on both sides
        return None


def _cpu_ms(work: Callable[[Path], None], path: Path) -> float:
    begun = time.process_time()
    work(path)
    return 1000 * (time.process_time() - begun)


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
