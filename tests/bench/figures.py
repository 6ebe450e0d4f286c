"""A figure is all runs of one measure, beside a baseline's of the same minutes; the table and the JSON of figures."""

import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """All runs of one measure.

    Attributes
    ----------
    about
        What was measured; figures of one table part share it.
    name
        What did the work.
    against
        Names of the figures that this one is compared with.
    """

    about: str
    name: str
    unit: str
    runs: tuple[float, ...]
    against: tuple[str, ...] = ()

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.runs)


def ratio(figure: Figure, figures: Sequence[Figure], name: str) -> float | None:
    """Return a figure's median over that of another of the same part and unit."""
    found = (each for each in figures if (each.about, each.name, each.unit) == (figure.about, name, figure.unit))
    other = next(found, None)
    return figure.median / other.median if other and other.median else None


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print the table."""
    table = Table("measure", "", "unit", "median", "min – max", "that is", box=None, pad_edge=False)
    for column in (3, 4):
        table.columns[column].justify = "right"
    before = ""
    for each in figures:
        ratios = ((name, ratio(each, figures, name)) for name in each.against)
        table.add_row(
            each.about if each.about != before else "",
            each.name,
            each.unit,
            number(each.median),
            f"{number(min(each.runs))} – {number(max(each.runs))}",
            ", ".join(f"{_times(value)} {name}" for name, value in ratios if value is not None),
        )
        before = each.about
    console.print(table)


def write(figures: Sequence[Figure], path: Path, inputs: dict[str, Any]) -> None:
    """Write every run, with what is needed to compare it with another day's."""
    document = {
        "taken_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {"python": platform.python_version(), "system": platform.platform(), "processors": os.cpu_count()},
        "load_average": os.getloadavg(),
        "inputs": inputs,
        "figures": [
            {
                "about": each.about,
                "name": each.name,
                "unit": each.unit,
                "median": each.median,
                "runs": each.runs,
                "ratio_to": {name: ratio(each, figures, name) for name in each.against},
            }
            for each in figures
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


def number(value: float) -> str:
    """Return a figure with three digits, as people read it."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _times(value: float) -> str:
    return f"{value:.3g} ×" if value >= 1 else f"1/{1 / value:.3g} of"
