"""Numbers with units, and the plain values that metadata may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A finite number with the unit it is given in.

    Attributes
    ----------
    value
        The number, as the source states it or scaled once by its extractor.
    unit
        A unit that pint parses, in its short form: ``"kV"``, ``"nm"``, ``"µm"``, ``"degree"``, ``"eV"``.
    """

    value: float | int
    unit: str

    def __post_init__(self) -> None:
        if self.value != self.value or self.value in (float("inf"), float("-inf")):
            raise ValueError(f"{self.value} {self.unit} is not a finite number")
        if not self.unit:
            raise ValueError(f"{self.value} has no unit: use the plain number")


Scalar = str | int | float | bool
MetadataValue = Quantity | Scalar
