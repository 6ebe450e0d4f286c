"""Taking over an old database: all that can come over in one transaction, or nothing of it.

What the new database has already is never overwritten. A session that it has, and that nobody has worked on here, is
brought up to date with what the old system wrote since; so adopting again takes what is new, and adopting the same file
twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db import upgrading
from nexuslims_core.db.adoption import books
from nexuslims_core.db.adoption.comparing import Compared
from nexuslims_core.db.adoption.instruments import heal
from nexuslims_core.db.adoption.layouts import OldRow, read
from nexuslims_core.db.adoption.receipts import OldPublication, is_named_otherwise, read_publications
from nexuslims_core.db.adoption.report import Adoption, Kind, LeftBehindError
from nexuslims_core.db.adoption.sessions import read_sessions
from nexuslims_core.db.engine import connect, in_sentences, sqlite_file, writing
from nexuslims_core.db.repositories import instruments
from nexuslims_core.errors import DatabaseError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.states import RecordStatus

_CDCS = "cdcs"
"""The destination of both systems."""

_NOT_READ = "nothing here reads this table: it stays in the old database"
_WENT_ON = "the new database went on with it by itself: {} of its logs in the old file were not added"
_UNKNOWN_RECORD = (
    "there is no receipt of its record, which NexusLIMS called otherwise than this release would: "
    "remove that record from CDCS before you requeue the session, or there will be two"
)


def adopt(old: Path, url: str, filestore: Path, clock: Callable[[], datetime]) -> Adoption:
    """Take over an old database into the one at ``url``, which is made where there is none, and tell what came over.

    Parameters
    ----------
    filestore
        The root of the raw data; a folder of an instrument that is absolute may lie under it.
    clock
        Tells the aware time of what is written down about healing.

    Raises
    ------
    ConfigurationError
        If ``url`` names no SQLite file and no PostgreSQL database.
    DatabaseError
        If the old file is no database of NexusLIMS, or the new one is not of this release.
    ServiceUnavailableError
        If the old file changes all the time, or the new database does not answer.
    StorageError
        If the old file cannot be read.
    """
    contents = read(old)
    engine = connect(url)
    _refuse_itself(engine, old)
    _make_ready(engine)
    adoption = Adoption(source=old, layout=contents.layout)
    with in_sentences(engine), Transaction(writing(engine)) as transaction, transaction.begin():
        books.lock(transaction)
        taking = _Taking(transaction, adoption)
        known = taking.instruments(contents.instruments, filestore)
        compared = books.compare(transaction, read_sessions(contents.logs, known, adoption))
        taking.sessions(compared, clock())
        taking.publications(contents.receipts, compared, known)
        books.count_rows(transaction)
    _account(compared, contents.others, adoption)
    return adoption


def _refuse_itself(engine: Engine, old: Path) -> None:
    """Make sure that the old file is not the new one as well: even opening it as ours would change it."""
    file = sqlite_file(engine)
    if file is not None and file.exists() and file.samefile(old):
        raise DatabaseError(
            f"{old} would be adopted into itself: set NEXUSLIMS_DB_URL to a new database, "
            "since a setting of the old system (nexusLIMS_db_path, NX_DB_PATH) names the old one"
        )


def _make_ready(engine: Engine) -> None:
    """Make the tables of a database without any; one of an earlier release is not migrated by the way."""
    if _is_empty(engine):
        upgrading.upgrade(engine)
    upgrading.check(engine)


def _is_empty(engine: Engine) -> bool:
    file = sqlite_file(engine)
    if file is not None and not file.exists():
        return True
    with in_sentences(engine), engine.connect() as connection:
        return not inspect(connection).get_table_names()


@dataclass(frozen=True, slots=True)
class _Taking:
    """One adoption while it goes on: what is written is accounted for in the same breath."""

    transaction: Transaction
    adoption: Adoption

    def instruments(self, rows: Sequence[OldRow], filestore: Path) -> dict[str, Instrument]:
        """Insert the instruments that are new here; return all that logs may name, by persistent id.

        Of their clocks and calendars the old database has the say, so that adopting again reads old logs the same.
        """
        known = {instrument.instrument_pid: instrument for instrument in instruments.usable(self.transaction)}
        for row in rows:
            pid = row.cells.get("instrument_pid") or f"instruments row {row.number}"
            try:
                healed = heal(row, filestore)
            except LeftBehindError as error:
                if pid in known:
                    self.adoption.counts[Kind.INSTRUMENTS].already_there += 1
                else:
                    self.adoption.leave(Kind.INSTRUMENTS, pid, str(error))
            else:
                known[pid] = healed.instrument
                self._instrument(healed.instrument, healed.sentences)
        return known

    def _instrument(self, instrument: Instrument, sentences: Sequence[str]) -> None:
        count = self.adoption.counts[Kind.INSTRUMENTS]
        if books.has_instrument(self.transaction, instrument.instrument_pid):
            count.already_there += 1
            return
        instruments.put(self.transaction, instrument)
        self.transaction.flush()
        count.came_over += 1
        self.adoption.heal(Kind.INSTRUMENTS, instrument.instrument_pid, sentences)

    def sessions(self, compared: Mapping[str, Compared], now: datetime) -> None:
        """Insert the sessions that are new here, and bring up to date those that nobody has worked on."""
        theirs = [each for each in compared.values() if not each.is_ours]
        books.add_logs(self.transaction, [log for each in theirs for log in each.missing])
        books.move_logs(self.transaction, {number: status for each in theirs for number, status in each.moved.items()})
        healed = {each.session.identifier: each.healed for each in theirs if each.healed}
        books.add_healed(self.transaction, healed, now)
        for each in compared.values():
            self._count_session(each)
            self._count_logs(each)
        for identifier, sentences in healed.items():
            self.adoption.heal(Kind.SESSIONS, identifier, sentences)

    def _count_session(self, each: Compared) -> None:
        count = self.adoption.counts[Kind.SESSIONS]
        count.came_over += each.is_new
        count.updated += each.is_behind
        count.already_there += not (each.is_new or each.is_behind)
        if each.is_ours and each.missing:
            self.adoption.keep(Kind.SESSIONS, each.session.identifier, _WENT_ON.format(len(each.missing)))

    def _count_logs(self, each: Compared) -> None:
        count = self.adoption.counts[Kind.LOGS]
        missing, moved = len(each.missing), 0 if each.is_ours else len(each.moved)
        count.came_over += 0 if each.is_ours else missing
        count.left += missing if each.is_ours else 0
        count.updated += moved
        count.already_there += len(each.session.logs) - missing - moved

    def publications(
        self, receipts: Sequence[OldRow], compared: Mapping[str, Compared], known: Mapping[str, Instrument]
    ) -> None:
        """Insert the receipts that are new here, and bring up to date those of sessions that nobody has worked on."""
        sessions = {identifier: each.session for identifier, each in compared.items()}
        here = dict(books.publications(self.transaction))
        count = self.adoption.counts[Kind.PUBLICATIONS]
        taken: list[OldPublication] = []
        for told in read_publications(receipts, sessions, known, self.adoption):
            held = here.get(told.key)
            if held is not None and (held == told.publication or compared[told.session_identifier].is_ours):
                count.already_there += 1
                continue
            here[told.key] = told.publication
            taken.append(told)
            count.updated += held is not None
            count.came_over += held is None
            self.adoption.heal(Kind.PUBLICATIONS, " in ".join(told.key), told.sentences)
        books.put_publications(self.transaction, taken)
        self._warn(here, compared, known)

    def _warn(
        self, published: Collection[tuple[str, str]], compared: Mapping[str, Compared], known: Mapping[str, Instrument]
    ) -> None:
        """Name the completed sessions whose records in CDCS nobody here could find again."""
        for identifier, each in compared.items():
            instrument = known[each.session.first.log.instrument_pid]
            if (
                each.status is RecordStatus.COMPLETED
                and (identifier, _CDCS) not in published
                and is_named_otherwise(each.session, instrument)
            ):
                self.adoption.leave(Kind.PUBLICATIONS, identifier, _UNKNOWN_RECORD)


def _account(compared: Mapping[str, Compared], others: Mapping[str, int], adoption: Adoption) -> None:
    """Say where the sessions stand now, and how many rows of other tables nobody has looked into."""
    states = Counter(each.status.value for each in compared.values() if each.status)
    adoption.states.update(sorted(states.items()))
    for table, rows in others.items():
        if rows:
            adoption.leave(Kind.OTHER, table, _NOT_READ, rows=rows)
