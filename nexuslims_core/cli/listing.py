"""``nexuslims sessions list``."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core.cli import filtering
from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.cli.sheets import broken, on_one_line

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.db.database import Database
    from nexuslims_core.instruments.inventory import Inventory
    from nexuslims_core.sessions.listing import Listing
    from nexuslims_core.sessions.models import SessionSummary


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the filters and how many."""
    filtering.configure(parser)
    parser.add_argument("--limit", type=_number, metavar="N", help="no more than the newest N")


def run(database: "Database", args: argparse.Namespace) -> Answer:
    """List sessions, the newest last, and count them by state."""
    from nexuslims_core import codec

    inventory = database.inventory()
    found = database.listing(filtering.wanted(args, inventory, args.limit))
    return Answer(
        document=[codec.encode(summary) for summary in found.sessions],
        text=drawn(found, inventory, datetime.now(UTC)) if found.sessions else "No sessions.",
    )


def drawn(found: "Listing", inventory: "Inventory", now: datetime) -> str:
    """Return sessions as a table, and below it how many stand where."""
    zones = sorted({str(inventory.zone(each.instrument_pid)) for each in found.sessions})
    rows = [
        (
            _start(each, inventory, with_offset=len(zones) > 1),
            _state(each, now),
            *(on_one_line(text) for text in (inventory.name(each.instrument_pid), each.user or "")),
            on_one_line(each.session_identifier),
        )
        for each in found.sessions
    ]
    listed = table(("start", "state", "instrument", "user", "session"), rows, folds="session")
    zone = f" Times are of {zones[0]}." if len(zones) == 1 else ""
    return "\n".join([listed, "", *broken(f"{_counts(found)}{zone}")])


def _start(summary: "SessionSummary", inventory: "Inventory", *, with_offset: bool) -> str:
    time = summary.dt_from.astimezone(inventory.zone(summary.instrument_pid))
    return time.isoformat(sep=" ", timespec="minutes") if with_offset else f"{time:%Y-%m-%d %H:%M}"


def _state(summary: "SessionSummary", now: datetime) -> str:
    """Return where a session stands, and below it what is not as usual."""
    from nexuslims_core.sessions.next_steps import LONG
    from nexuslims_core.sessions.spans import lasting
    from nexuslims_core.sessions.states import RecordStatus

    open_for, lease = now - summary.dt_from, summary.lease_until
    if summary.status is RecordStatus.WAITING_FOR_END and open_for > LONG:
        return f"{summary.status}\nopen for {lasting(open_for, units=1)}"
    if lease is not None:
        return f"{summary.status}\n{'being built' if lease > now else 'its builder is silent'}"
    return summary.status.value


def _counts(found: "Listing") -> str:
    shown, total = len(found.sessions), found.total
    by_state = ", ".join(f"{count:,} {status}" for status, count in found.counts.items())
    newest = f"The newest {shown:,} of " if shown < total else ""
    return f"{newest}{total:,} session{'' if total == 1 else 's'}: {by_state}."


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
