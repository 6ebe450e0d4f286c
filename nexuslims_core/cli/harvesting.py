"""``nexuslims sessions harvest``: NEMO's usage events become sessions, also before waiting sessions are built."""

import argparse
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer, complain, table
from nexuslims_core.cli.progress import progress
from nexuslims_core.cli.times import in_zone, moment

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.stages.facility import Facility

HELP = "bring NEMO's usage events in as sessions"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare from when on, and for which instrument."""
    parser.add_argument(
        "--since", type=moment, metavar="T", help="events that ended then or later; default: where the last one was"
    )
    parser.add_argument("--instrument", metavar="PID", help="default: all whose harvester is nemo")


def harvest(args: argparse.Namespace) -> Answer:
    """Harvest, and say which sessions are new or changed."""
    from datetime import UTC

    from nexuslims_core import codec
    from nexuslims_core.config import load_settings
    from nexuslims_core.stages.facility import open_facility
    from nexuslims_core.stages.harvest_usage import harvest_usage

    facility = open_facility(load_settings().model_copy(update={"cdcs_url": None}))
    zone = facility.database.instrument(args.instrument).zone if args.instrument else UTC
    since = in_zone(args.since, zone) if args.since else None
    with progress("asking NEMO"):
        harvested = harvest_usage(facility, since=since, instrument_pid=args.instrument)
    rows = [(news.session_identifier, news.instrument_pid, news.outcome) for news in harvested.news]
    told = table(("session", "instrument", "what came"), rows) if rows else "Nothing new."
    return Answer(
        document=[codec.encode(news) for news in harvested.news],
        text="\n".join([told, *harvested.complaints]),
        exit_code=1 if harvested.complaints else 0,
        complaints=harvested.complaints,
    )


def harvest_first(facility: "Facility", instrument_pid: str | None) -> None:
    """Harvest before waiting sessions are built; a NEMO that cannot be asked is complained of and stops nothing."""
    from nexuslims_core.stages.harvest_usage import harvest_usage

    with progress("asking NEMO"):
        harvested = harvest_usage(facility, instrument_pid=instrument_pid)
    for complaint in harvested.complaints:
        complain(complaint)
