import pytest

from nexuslims_core.datasets.signals import Axis
from nexuslims_core.previews.dimensions import are_alike, aspect, is_reciprocal, is_spectral, measured_in, spelt


def _axis(name: str, unit: str, scale: float = 1.0) -> Axis:
    return Axis(name=name, size=10, scale=scale, unit=unit)


@pytest.mark.parametrize(
    ("unit", "one_way"),
    [
        ("um", "µm"),
        ("μm", "µm"),
        ("microns", "µm"),
        ("1/nm", "nm⁻¹"),
        ("nm^-1", "nm⁻¹"),
        ("1 / um", "µm⁻¹"),
        ("1/Å", "Å⁻¹"),
        ("degrees", "°"),
        ("mrad", "mrad"),
        ("counts", "counts"),
        ("", ""),
    ],
)
def test_spells_a_unit_one_way(unit: str, one_way: str) -> None:
    assert spelt(unit) == one_way


@pytest.mark.parametrize(
    ("unit", "kind", "size"),
    [
        ("nm", "length", 1e-9),
        ("um", "length", 1e-6),
        ("1/nm", "reciprocal length", 1e9),
        ("1/Å", "reciprocal length", 1e10),
        ("keV", "energy", 1e3),
        ("mrad", "angle", 1e-3),
        ("ns", "time", 1e-9),
        ("1/s", "", 1.0),
        ("furlong", "", 1.0),
    ],
)
def test_knows_what_a_unit_measures(unit: str, kind: str, size: float) -> None:
    assert measured_in(unit) == (kind, pytest.approx(size))


@pytest.mark.parametrize(
    ("name", "unit", "spectral"),
    [
        ("Energy loss", "eV", True),
        ("X-ray energy", "keV", True),
        ("Wavelength", "nm", True),
        ("Raman Shift", "1/cm", True),
        ("", "eV", True),
        ("x", "nm", False),
        ("", "", False),
    ],
)
def test_knows_a_spectral_axis_by_its_name_or_its_unit(name: str, unit: str, spectral: bool) -> None:
    assert is_spectral(_axis(name, unit)) is spectral


@pytest.mark.parametrize(
    ("y_axis", "x_axis", "alike"),
    [
        (("y", "nm"), ("x", "nm"), True),
        (("y", "Å"), ("x", "nm"), True),
        (("y", ""), ("x", "nm"), True),
        (("ky", "1/nm"), ("kx", "1/nm"), True),
        (("Angle", ""), ("Wavelength", "nm"), False),
        (("Time", "ns"), ("Wavelength", "nm"), False),
        (("y", "nm"), ("kx", "1/nm"), False),
        (("Energy loss", "eV"), ("q", "1/Å"), False),
    ],
    ids=str,
)
def test_tells_a_plane_from_a_graph(y_axis: tuple[str, str], x_axis: tuple[str, str], alike: bool) -> None:
    assert are_alike(_axis(*y_axis), _axis(*x_axis)) is alike


@pytest.mark.parametrize(
    ("y_axis", "x_axis", "ratio"),
    [
        ((2, "Å"), (1, "nm"), 0.2),
        ((0.3, "µm"), (100, "nm"), 3.0),
        ((-1, "nm"), (1, "nm"), 1.0),
        ((1.001, "nm"), (1, "nm"), 1.0),
        ((1, ""), (0.1, "nm"), 1.0),
        ((1000, "nm"), (1, "nm"), 1.0),
        ((1, "nm"), (0, "nm"), 1.0),
        ((float("nan"), "nm"), (1, "nm"), 1.0),
    ],
    ids=str,
)
def test_knows_how_high_a_pixel_is_for_its_width(
    y_axis: tuple[float, str], x_axis: tuple[float, str], ratio: float
) -> None:
    assert aspect(_axis("y", y_axis[1], y_axis[0]), _axis("x", x_axis[1], x_axis[0])) == pytest.approx(ratio)


@pytest.mark.parametrize(("unit", "reciprocal"), [("1/nm", True), ("mrad", True), ("nm", False), ("", False)])
def test_knows_reciprocal_space_by_both_axes(unit: str, reciprocal: bool) -> None:
    assert is_reciprocal(_axis("y", unit), _axis("x", unit)) is reciprocal
    assert not is_reciprocal(_axis("y", "nm"), _axis("x", unit))
