"""How every stage between claim and finish runs: the claim renewed, a whole result reused, a failure written down."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from nexuslims_core.artefacts import digest, fingerprint
from nexuslims_core.errors import NexusLimsError, StorageError
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility

log = logging.getLogger(__name__)
T = TypeVar("T")


def perform(facility: Facility, claim: Claim, stage: str, *, inputs: object, kind: type[T], work: Callable[[], T]) -> T:
    """Run one stage of one session, books included, and return its result.

    Parameters
    ----------
    inputs
        Plain JSON that the result depends on beside the session without its remarks; with other inputs nothing is
        reused.
    kind
        Type of the result, for keeping it.
    work
        What the stage does; called only if there is no whole result of the same inputs.

    Raises
    ------
    NexusLimsError
        What ``work`` raised, after it was written to the books; ClaimLostError if somebody took the session over.
    """
    facility.database.renew(claim, stage, facility.now(), facility.lease)
    identifier = claim.session.session_identifier
    session = replace(claim.session, remarks=())  # no file is read otherwise since another session overlaps
    mark = digest([fingerprint(session), inputs])
    kept = facility.workbench.load(identifier, stage, mark, kind)
    if kept is not None:
        log.info("session %s: %s was done before, its result is used again", identifier, stage)
        return kept
    with failures_noted(facility, claim, stage):
        result = _translated(work)
        facility.workbench.save(identifier, stage, mark, result, kind)
    return result


@contextmanager
def failures_noted(facility: Facility, claim: Claim, stage: str) -> Iterator[None]:
    """Write to the books what is raised in the block, as the failure of a stage; it is raised again."""
    try:
        yield
    except NexusLimsError as error:
        log.warning("session %s: %s: %s", claim.session.session_identifier, stage, error)
        facility.database.note_failure(claim, stage, type(error).__name__, str(error))
        raise


def _translated(work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as error:
        raise StorageError(f"cannot use {error.filename or 'the file store'}: {error.strerror or error}") from error
