"""One transaction at a time on the database of sessions; broken names and times in its logs are healed before it.

What only keeps the books of a session that is being built looks at no log: its name was healed before it was claimed.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.engine import held_open, in_sentences, migrating, spare_begin, writing
from nexuslims_core.db.repositories import misspelt_logs, unplaced_logs


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """Opens transactions.

    Attributes
    ----------
    clock
        Tells the time of what the database writes down by itself: findings and publications.
    """

    engine: Engine
    clock: Callable[[], datetime] = _utc_now

    def held_open(self) -> AbstractContextManager[None]:
        """Spare the transactions of the block what the last connection to a SQLite file does when it closes."""
        return held_open(self.engine)

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        """Read in one transaction; it writes where logs by another hand must be healed first."""
        with in_sentences(self.engine), Transaction(self.engine) as transaction, transaction.begin():
            if not (misspelt_logs.some(transaction) or unplaced_logs.some(transaction)):
                yield transaction
                return
        with self._writing() as transaction:
            yield transaction

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        with in_sentences(self.engine):
            while True:
                with Transaction(writing(self.engine)) as transaction, transaction.begin():
                    if not misspelt_logs.some(transaction):
                        if unplaced_logs.some(transaction):
                            unplaced_logs.place(transaction, self.clock())
                        yield transaction
                        return
                self._respell()

    @contextmanager
    def _reading_books(self) -> Iterator[Transaction]:
        """Read in one transaction which looks at no log, so that none need be healed before it."""
        with in_sentences(self.engine), Transaction(self.engine) as transaction, transaction.begin():
            yield transaction

    @contextmanager
    def _writing_books(self) -> Iterator[Transaction]:
        """Write in such a transaction."""
        with in_sentences(self.engine), Transaction(writing(self.engine)) as transaction, transaction.begin():
            yield transaction

    @contextmanager
    def _reading_once(self) -> Iterator[Transaction]:
        """Ask one question of the books."""
        with self._reading_books() as transaction:
            spare_begin(transaction)
            yield transaction

    @contextmanager
    def _writing_once(self) -> Iterator[Transaction]:
        """Write to the books in one statement, which stands by itself."""
        with self._writing_books() as transaction:
            spare_begin(transaction)
            yield transaction

    def _respell(self) -> None:
        """Spell names anew in a transaction of its own, which does not look at foreign keys."""
        with Transaction(migrating(self.engine)) as transaction, transaction.begin():
            misspelt_logs.respell(transaction, self.clock())
