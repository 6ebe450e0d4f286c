"""The logins that were tried at servers, by server and user."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import LoginRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What is known of a login.

    Attributes
    ----------
    credential
        Digest of the password that was tried last.
    refusal
        What was said when it was refused; None where it was not.
    holder, held_until
        Who tries it now, and until when others wait for that.
    """

    credential: str
    refusal: str | None
    holder: str | None
    held_until: datetime | None


def get(transaction: Transaction, server: str, user: str) -> Tried | None:
    """Return what is known of a login."""
    row = _row(transaction, server, user)
    if row is None:
        return None
    return Tried(credential=row.credential, refusal=row.refusal, holder=row.holder, held_until=row.held_until)


def put(transaction: Transaction, server: str, user: str, tried: Tried, now: datetime) -> None:
    """Write down what is known of a login."""
    row = _row(transaction, server, user)
    if row is None:
        row = LoginRow(server=server, user=user, credential=tried.credential)
        transaction.add(row)
    row.credential, row.refusal = tried.credential, tried.refusal
    row.refused_at = now if tried.refusal else None
    row.holder, row.held_until = tried.holder, tried.held_until
    transaction.flush()


def forget_refused(transaction: Transaction) -> tuple[str, ...]:
    """Forget every refusal, and return whose login at which server it was."""
    rows = transaction.scalars(select(LoginRow).where(LoginRow.refusal.is_not(None)).order_by(LoginRow.server)).all()
    told = tuple(f"{row.user} at {row.server}" for row in rows)
    transaction.execute(delete(LoginRow).where(LoginRow.refusal.is_not(None)))
    return told


def _row(transaction: Transaction, server: str, user: str) -> LoginRow | None:
    query = select(LoginRow).where(LoginRow.server == server, LoginRow.user == user)
    return transaction.scalars(query.with_for_update()).first()
