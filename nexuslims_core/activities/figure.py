"""The requirement's figure of a session: times, pauses, density and boundaries, as a PNG.

(a) when each file was written, (b) how long the pauses are, (c) the density of times, (d) the times again, by activity.
Drawn with matplotlib, which takes a second to load and is loaded for this alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities.clock import main_piece, strays
from nexuslims_core.activities.density import Density
from nexuslims_core.activities.durations import spoken
from nexuslims_core.activities.models import Clustering
from nexuslims_core.activities.moments import Moments, Times

if TYPE_CHECKING:  # the command line must not wait for it
    from matplotlib.axes import Axes

SIZE_IN, DPI = (11.0, 8.0), 110
POINTS, BINS = 4_000, 40
MANY_FILES, MANY_BOUNDARIES, MANY_PAUSES = 300, 50, 100
TICKS_S = (
    *(10.0**power for power in range(-9, 2)),
    60.0,
    600.0,
    3_600.0,
    43_200.0,
    *(86_400.0 * n for n in (10, 365.25)),
)
INK, INSIDE, BETWEEN = "#333333", "#4477aa", "#cc6633"
TURNS = ("#4477aa", "#88bbdd")
UNITS = (("days", 86_400.0, 5.0), ("h", 3_600.0, 5.0), ("min", 60.0, 5.0), ("s", 1.0, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What is drawn: files that no wrong clock sets aside, by time, from the first of them on, in a readable unit."""

    times: Times
    labels: NDArray[np.intp]
    boundaries: Times
    unit: str
    unit_s: float
    left_out: int

    @property
    def crowded(self) -> bool:
        """Whether boundaries are drawn at the edge alone, since whole lines would hide all else."""
        return len(self.boundaries) > MANY_BOUNDARIES

    @property
    def dot(self) -> float:
        """Size of the dot of a file."""
        return 4.0 if len(self.times) < MANY_FILES else 1.5


