"""What was kept is sent, the first one first; what is refused is set aside and holds nobody up."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from nexuslims_core.errors import (
    NexusLimsError,
    ServiceUnavailableError,
    StorageError,
    UnexpectedAnswerError,
    UnusableInstrumentError,
)
from nexuslims_core.logger.entries import REFUSALS, Entry, Logbook, RefusedError, StumbledError, Written
from nexuslims_core.logger.queue import Queue, session_of

log = logging.getLogger(__name__)


class BusyError(ServiceUnavailableError):
    """Another process of this computer is sending."""


@dataclass(slots=True, kw_only=True)
class Sent:
    """What became of a queue.

    Attributes
    ----------
    written, refused
        By the entry's name.
    hindrance
        The first thing for which something is still kept; None where nothing is.
    """

    written: dict[str, Written] = field(default_factory=dict)
    refused: dict[str, NexusLimsError] = field(default_factory=dict)
    hindrance: NexusLimsError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry that is sent by a later command, and why."""

    reason: NexusLimsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of an entry, and of those that were kept before it.

    Attributes
    ----------
    outcome
        An error where the entry is refused.
    refused
        Why others were.
    """

    outcome: Written | Kept | NexusLimsError
    refused: tuple[NexusLimsError, ...] = ()


def send(queue: Queue, logbook: Logbook) -> Sent:
    """Send what is kept, until the logbook cannot be written."""
    if not queue.names():
        return Sent()
    with queue.alone() as alone:
        if not alone:
            return Sent(hindrance=BusyError("another command is sending what is kept here"))
        return _send(queue, logbook)


def deliver(queue: Queue, logbook: Logbook, entry: Entry) -> Delivery:
    """Send what is kept, then this entry, which is kept first: nothing that happens from then on can lose it.

    Raises
    ------
    StorageError
        If it can neither be kept nor be written down.
    """
    try:
        name = queue.add(entry)
    except StorageError as error:
        return _deliver_unkept(logbook, entry, error)
    sent = send(queue, logbook)
    own = sent.written.get(name) or sent.refused.pop(name, None)
    others = tuple(sent.refused.values())
    if own is not None:
        return Delivery(outcome=own, refused=others)
    if name in queue.names():
        return Delivery(outcome=Kept(reason=sent.hindrance or BusyError("another command sends it")), refused=others)
    reason = queue.reason(name)
    return Delivery(outcome=RefusedError(reason) if reason else _said_again(queue, logbook, entry), refused=others)


def _said_again(queue: Queue, logbook: Logbook, entry: Entry) -> Written | Kept | NexusLimsError:
    """Say what another process has sent already: it changes nothing, and tells how the session stands."""
    try:
        return logbook.write(entry)
    except REFUSALS as error:
        return error
    except NexusLimsError as error:
        queue.add(entry)
        return Kept(reason=error)


def _deliver_unkept(logbook: Logbook, entry: Entry, full: StorageError) -> Delivery:
    log.warning("%s is not kept here before it is sent: %s", entry.label, full)
    try:
        return Delivery(outcome=logbook.write(entry))
    except REFUSALS as error:
        return Delivery(outcome=error)
    except NexusLimsError as error:
        raise StorageError(f"{entry.label} is lost, say it again: {error}; nor can it be kept here: {full}") from error


def _send(queue: Queue, logbook: Logbook) -> Sent:
    sent, held = Sent(), set[str]()
    for name in _untried(queue):
        if session_of(name) in held:  # its start comes first
            continue
        try:
            _send_one(queue, logbook, name, sent)
        except (
            UnexpectedAnswerError,
            StumbledError,
            StorageError,
            UnusableInstrumentError,
        ) as error:  # of this entry alone, perhaps
            held.add(session_of(name))
            sent.hindrance = sent.hindrance or error
        except NexusLimsError as error:
            sent.hindrance = error
            break
    return sent


def _send_one(queue: Queue, logbook: Logbook, name: str, sent: Sent) -> None:
    try:
        entry = queue.read(name)
        if entry is None:
            return
        sent.written[name] = logbook.write(entry)
        queue.remove(name)
    except REFUSALS as error:
        log.warning("refused for good: %s", error)
        for each, reason in queue.refuse(name, str(error)).items():
            sent.refused[each] = error if each == name else RefusedError(reason)


def _untried(queue: Queue) -> Iterator[str]:
    """Tell each name once, those that come while others are sent included."""
    told: set[str] = set()
    while fresh := [name for name in queue.names() if name not in told]:
        told.update(fresh)
        yield from fresh
