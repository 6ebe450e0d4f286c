"""The baseline: a session as a plain script makes it, with the libraries that the field's record builders use.

HyperSpy loads each file, matplotlib plots it to PNG, scikit-learn clusters the times, one after another in one process.
It writes no record and validates nothing, so it does less than what it is compared with.

    python -m tests.bench.peers_way OUT FILE…
"""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import hyperspy.api as hs
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, LeaveOneOut
from sklearn.neighbors import KernelDensity

hs.set_log_level("ERROR")


def main(out: Path, files: list[Path]) -> None:
    times = np.sort([file.stat().st_mtime for file in files])
    cluster(times)
    for file in files:
        loaded = hs.load(file)
        for i, signal in enumerate(loaded if isinstance(loaded, list) else [loaded]):
            document = {"meta": signal.metadata.as_dictionary(), "native": signal.original_metadata.as_dictionary()}
            (out / f"{file.name}_{i}.json").write_text(json.dumps(document, default=str))
            plot(signal, out / f"{file.name}_{i}.png")


def cluster(times: np.ndarray) -> np.ndarray:
    """Group the times as published: the kernel's width by leave-one-out cross-validation, cuts at the minima."""
    gaps = np.diff(times)
    widths = {"bandwidth": np.logspace(np.log10(gaps[gaps > 0].min()), np.log10(gaps.max()), 35)}
    search = GridSearchCV(KernelDensity(kernel="gaussian"), widths, cv=LeaveOneOut(), n_jobs=1).fit(times[:, None])
    grid = np.linspace(times[0], times[-1], 10 * len(times))
    density = search.best_estimator_.score_samples(grid[:, None])
    return grid[1:-1][(density[1:-1] < density[:-2]) & (density[1:-1] < density[2:])]


def plot(signal: hs.signals.BaseSignal, png: Path) -> None:
    """Plot an image as it is, a spectrum as a line, and of a stack or map the first image or the sum."""
    figure, axes = plt.subplots(figsize=(5, 5))
    data = signal.data
    if data.dtype.names:  # colours
        data = np.stack([data[name] for name in "RGB"], axis=-1)
        axes.imshow(data)
    elif signal.axes_manager.signal_dimension == 1:
        axes.plot(signal.axes_manager[-1].axis, data.reshape(-1, data.shape[-1]).sum(axis=0))
    else:
        image = np.abs(data) if np.iscomplexobj(data) else data
        axes.imshow(image.reshape(-1, *image.shape[-2:])[0] if image.ndim > 1 else image[None], cmap="gray")
    axes.set_title(signal.metadata.General.title)
    figure.savefig(png, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
