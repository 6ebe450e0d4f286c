"""``nexuslims alerts``."""

import argparse
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer, WrongUsageError, table
from nexuslims_core.cli.sheets import on_one_line

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.alerts.books import Delivery, ToldAlert
    from nexuslims_core.stages.facility import Facility

LIST, SEND, TEST = "list", "send", "test"
NOBODY = "nobody is told of anything: set NEXUSLIMS_ALERTS_TO (docs/alerts.md)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what to do, and how much to list."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=[LIST, SEND, TEST],
        default=LIST,
        help="list what was told and what waits (the default), send what waits at once, or send everybody a trial",
    )
    parser.add_argument("--limit", type=_number, default=50, metavar="N", help="list no more than the newest N")


def run(args: argparse.Namespace) -> Answer:
    """List, send, or try out."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.stages.facility import open_facility

    facility = open_facility(load_settings())
    if args.action == LIST:
        return _listed(facility, args.limit)
    if not facility.post.recipients.everybody():
        raise WrongUsageError(NOBODY)
    return _sent(facility) if args.action == SEND else _tried(facility)


def _listed(facility: "Facility", limit: int) -> Answer:
    from nexuslims_core import codec

    found, troubles = facility.database.told_alerts(limit), facility.database.troubles()
    lasting = [f"Since {trouble.since:%Y-%m-%d %H:%M} UTC: {on_one_line(trouble.headline)}." for trouble in troubles]
    headings = ("written (UTC)", "what", "to", "state")
    rows = [row for told in reversed(found) for row in _rows(told)]
    return Answer(
        document={
            "alerts": [codec.encode(told) for told in found],
            "lasting": [codec.encode(trouble) for trouble in troubles],
        },
        text=lambda: "\n".join([table(headings, rows, folds="what") if rows else "No alerts.", *lasting]),
    )


def _rows(told: "ToldAlert") -> list[tuple[str, str, str, str]]:
    at, what = f"{told.alert.at:%Y-%m-%d %H:%M}", on_one_line(told.alert.headline)
    if not told.deliveries:
        return [(at, what, "", "nobody was to be told")]
    return [(at, what, on_one_line(each.recipient), _state(each)) for each in told.deliveries]


def _state(delivery: "Delivery") -> str:
    if delivery.told_at:
        return f"told {delivery.told_at:%Y-%m-%d %H:%M}"
    if delivery.given_up_at:
        return f"given up {delivery.given_up_at:%Y-%m-%d %H:%M}\n{on_one_line(delivery.last_error or '')}"
    again = f", again from {delivery.next_try_at:%Y-%m-%d %H:%M}" if delivery.next_try_at else ""
    return f"waits{again}\n{on_one_line(delivery.last_error)}" if delivery.last_error else "waits"


def _sent(facility: "Facility") -> Answer:
    from nexuslims_core.stages.telling import look_back, send_alerts

    look_back(facility)
    sent = send_alerts(facility, at_once=True)
    return Answer(
        document={"told": sent.told, "errors": dict(sent.errors)},
        text="\n".join([f"{alerts_sent(sent.told)}.", *(f"{name}: {error}" for name, error in sent.errors.items())]),
        exit_code=1 if sent.errors else 0,
        complaints=[f"{name}: {error}" for name, error in sent.errors.items()],
    )


def alerts_sent(count: int) -> str:
    """Return in words how many were."""
    return "1 alert was sent" if count == 1 else f"{count:,} alerts were sent"


def _tried(facility: "Facility") -> Answer:
    """Send everybody a trial, which the books know nothing of, and say whether it went."""
    from nexuslims_core.alerts.messages import compose
    from nexuslims_core.alerts.wording import trial
    from nexuslims_core.errors import NexusLimsError

    message = compose([trial(facility.now())])
    errors: dict[str, str | None] = {}
    for recipient in facility.post.recipients.everybody():
        try:
            facility.post.send(recipient, message)
            errors[recipient.name] = None
        except NexusLimsError as error:
            errors[recipient.name] = str(error)
    return Answer(
        document=errors,
        text="\n".join(f"{name}: {error or 'the trial is on its way'}" for name, error in errors.items()),
        exit_code=1 if any(errors.values()) else 0,
        complaints=[f"{name}: {error}" for name, error in errors.items() if error],
    )


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
