import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core.previews.numerals import decades, labels, measure, power_of_thousand, round_below, short, ticks


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (20, "nm", "20 nm"),
        (0.02, "µm", "20 nm"),
        (0.02, "um", "20 nm"),
        (2000, "nm", "2 µm"),
        (1e-6, "m", "1 µm"),
        (5e-13, "m", "0.5 pm"),
        (0.2, "1/nm", "0.2 nm⁻¹"),
        (0.2, "nm", "0.2 nm"),
        (50e-12, "m", "50 pm"),
        (0.5, "cm", "5 mm"),
        (20, "mrad", "20 mrad"),
        (5, "Å", "5 Å"),
        (0, "nm", "0 nm"),
        (3, "", "3"),
    ],
)
def test_says_a_length_with_a_fitting_prefix(number: float, unit: str, said: str) -> None:
    assert measure(number, unit) == said


@pytest.mark.parametrize(
    ("number", "said"), [(0.0, "0"), (-1.5, "−1.5"), (64180.4, "64,180"), (1.25e9, "1.25·10⁹"), (-2e-7, "−2·10⁻⁷")]
)
def test_writes_a_number_as_people_do(number: float, said: str) -> None:
    assert short(number) == said


@given(st.floats(1e-280, 1e280))
def test_a_bar_is_never_longer_than_its_room_and_not_much_shorter(number: float) -> None:
    length = round_below(number)

    assert number / 2.5001 <= length <= number * (1 + 1e-6)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.integers(2, 10))
def test_ticks_are_few_and_lie_within_the_range(a: float, b: float, about: int) -> None:
    low, high = sorted((a, b))

    marks = ticks(low, high, about)

    slack = (high - low) * 1e-6
    assert len(marks) <= 4 * about + 1
    assert all(low - slack <= mark <= high + slack for mark in marks)


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(0, 10, (0, 2, 4, 6, 8, 10)), (-1, 1, (-1, -0.5, 0, 0.5, 1)), (0, 1024, (0, 250, 500, 750, 1000))],
    ids=["ten", "round nought", "quarters"],
)
def test_ticks_are_round(low: float, high: float, marks: tuple[float, ...]) -> None:
    assert ticks(low, high, 5) == pytest.approx(marks)


@pytest.mark.parametrize("limits", [(1.0, 1.0), (0.0, float("inf")), (float("nan"), 1.0), (1e18, 1e18 + 1)])
def test_a_range_that_is_none_has_no_ticks(limits: tuple[float, float]) -> None:
    assert ticks(*limits, 5) == ()


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [((0, 0.25, 0.5), ("0.00", "0.25", "0.50")), ((-10, 0, 10), ("−10", "0", "10")), ((), ()), ((0.1,), ("0.1",))],
)
def test_labels_have_as_many_decimals_as_their_step(numbers: tuple[float, ...], texts: tuple[str, ...]) -> None:
    assert labels(numbers) == texts


@pytest.mark.parametrize(
    ("limits", "exponent"), [((0, 900), 0), ((0, 250_000), 3), ((-4e9, 0), 9), ((0, 2e-5), -6), ((0, 0), 0)]
)
def test_takes_a_power_of_thousand_out_of_long_labels(limits: tuple[float, float], exponent: int) -> None:
    assert power_of_thousand(*limits) == exponent


def test_says_a_tilt_as_people_write_it() -> None:
    assert measure(-60, "degrees") == "−60°"


@pytest.mark.parametrize(
    ("low", "high", "most", "exponents"),
    [(0.0, 3.2, 5, (0, 1, 2, 3)), (-1.5, 8.1, 5, (-1, 1, 3, 5, 7)), (0.2, 0.8, 5, ())],
)
def test_decades_are_all_or_evenly_left_out(low: float, high: float, most: int, exponents: tuple[int, ...]) -> None:
    assert decades(low, high, most) == exponents
