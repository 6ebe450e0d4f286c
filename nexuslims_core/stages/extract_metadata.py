"""Every file of the session opened once: metadata, JSON and preview, or the reason why not."""

import logging
from collections.abc import Callable

from nexuslims_core import codec
from nexuslims_core.activities.models import Grouping
from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.reading.opening import Job
from nexuslims_core.reading.pool import read_files
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "extract_metadata"
Outcomes = tuple[Extracted | Unreadable, ...]
log = logging.getLogger(__name__)


def extract_metadata(
    facility: Facility,
    claim: Claim,
    grouping: Grouping,
    done: Callable[[Outcome], None] = lambda _outcome: None,
) -> Outcomes:
    """Return what became of each file, in the order of the activities.

    Parameters
    ----------
    done
        Called with each outcome as it comes, for a progress display.
    """
    return perform(
        facility,
        claim,
        STAGE,
        inputs=codec.encode(grouping),
        kind=Outcomes,
        work=lambda: _read(facility, claim, grouping, done),
    )


def _read(facility: Facility, claim: Claim, grouping: Grouping, done: Callable[[Outcome], None]) -> Outcomes:
    instrument = claim.session.instrument
    jobs = [
        Job(
            source=Source(file=file, zone=instrument.zone, instrument_pid=instrument.instrument_pid),
            mirror=facility.mirror,
        )
        for activity in grouping.activities
        for file in activity.files
    ]
    outcomes = read_files(jobs, facility.limits, done=done)
    unreadable = [outcome for outcome in outcomes if isinstance(outcome, Unreadable)]
    for outcome in unreadable:
        log.warning("session %s: %s: %s", claim.session.session_identifier, outcome.file.path, outcome.reason)
    datasets = sum(len(outcome.datasets) for outcome in outcomes if isinstance(outcome, Extracted))
    facility.database.note_counts(claim, datasets=datasets, unreadable=len(unreadable))
    return outcomes
