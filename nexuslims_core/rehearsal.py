"""A rehearsal: one small session is built and nothing of it kept, so that what building takes is loaded and made.

For a process that forks others which build a session each. Libraries, the codecs of our nouns, the compiled schema and
stylesheet and the statements of the database are then there for all of them; each would take longer to make them than
to build a small session.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast
from uuid import uuid4

from sqlalchemy import Engine

from nexuslims_core import codec
from nexuslims_core.config import Settings
from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import connect
from nexuslims_core.db.rows import Row
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.pipeline import build_past_session, scan_all
from nexuslims_core.reading.preloading import SPECTRUM
from nexuslims_core.reading.starting import Wards
from nexuslims_core.stages.facility import Facility, site
from nexuslims_core.stages.finish import BuildReport

AGO = timedelta(days=30)
"""So long ago is what is rehearsed: whatever a site waits for has come."""
_HOUR = timedelta(hours=1)


def rehearse(settings: Settings, database: Database | None, wards: Wards) -> BuildReport:
    """Build a session that never was, in a folder of its own, and take back what was written of it.

    Parameters
    ----------
    database
        That of the sessions to come; None where it does not answer now.

    Raises
    ------
    NexusLimsError
        If the database does not answer, or no record can be built here.
    """
    with TemporaryDirectory(prefix="nexuslims-") as folder, _taken_back(database, Path(folder)) as stage:
        root = Path(folder)
        own = {"filestore_path": root / "raw", "data_path": root / "data", "site_path": root / "site"}
        apart = settings.model_copy(update=own)
        store = site(apart)
        facility = Facility(settings=apart, database=stage, stores=(store,) if store else (), wards=wards)
        return _built(facility)


def _built(facility: Facility) -> BuildReport:
    name = f"rehearsal-{uuid4()}"  # two may rehearse on one database at the same time
    instrument = Instrument(instrument_pid=name, schema_name=name, filestore_path="./raw", timezone="UTC")
    begun = facility.now() - AGO
    file = instrument.folder(facility.settings.filestore_path) / "a.msa"
    file.parent.mkdir(parents=True)
    file.write_bytes(SPECTRUM)
    os.utime(file, times=(begun.timestamp() + 60,) * 2)
    facility.database.add_instrument(instrument)
    facility.database.start_session(name, "nobody", begun, name)
    facility.database.end_session(name, begun + _HOUR)
    session = facility.database.session(name)
    scan = scan_all(facility, (session,))[name]
    report = build_past_session(facility, session, scan, name, rebuild=False, comes_again=False)
    codec.encode(report)
    return report


@contextmanager
def _taken_back(database: Database | None, folder: Path) -> Iterator[Database]:
    """Give a database whose transactions are parts of one that is taken back in the end.

    On PostgreSQL it is the real one, since statements are compiled for one engine. All others would wait for a write to
    a SQLite file, so that one is made for it.
    """
    if database is None or database.engine.dialect.name != "postgresql":
        engine = connect(f"sqlite:///{folder / 'sessions.db'}")
        Row.metadata.create_all(engine)
        yield Database(engine=engine)
        return
    with database.engine.connect() as connection:
        whole = connection.begin()
        try:
            yield replace(database, engine=cast("Engine", connection))  # of which sessions make no transaction
        finally:
            whole.rollback()
