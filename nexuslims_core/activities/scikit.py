"""The published method as its authors wrote it, by scikit-learn and SciPy: the yardstick of the closed form.

Hundreds of times slower than :mod:`nexuslims_core.activities.published`; the libraries are loaded only when asked for.
"""

import numpy as np

from nexuslims_core.activities.published import Times, candidate_widths, grid


def boundaries(times_s: Times, sensitivity: float) -> tuple[Times, float]:
    """Return the times at which the density is lowest, ascending, and the kernel width, both in seconds.

    Parameters
    ----------
    times_s
        At least two different times, ascending, shape ``(n,)``.
    sensitivity
        Divides the width; > 0.
    """
    from scipy.signal import argrelextrema  # type: ignore[import-untyped]  # ships no types
    from sklearn.neighbors import KernelDensity  # type: ignore[import-untyped]  # ships no types

    width_s = best_width(times_s) / sensitivity
    points_s = grid(times_s)
    density = KernelDensity(kernel="gaussian", bandwidth=width_s).fit(times_s[:, None])
    return points_s[argrelextrema(density.score_samples(points_s[:, None]), np.less)[0]], width_s


def best_width(times_s: Times) -> float:
    """Return the kernel width that a grid search with leave-one-out cross-validation chooses, in seconds."""
    from sklearn.model_selection import GridSearchCV, LeaveOneOut  # type: ignore[import-untyped]  # ships no types
    from sklearn.neighbors import KernelDensity

    widths = {"bandwidth": candidate_widths(times_s)}
    search = GridSearchCV(KernelDensity(kernel="gaussian"), widths, cv=LeaveOneOut(), n_jobs=1)
    return float(search.fit(times_s[:, None]).best_params_["bandwidth"])
