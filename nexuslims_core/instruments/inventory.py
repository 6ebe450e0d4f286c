"""All instruments of the facility, those that cannot be used beside the others."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from nexuslims_core.instruments.models import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableInstrument:
    """A row of the ``instruments`` table that makes no instrument, why, and what a person does about it."""

    instrument_pid: str
    reason: str
    mend: str = "correct its row with `nexuslims instruments add FILE.toml`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The rows of the ``instruments`` table by persistent id."""

    usable: tuple[Instrument, ...]
    unusable: tuple[UnusableInstrument, ...]

    def instrument(self, instrument_pid: str) -> Instrument | None:
        """Return one instrument; None if there is none, or it cannot be used."""
        return next((each for each in self.usable if each.instrument_pid == instrument_pid), None)

    def has(self, instrument_pid: str) -> bool:
        """Return whether there is an instrument, usable or not."""
        unusable = (each.instrument_pid for each in self.unusable)
        return self.instrument(instrument_pid) is not None or instrument_pid in unusable

    def name(self, instrument_pid: str) -> str:
        """Return what people call an instrument; its persistent id where that is not clear."""
        names = [each.schema_name for each in self.usable]
        instrument = self.instrument(instrument_pid)
        return instrument.schema_name if instrument and names.count(instrument.schema_name) == 1 else instrument_pid

    def zone(self, instrument_pid: str) -> tzinfo:
        """Return the zone of an instrument's clock, UTC where it is not known."""
        instrument = self.instrument(instrument_pid)
        return instrument.zone if instrument else UTC