def draw(times_s: Sequence[float], clustering: Clustering) -> bytes:
    """Return the figure of a session.

    Parameters
    ----------
    times_s
        The times that were clustered, epoch seconds, in the same order.
    clustering
        What became of them.

    Returns
    -------
    png
        Four panels, 1210 × 880 pixels.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    scene = _scene(np.asarray(times_s, dtype=np.float64), clustering)
    panels = figure.subplots(2, 2)
    _draw_times(panels[0, 0], scene)
    _draw_pauses(panels[0, 1], scene, clustering)
    _draw_density(panels[1, 0], scene, clustering)
    _draw_activities(panels[1, 1], scene)
    figure.suptitle(_title(clustering, scene), fontsize=12, color=INK)
    png = BytesIO()
    figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def _scene(times_s: Times, clustering: Clustering) -> _Scene:
    order = np.argsort(times_s, kind="stable")
    times, labels = times_s[order], np.asarray(clustering.labels, dtype=np.intp)[order]
    start, stop = _right_clocks(times)
    origin = times[start] if len(times) else 0.0
    shown = times[start:stop] - origin
    span = float(shown[-1]) if len(shown) else 0.0
    unit, unit_s = next((name, size) for name, size, least in UNITS if span >= least * size)
    boundaries = np.asarray(clustering.boundaries) - origin
    inside = boundaries[(boundaries > 0) & (boundaries < span)]
    return _Scene(
        times=shown / unit_s,
        labels=labels[start:stop],
        boundaries=inside / unit_s,
        unit=unit,
        unit_s=unit_s,
        left_out=len(times) - len(shown),
    )


def _right_clocks(times: Times) -> tuple[int, int]:
    """Return the files that stay when single ones that are years away are left out, as a slice of sorted times."""
    starts, first, counts = np.unique(times, return_index=True, return_counts=True)
    if len(starts) < 2:
        return 0, len(times)
    begin, end = main_piece(strays(Moments(times_s=starts - starts[0], counts=counts)))
    return int(first[begin]), int(first[end - 1] + counts[end - 1])


def _draw_times(panel: "Axes", scene: _Scene) -> None:
    panel.plot(np.arange(1, len(scene.times) + 1), scene.times, "o", color=INSIDE, ms=scene.dot, mew=0)
    _label(panel, "a", "When each file was written", "file number", f"since the first file ({scene.unit})")


def _draw_pauses(panel: "Axes", scene: _Scene, clustering: Clustering) -> None:
    gaps = np.diff(scene.times) * scene.unit_s
    between, some = np.diff(scene.labels) > 0, gaps > 0
    _label(panel, "b", "Pauses between files, one after another", "pause", "how many")
    if not some.any():
        panel.text(0.5, 0.5, "no pause", transform=panel.transAxes, ha="center", color=INK)
        return
    edges = _edges(gaps[some])
    parts = [gaps[some & ~between], gaps[some & between]]
    panel.hist(parts, edges.tolist(), stacked=True, color=[INSIDE, BETWEEN], label=["within activities", "boundaries"])
    panel.set_xscale("log")
    ticks = [tick for tick in TICKS_S if edges[0] <= tick <= edges[-1]]
    panel.set_xticks(ticks, [spoken(tick) for tick in ticks])
    panel.set_xticks([], minor=True)
    if clustering.explanation.bandwidth_log is not None and some.sum() > 1:
        _draw_curve(panel, np.log(gaps[some]), np.log(edges), clustering.explanation.bandwidth_log)
    top = panel.get_ylim()[1]
    if top > MANY_PAUSES:
        panel.set_yscale("log")
        panel.set_ylim(0.5, 1.5 * top)
    panel.legend(fontsize=8, frameon=False)


def _edges(gaps_s: Times) -> Times:
    """Return the limits of the bars, log-spaced, a decade at least."""
    low, high = gaps_s.min(), gaps_s.max()
    margin = max(1.1, float(np.sqrt(10 * low / high)))
    return np.geomspace(low / margin, high * margin, BINS + 1)


def _draw_curve(panel: "Axes", logs: Times, edges: Times, width: float) -> None:
    """Draw the density of logarithms of pauses, as high as the bars."""
    grid = np.linspace(edges[0], edges[-1], POINTS)
    density = np.exp(Density(np.sort(logs), width).log_at(grid))
    panel.plot(
        np.exp(grid), density * (0.95 * panel.get_ylim()[1] / density.max()), color=INK, lw=1, label="density, scaled"
    )


def _draw_density(panel: "Axes", scene: _Scene, clustering: Clustering) -> None:
    _label(panel, "c", "Density of the times, and boundaries", f"since the first file ({scene.unit})", "scaled")
    moments = np.unique(scene.times)
    if len(moments) < 2:
        return
    width = _width(scene, clustering, np.diff(moments))
    points = np.union1d(np.linspace(0, moments[-1], POINTS), moments[:: len(moments) // POINTS + 1])
    panel.plot(points, np.exp(Density(moments, width).log_at(points)), color=INK, lw=0.5 if scene.crowded else 1)
    for boundary in scene.boundaries:
        panel.axvline(boundary, ymin=0.96 if scene.crowded else 0, color=BETWEEN, lw=0.8, zorder=0)
    panel.set_ylim(bottom=0)
    panel.set_yticks([])
    panel.set_title(f"kernel of {spoken(width * scene.unit_s)}", loc="right", fontsize=8, color=INK)


def _width(scene: _Scene, clustering: Clustering, gaps: Times) -> float:
    """Return the width of the kernel that is drawn, in the scene's unit: the method's, or one that shows its cuts."""
    if clustering.bandwidth_s is not None:
        return clustering.bandwidth_s / scene.unit_s
    parting = gaps[np.searchsorted(np.unique(scene.times), scene.boundaries, side="right") - 1]
    return float(parting.min() / 4 if len(parting) else 2 * np.median(gaps))


def _draw_activities(panel: "Axes", scene: _Scene) -> None:
    numbers = np.arange(1, len(scene.times) + 1)
    for turn, colour in enumerate(TURNS):
        mine = scene.labels % 2 == turn
        panel.plot(numbers[mine], scene.times[mine], "o", color=colour, ms=scene.dot, mew=0)
    for boundary in scene.boundaries:
        panel.axhline(boundary, xmax=0.04 if scene.crowded else 1, color=BETWEEN, lw=0.8, zorder=0)
    _label(panel, "d", "The activities", "file number", f"since the first file ({scene.unit})")


def _label(panel: "Axes", letter: str, title: str, x: str, y: str) -> None:
    panel.set_title(f"({letter}) {title}", loc="left", fontsize=10, color=INK)
    panel.set_xlabel(x, fontsize=9)
    panel.set_ylabel(y, fontsize=9)
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)


def _title(clustering: Clustering, scene: _Scene) -> str:
    n, k = len(clustering.labels), len(clustering.boundaries) + 1 if clustering.labels else 0
    files, activities = f"{n:,} file{'s' * (n != 1)}", f"{k} activit{'y' if k == 1 else 'ies'}"
    title = f"{files} in {activities}, method {clustering.method}"
    return f"{title} ({scene.left_out} far away, not drawn)" if scene.left_out else title
