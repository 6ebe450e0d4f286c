from dataclasses import replace

from nexuslims_core.instruments.inventory import Inventory, UnusableInstrument
from nexuslims_core.instruments.models import Instrument

TITAN = Instrument(instrument_pid="T-1", schema_name="Titan", filestore_path="./T", timezone="Europe/Berlin")
BROKEN = UnusableInstrument(instrument_pid="B-1", reason="'Mars' is no time zone")


def test_an_unusable_instrument_is_there_and_has_no_zone_of_its_own() -> None:
    inventory = Inventory(usable=(TITAN,), unusable=(BROKEN,))

    assert (inventory.has("T-1"), inventory.has("B-1"), inventory.has("none")) == (True, True, False)
    assert (str(inventory.zone("T-1")), str(inventory.zone("B-1"))) == ("Europe/Berlin", "UTC")


def test_a_name_that_two_instruments_share_says_nothing() -> None:
    two = Inventory(usable=(TITAN, replace(TITAN, instrument_pid="T-2")), unusable=())

    assert Inventory(usable=(TITAN,), unusable=()).name("T-1") == "Titan"
    assert two.name("T-2") == "T-2"
