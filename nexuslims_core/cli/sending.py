"""``nexuslims sessions send``: what was kept on this computer is sent, or shown."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer
from nexuslims_core.errors import NexusLimsError

if TYPE_CHECKING:  # this command's help must not wait for them
    from nexuslims_core.logger.entries import Entry
    from nexuslims_core.logger.queue import Queue
    from nexuslims_core.logger.sending import Sent


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare whether to send or only to look."""
    parser.add_argument("--list", action="store_true", help="show what is kept and what was refused, and send nothing")
    parser.epilog = "Exit code 0 when nothing is kept any more, or it waits for the server alone."


def send(args: argparse.Namespace) -> Answer:
    """Send what was kept, or show it."""
    from nexuslims_core.cli.destinations import opened
    from nexuslims_core.logger import sending

    queue, logbook = opened()
    return _listing(queue) if args.list else _told(sending.send(queue, logbook), queue)


def _told(sent: "Sent", queue: "Queue") -> Answer:
    """Tell what was sent, what was refused, and what is left and why."""
    left = len(queue.names())
    refused = list(map(str, sent.refused.values()))
    lines = [f"Sent {len(sent.written)}, {left} kept here." if sent.written or left else "Nothing is kept here."]
    lines += [f"Refused, and set aside in {queue.refused}: {reason}" for reason in refused]
    lines += [f"Will be sent later: {sent.hindrance}"] if sent.hindrance else []
    waits = sent.hindrance is None or sent.hindrance.retryable
    return Answer(
        document={
            "sent": len(sent.written),
            "left": left,
            "refused": refused,
            "reason": str(sent.hindrance) if sent.hindrance else None,
        },
        text="\n".join(lines),
        exit_code=0 if waits and not refused else 1,
        complaints=[*refused, *([str(sent.hindrance)] if sent.hindrance else [])],
    )


def _listing(queue: "Queue") -> Answer:
    """Tell what is kept and what was refused; in lines, since an instrument's computer need not have rich."""
    kept, refused = list(_kept(queue)), list(_refused(queue))
    lines = [_line(each) for each in (*kept, *refused)]
    return Answer(document={"kept": kept, "refused": refused}, text="\n".join(lines) or "Nothing is kept here.")


def _line(fields: dict[str, str | None]) -> str:
    what = f"{fields['event']} of session {fields['session']} at {fields['at']}" if fields["at"] else fields["file"]
    return f"{what}: {fields['reason'] or 'kept here, will be sent'}"


def _kept(queue: "Queue") -> Iterator[dict[str, str | None]]:
    for name in queue.names():
        try:
            entry, reason = queue.read(name), None
        except NexusLimsError as error:
            entry, reason = None, str(error)
        yield _fields(name, entry, reason)


def _refused(queue: "Queue") -> Iterator[dict[str, str | None]]:
    for name in queue.refused_names():
        try:
            entry, reason = queue.read_refused(name), queue.reason(name)
        except NexusLimsError as error:
            entry, reason = None, str(error)
        yield _fields(name, entry, reason or "refused")


def _fields(name: str, entry: "Entry | None", reason: str | None) -> dict[str, str | None]:
    """Return what is known of an entry; of one that cannot be read little is."""
    from nexuslims_core import codec
    from nexuslims_core.logger.queue import event_of

    unknown = {"event": event_of(name).value, **dict.fromkeys(("session", "instrument", "user", "at", "stated"))}
    fields = unknown if entry is None else codec.encode(entry)
    return {"file": name, **fields, "reason": reason}
