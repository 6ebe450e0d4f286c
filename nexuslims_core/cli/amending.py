"""``nexuslims sessions amend``: a person corrects what a session's logs say."""

import argparse
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer, WrongUsageError
from nexuslims_core.cli.sheets import on_one_line
from nexuslims_core.cli.times import moment

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.db.database import Database
    from nexuslims_core.sessions.amending import Amendment

HELP = "correct the times or the instrument in a session's logs, or take a log out"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what is to be corrected, and why."""
    naive = "without a zone it is the instrument's clock"
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--start", type=moment, metavar="T", help=f"when it started; {naive}")
    parser.add_argument("--end", type=moment, metavar="T", help="when it ended")
    parser.add_argument("--instrument", metavar="PID", help="on which instrument it was")
    parser.add_argument(
        "--drop-log",
        type=int,
        action="append",
        default=[],
        metavar="ROW",
        help="a log that is none of this session, by its number in `sessions why`",
    )
    parser.add_argument("--reason", metavar="WHY", default="amended on the command line")
    parser.description = (
        "Correct a session's logs, so that it waits to be built again. What they said before is kept, and the record "
        "says what was corrected. Said again, the same changes nothing."
    )
    parser.epilog = "Exit code 1 where its logs make no session even then: `sessions why ID` says what else to correct."


def run(database: "Database", args: argparse.Namespace) -> Answer:
    """Correct the logs, and tell what was done and where the session stands."""
    if args.start is args.end is args.instrument is None and not args.drop_log:
        raise WrongUsageError("say what to correct: --start, --end, --instrument or --drop-log")
    done = database.amend(args.id, _amendment(database, args), args.reason)
    summary = database.summary(args.id)
    parked = summary.error_sentence if summary.status.value == "ERROR" else None
    stands = f"{on_one_line(args.id)} is {summary.status}"
    return Answer(
        document={"session": args.id, "status": summary.status.value, "changes": list(done), "reason": parked},
        text="\n".join([*map(on_one_line, done or ["Its logs say that already."]), _stands(stands, parked)]),
        exit_code=1 if parked else 0,
        complaints=[f"{stands}: {parked}"] if parked else [],
    )


def _stands(stands: str, parked: str | None) -> str:
    return f"{stands}: {on_one_line(parked)}" if parked else f"{stands}."


def _amendment(database: "Database", args: argparse.Namespace) -> "Amendment":
    """Return what the words say; a naive end follows the start that is stated with it, or else the one that counts."""
    from nexuslims_core.sessions.amending import Amendment
    from nexuslims_core.sessions.clocks import by_the_clock

    summary = database.summary(args.id)
    zone = database.inventory().zone(args.instrument or summary.instrument_pid)
    start = args.start and by_the_clock(args.start, zone)
    return Amendment(
        start=start,
        end=args.end and by_the_clock(args.end, zone, after=start or summary.dt_from),
        instrument_pid=args.instrument,
        dropped=frozenset(args.drop_log),
    )
