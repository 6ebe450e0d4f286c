"""The published method as its authors wrote it, by scikit-learn and SciPy: the yardstick of the closed form.

Hundreds of times slower than :mod:`nexuslims_core.activities.published`; the libraries are loaded only when asked for.
"""

import numpy as np

from nexuslims_core.activities.moments import Cuts, Moments, Times, cuts_at_minima
from nexuslims_core.activities.published import candidate_widths, grid


def cut(moments: Moments) -> Cuts:
    """Return the pauses in which the density of times is lowest."""
    from scipy.signal import argrelextrema  # type: ignore[import-untyped]  # ships no types
    from sklearn.neighbors import KernelDensity  # type: ignore[import-untyped]  # ships no types

    width_s = best_width(moments.times_s)
    points_s = grid(moments.times_s)
    density = KernelDensity(kernel="gaussian", bandwidth=width_s).fit(moments.times_s[:, None])
    found_s = points_s[argrelextrema(density.score_samples(points_s[:, None]), np.less)[0]]
    return cuts_at_minima(moments, found_s, width_s)


def best_width(times_s: Times) -> float:
    """Return the kernel width that a grid search with leave-one-out cross-validation chooses, in seconds."""
    from sklearn.model_selection import GridSearchCV, LeaveOneOut  # type: ignore[import-untyped]  # ships no types
    from sklearn.neighbors import KernelDensity

    widths = {"bandwidth": candidate_widths(times_s)}
    search = GridSearchCV(KernelDensity(kernel="gaussian"), widths, cv=LeaveOneOut(), n_jobs=1)
    return float(search.fit(times_s[:, None]).best_params_["bandwidth"])
