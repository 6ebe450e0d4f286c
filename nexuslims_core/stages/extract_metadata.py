"""Every file of the session opened once: metadata, JSON and preview, or the reason why not."""

import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from nexuslims_core.activities.models import Grouping
from nexuslims_core.artefacts import fingerprint
from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.errors import NexusLimsError, StorageError
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FileList, FoundFile
from nexuslims_core.instruments.profiles.loading import load_profiles, profiles_of
from nexuslims_core.instruments.profiles.models import Profile
from nexuslims_core.reading import pool
from nexuslims_core.reading.cache import recall, recipe
from nexuslims_core.reading.jobs import Job
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import failures_noted, perform

STAGE = "extract_metadata"
Outcomes = tuple[Extracted | Unreadable, ...]
log = logging.getLogger(__name__)


def extract_metadata(
    facility: Facility,
    claim: Claim,
    grouping: Grouping,
    done: Callable[[Outcome], None] = lambda _outcome: None,
) -> Outcomes:
    """Return what became of each file, in the order of the activities; one that is known from before is not opened.

    Parameters
    ----------
    done
        Called with each outcome as it comes, for a progress display.

    Raises
    ------
    StorageError
        If nothing can be written, or the file store went away meanwhile: that is no file's fault.
    ConfigurationError
        If a profile or an extractor cannot be used.
    """
    with failures_noted(facility, claim, STAGE):
        profiles, versions = _profiles(facility, claim), facility.wards.catalogue().versions
    jobs = _jobs(facility, claim, [file for activity in grouping.activities for file in activity.files], profiles)
    outcomes = perform(
        facility,
        claim,
        STAGE,
        inputs=[
            fingerprint(grouping),
            recipe(profiles),
            dict(versions),
            claim.attempt if facility.fresh else 0,
        ],
        kind=Outcomes,
        work=lambda: _outcomes(facility, claim, jobs, _renewing(facility, claim, done)),
    )
    datasets = sum(len(outcome.datasets) for outcome in outcomes if isinstance(outcome, Extracted))
    facility.database.note_counts(claim, datasets=datasets, unreadable=len(_unreadable(outcomes)))
    return outcomes


def read_ahead(facility: Facility, claim: Claim, files: FileList) -> None:
    """Have the files opened that :func:`extract_metadata` is going to need, if a ward stands ready for it.

    Where some are known from before, that stage finds out which. What goes wrong here goes wrong there again, and is
    written to the books then.
    """
    if not facility.wards.stand_ready:
        return
    with suppress(NexusLimsError):
        jobs = _jobs(facility, claim, files.files, _profiles(facility, claim))
        if facility.fresh or not any(map(recall, jobs)):
            pool.read_ahead(jobs, facility.limits, facility.wards)


def _profiles(facility: Facility, claim: Claim) -> tuple[Profile, ...]:
    return profiles_of(claim.session.instrument.instrument_pid, load_profiles(facility.settings.profiles_path))


def _jobs(
    facility: Facility, claim: Claim, files: Iterable[FoundFile], profiles: tuple[Profile, ...]
) -> tuple[Job, ...]:
    instrument = claim.session.instrument
    rules = recipe(profiles)
    return tuple(
        Job(
            source=Source(file=file, zone=instrument.zone, instrument_pid=instrument.instrument_pid),
            mirror=facility.mirror,
            profiles=profiles,
            recipe=rules,
        )
        for file in files
    )


def _outcomes(facility: Facility, claim: Claim, jobs: tuple[Job, ...], done: Callable[[Outcome], None]) -> Outcomes:
    ahead = pool.are_being_read(jobs, facility.limits, facility.wards)
    known = {} if facility.fresh or ahead else _known(jobs)
    for outcome in known.values():
        done(outcome)
    unknown = [i for i in range(len(jobs)) if i not in known]
    read = pool.read_files([jobs[i] for i in unknown], facility.limits, done=done, wards=facility.wards)
    outcomes = known | dict(zip(unknown, read, strict=True))
    ordered = tuple(outcomes[i] for i in range(len(jobs)))
    identifier = claim.session.session_identifier
    log.info("session %s: %d files were read, %d were known", identifier, len(read), len(known))
    for outcome in _unreadable(ordered):
        log.warning("session %s: %s: %s", identifier, outcome.file.path, outcome.reason)
    _refuse_lost_folder(claim.session.instrument.folder(facility.settings.filestore_path), ordered)
    return ordered


def _known(jobs: tuple[Job, ...]) -> dict[int, Outcome]:
    """Return what is known of files from before, by their place."""
    recalled = ((i, recall(job)) for i, job in enumerate(jobs))
    return {i: outcome for i, outcome in recalled if outcome is not None}


def _renewing(facility: Facility, claim: Claim, done: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    """Keep the claim while files are read, however many there are: a lease need only outlast one of them."""
    renewed = facility.now()

    def told(outcome: Outcome) -> None:
        nonlocal renewed
        done(outcome)
        now = facility.now()
        if now - renewed > facility.lease / 4:
            facility.database.renew(claim, STAGE, now, facility.lease)
            renewed = now

    return told


def _refuse_lost_folder(folder: Path, outcomes: Outcomes) -> None:
    """Tell files that cannot be read from a file store that was taken away while they were."""
    gone = [outcome for outcome in _unreadable(outcomes) if not outcome.file.path.exists()]
    if gone and not _holds_anything(folder):
        raise StorageError(
            f"{folder} went away while its files were read, {len(gone)} of them are gone: "
            "mount the file store, then requeue the session"
        )


def _holds_anything(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _unreadable(outcomes: Outcomes) -> tuple[Unreadable, ...]:
    return tuple(outcome for outcome in outcomes if isinstance(outcome, Unreadable))
