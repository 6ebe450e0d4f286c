"""``nexuslims sessions start`` and ``end``: what a person or a script on the instrument's computer writes down.

An entry gets its id and its time here, before anybody hears of it: said again, it is the same.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from nexuslims_core.cli import sending
from nexuslims_core.cli.answers import Answer, WrongUsageError, complain
from nexuslims_core.cli.times import moment
from nexuslims_core.logger.entries import Entry, Event, Written

if TYPE_CHECKING:  # this command's help must not wait for them
    from nexuslims_core.logger.sending import Kept


def configure_start(parser: argparse.ArgumentParser) -> None:
    """Declare whose session starts, where and when."""
    parser.add_argument("--instrument", type=_text, metavar="PID", required=True)
    parser.add_argument("--user", type=_text, metavar="U", required=True)
    parser.add_argument("--at", type=moment, metavar="T", help="default: now")
    parser.add_argument("--id", type=_text, metavar="ID", help="default: a new UUID")


def configure_end(parser: argparse.ArgumentParser) -> None:
    """Declare which session ends, and when."""
    parser.add_argument("id", type=_text, metavar="ID")
    parser.add_argument("--at", type=moment, metavar="T", help="default: now")


def start(args: argparse.Namespace) -> Answer:
    """Write a session's START."""
    session = str(uuid4()) if args.id is None else args.id
    return _say(_entry(args, event=Event.START, session=session, instrument=args.instrument, user=args.user))


def end(args: argparse.Namespace) -> Answer:
    """Write a session's END."""
    return _say(_entry(args, event=Event.END, session=args.id))


ACTIONS: dict[str, Callable[[argparse.Namespace], Answer]] = {"start": start, "end": end, "send": sending.send}


def _text(word: str) -> str:
    """Return a word of the command line that is text; for argparse."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError(f"{word!r} is no text") from error
    return word


def _entry(
    args: argparse.Namespace, *, event: Event, session: str, instrument: str | None = None, user: str | None = None
) -> Entry:
    _check_names(session, instrument, user)
    at, stated = args.at or datetime.now(UTC), args.at is not None
    try:
        return Entry(event=event, session=session, at=at, instrument=instrument, user=user, stated=stated)
    except ValueError as error:
        raise WrongUsageError(str(error)) from error


def _check_names(session: str, instrument: str | None, user: str | None) -> None:
    """Refuse at once, whether anybody can be reached or not, names that the facility will never take.

    Raises
    ------
    WrongUsageError
        With the sentence of the facility itself.
    """
    from nexuslims_core.sessions.naming import reason_to_refuse

    names = (("a session", session), ("an instrument", instrument), ("a user", user))
    if instrument is None and session.strip():
        return  # a session that another hand started may be called anything
    for what, name in names:
        reason = reason_to_refuse(what, name) if name is not None else None
        if reason:
            raise WrongUsageError(reason)


def _say(entry: Entry) -> Answer:
    """Have an entry written down, or kept, and tell which."""
    from nexuslims_core.cli.destinations import opened
    from nexuslims_core.logger.sending import Kept, deliver

    queue, logbook = opened()
    delivery = deliver(queue, logbook, entry)
    for error in delivery.refused:
        complain(f"an earlier entry was refused and set aside: {error}")
    if isinstance(delivery.outcome, Written):
        return _written(entry, delivery.outcome)
    if isinstance(delivery.outcome, Kept):
        return _kept(entry, delivery.outcome)
    raise delivery.outcome


def _written(entry: Entry, written: Written) -> Answer:
    document = {"session": entry.session, "status": written.status, "queued": False, "start": written.start.isoformat()}
    if entry.event is Event.START:
        document |= {"instrument": entry.instrument, "user": entry.user}
        return Answer(document=document, text=entry.session)
    document |= {"end": written.end.isoformat() if written.end else None}
    return Answer(document=document, text=f"{entry.session} is {written.status}.")


def _kept(entry: Entry, kept: "Kept") -> Answer:
    """Tell that an entry is kept; a start prints the session's id alone on stdout, for scripts, the rest on stderr."""
    when = "later" if kept.reason.retryable else "when this is mended"
    complain(f"{entry.label} is kept here, will be sent {when}: {kept.reason}")
    document = {"session": entry.session, "queued": True, entry.event.value: entry.at.isoformat()}
    return Answer(
        document=document | {"reason": str(kept.reason)},
        text=entry.session if entry.event is Event.START else f"{entry.session} is kept here, will be sent {when}.",
        exit_code=0 if kept.reason.retryable else 1,
    )
