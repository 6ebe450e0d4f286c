import pytest

from tests.nexuslims_core.activities.agreement import adjusted_rand


@pytest.mark.parametrize(
    ("ours", "theirs", "index"),
    [
        ([0, 0, 1, 1], [5, 5, 3, 3], 1.0),
        ([0, 0, 0, 0], [0, 0, 1, 1], 0.0),
        ([0, 0, 1, 2], [0, 0, 1, 1], 4 / 7),
        ([0, 0, 0], [0, 0, 0], 1.0),
        ([0], [0], 1.0),
    ],
    ids=["the same", "one of two", "scikit-learn's example", "one and one", "one file"],
)
def test_the_index_is_hubert_and_arabies(ours: list[int], theirs: list[int], index: float) -> None:
    assert adjusted_rand(ours, theirs) == pytest.approx(index)
