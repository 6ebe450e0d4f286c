import numpy as np
import pytest

from nexuslims_core.activities.clock import gaps_between_files, strays, tick_of
from nexuslims_core.activities.moments import Moments


def moments(*times: float) -> Moments:
    starts, counts = np.unique(times, return_counts=True)
    return Moments(times_s=starts - starts[0], counts=counts)


@pytest.mark.parametrize(
    ("times", "tick_s"),
    [
        ((0.0, 2.0, 8.0), 2.0),
        ((0.5, 1.5, 8.5), 1.0),
        ((0.0, 0.3, 8.0), 0.1),
        ((0.0, 0.123456, 8.0), 1e-6),
        ((0.0, 30.0, 90.0), 2.0),
        ((0.0, 0.0, 60.0, 60.0, 180.0), 60.0),
        ((0.0, 0.0, *(n / 64 for n in (2, 3, 9, 13, 40, 64, 129))), 1 / 64),
        ((0.0, 0.0, 7.7, 15.4, 23.1), 0.1),
        ((0.0, 0.0, 7.1234567, 14.2469134), 1e-6),
    ],
    ids=["FAT", "shifted", "tenths", "fine", "a series every 30 s", "minutes", "64 a second", "a series", "one of few"],
)
def test_the_tick_divides_all_pauses(times: tuple[float, ...], tick_s: float) -> None:
    assert tick_of(moments(*times)) == tick_s


def test_no_tick_is_finer_than_the_computer_can_tell() -> None:
    far = Moments(times_s=np.array([0.0, 512.0, 2_048.0]), counts=np.ones(3, dtype=int), precision_s=512.0)

    assert tick_of(far) == 1_024.0


def test_equal_times_count_once() -> None:
    gaps, places = gaps_between_files(moments(0.0, 5.0, 5.0, 9.0, 20.0), 1.0)

    assert (gaps.tolist(), places.tolist()) == ([5.0, 4.0, 11.0], [0, 1, 2])


def test_where_most_times_are_shared_they_are_a_tick_apart() -> None:
    gaps, places = gaps_between_files(moments(0.0, 0.0, 0.0, 60.0, 60.0), 2.0)

    assert (gaps.tolist(), places.tolist()) == ([2.0, 2.0, 60.0, 2.0], [-1, -1, 0, -1])


def test_single_files_years_away_are_strays() -> None:
    apart = strays(moments(-1e9, 0.0, 5.0, 9.0, 300.0, 304.0, 4e8))

    assert apart.tolist() == [True, False, False, False, False, True]


@pytest.mark.parametrize(
    "times",
    [
        (0.0, 1.0, 2.0, 1e6, 1e6 + 1, 1e6 + 2),
        (0.0, 10.0, 20.0, 100.0),
        (0.0, 1e6),
    ],
    ids=["two bursts", "a longer pause", "two files"],
)
def test_groups_and_long_pauses_are_no_strays(times: tuple[float, ...]) -> None:
    assert not strays(moments(*times)).any()
