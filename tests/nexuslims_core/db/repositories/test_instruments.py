from sqlalchemy import update
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.database import Database
from nexuslims_core.db.rows import InstrumentRow
from nexuslims_core.instruments.models import Instrument


def test_a_row_that_cannot_be_used_is_named_beside_the_others(database: Database, titan: Instrument) -> None:
    other = Instrument(instrument_pid="B-1", schema_name="B", filestore_path="./B", timezone="UTC")
    database.add_instrument(other)
    with Transaction(database.engine) as transaction, transaction.begin():
        row = update(InstrumentRow).where(InstrumentRow.instrument_pid == "B-1")
        transaction.execute(row.values(timezone="Mars/Olympus"))

    inventory = database.inventory()

    assert inventory.usable == (titan,)
    assert [each.instrument_pid for each in inventory.unusable] == ["B-1"]
    assert "'Mars/Olympus' is no time zone" in inventory.unusable[0].reason
