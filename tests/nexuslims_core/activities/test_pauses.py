import numpy as np

from nexuslims_core.activities.models import PauseClass
from nexuslims_core.activities.pauses import classes


def test_pauses_are_counted_by_their_length() -> None:
    found = classes(np.array([3.0, 0.1, 4.0, 90.0]), [90.0])

    assert found == (
        PauseClass(from_s=0.1, to_s=0.2, pauses=1, boundaries=0),
        PauseClass(from_s=2.0, to_s=5.0, pauses=2, boundaries=0),
        PauseClass(from_s=60.0, to_s=120.0, pauses=1, boundaries=1),
    )


def test_no_pause_is_too_short_or_too_long_for_the_table() -> None:
    found = classes(np.array([2.0**-30, 2.0**64]), [])

    assert sum(row.pauses for row in found) == 2
