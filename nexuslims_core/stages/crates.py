"""The RO-Crate of a session: its source kept when the record is built, the crate filed beside the valid record."""

import logging
from collections.abc import Callable
from pathlib import Path

from nexuslims_core.reading.hashing import Hasher
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.filing import Filing, file_crate
from nexuslims_core.records.crates.models import CrateSource
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility

KEPT_AS = "crate"
"""Name of the artefact in the session's work folder."""

log = logging.getLogger(__name__)


def keep_crate_source(facility: Facility, claim: Claim, xml_sha256: str, source: CrateSource) -> None:
    """Keep what the crate of a record is made from until the record is filed."""
    facility.workbench.save(claim.session.session_identifier, KEPT_AS, xml_sha256, source, CrateSource)


def add_crate(facility: Facility, claim: Claim, xml_sha256: str, record: Path) -> None:
    """File the crate beside a record; one that an earlier release built has none.

    Parameters
    ----------
    record
        The XML as it was filed, its page beside it.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    source = facility.workbench.load(claim.session.session_identifier, KEPT_AS, xml_sha256, CrateSource)
    if source is None:
        log.info("session %s: nothing was kept to make a crate from", claim.session.session_identifier)
        return
    file_crate(_filing(facility, claim, record), source, record, record.with_suffix(".html"))


def _filing(facility: Facility, claim: Claim, record: Path) -> Filing:
    settings = facility.settings
    return Filing(
        addresses=Addresses(
            filestore=settings.filestore_path,
            data_path=settings.data_path,
            dataset_base=settings.dataset_base_url,
            preview_base=settings.preview_base_url,
        ),
        zone=claim.session.instrument.zone,
        licence=settings.crate_license,
        seal=facility.workbench.root / "crates" / f"{record.stem}.json",
        hasher=_hasher(facility, claim) if settings.hash_raw else None,
    )


def _hasher(facility: Facility, claim: Claim) -> Hasher:
    return Hasher(
        folder=facility.workbench.root / "sha256",
        rate=facility.settings.hash_rate * 1e6,
        told=_renewing(facility, claim),
    )


def _renewing(facility: Facility, claim: Claim) -> Callable[[], None]:
    """Keep the claim however long hashing takes: a lease need only outlast one piece of a file."""
    renewed = facility.now()

    def told() -> None:
        nonlocal renewed
        now = facility.now()
        if now - renewed > facility.lease / 4:
            facility.database.renew(claim, "validate_record", now, facility.lease)
            renewed = now

    return told
