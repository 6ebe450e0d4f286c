import numpy as np
import pytest

from nexuslims_core.activities.clustering import cluster
from nexuslims_core.activities.scales import Scale
from nexuslims_core.activities.series import keep_series

CUT = Scale(below_s=4.0, above_s=20.0, evidence=9.0)
BURST = [3.0, 4.0]


def cuts_above(gaps: list[float], limit_s: float) -> dict[int, Scale]:
    return {i: CUT for i, gap in enumerate(gaps) if gap > limit_s}


@pytest.mark.parametrize(
    ("gaps", "kept"),
    [
        ([*BURST, 90.0, *[300.0] * 10], [2]),
        ([*[300.0] * 10, 90.0, *BURST], [10]),
        ([*BURST, 90.0, *[300.0] * 5, 3_000.0, *[300.0] * 5], [2, 8]),
        ([*BURST, 90.0, 300.0, 300.0, 300.0], [2, 3, 4, 5]),
        ([*BURST, 90.0, *np.geomspace(20, 2_000, 12).tolist()], [*range(2, 15)]),
    ],
    ids=["after a burst", "before a burst", "with a pause", "too few to tell", "uneven"],
)
def test_cuts_inside_a_steady_series_are_taken_back(gaps: list[float], kept: list[int]) -> None:
    found = keep_series(np.array(gaps), cuts_above(gaps, 10.0), 1e-6)

    assert sorted(found) == kept


def test_a_series_slower_than_the_pauses_beside_it_is_one_activity() -> None:
    bursts = [time for i in range(6) for time in (120.0 * i, 120.0 * i + 3, 120.0 * i + 7)]
    times = [*bursts, *(900.0 + 300.0 * i + i % 3 for i in range(40))]

    assert cluster(times).labels == (*np.repeat(np.arange(6), 3).tolist(), *[6] * 40)
