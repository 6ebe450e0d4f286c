"""``nexuslims housekeeping``."""

import argparse
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.alerting import alerts_sent
from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.progress import progress

if TYPE_CHECKING:  # this command's help must not wait for the pipeline
    from nexuslims_core.housekeeping import Kept


def configure(_parser: argparse.ArgumentParser) -> None:
    """Declare nothing: it looks after all that is due."""


def run(_args: argparse.Namespace) -> Answer:
    """Publish what is due, put back what lacks its reservation or files; the next build makes the new versions."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.housekeeping import keep_house
    from nexuslims_core.pipeline import this_process
    from nexuslims_core.stages.facility import open_facility

    facility = open_facility(load_settings())
    with progress("looking after records"):
        kept = keep_house(facility, this_process())
    pending = [report for report in kept.published if report.reason]
    return Answer(
        document=_plain(kept),
        text="\n".join(_told(kept)) or "Nothing was to be done.",
        exit_code=1 if pending or kept.told.errors else 0,
        complaints=[
            *(f"session {report.session_identifier}: {report.reason}" for report in pending),
            *(f"{recipient} could not be told: {error}" for recipient, error in kept.told.errors.items()),
        ],
    )


def _plain(kept: "Kept") -> dict[str, Any]:
    return {
        "published": {report.session_identifier: report.status.value for report in kept.published},
        "completed": list(kept.completed),
        "late": {each.session.session_identifier: str(each) for each in kept.late},
        "told": kept.told.told,
    }


def _told(kept: "Kept") -> list[str]:
    return [
        *(f"{report.session_identifier} is {report.reason or report.status}" for report in kept.published),
        *(f"{identifier} gets its reservation with the next build" for identifier in kept.completed),
        *(f"{each.session.session_identifier} gets its files with the next build: {each}" for each in kept.late),
        *([alerts_sent(kept.told.told)] if kept.told.told else []),
    ]
