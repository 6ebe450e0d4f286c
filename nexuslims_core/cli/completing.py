"""``nexuslims sessions complete``: records get their reservation that were built while their calendar was away."""

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.progress import progress

HELP = "put sessions back whose records lack their reservation, if their calendar answers now"


def complete() -> Answer:
    """Ask the calendars, and say which sessions will be built anew."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.housekeeping import complete_reservations
    from nexuslims_core.stages.facility import open_facility

    facility = open_facility(load_settings().model_copy(update={"cdcs_url": None}))
    with progress("asking calendars"):
        back = complete_reservations(facility)
    still = tuple(
        attempt.session_identifier
        for attempt in facility.database.lacking_reservation()
        if attempt.session_identifier not in back
    )
    said = [f"{identifier} is built anew by the next run" for identifier in back]
    said += [f"{identifier} still lacks its reservation" for identifier in still]
    return Answer(
        document={"put_back": list(back), "still_lacking": list(still)},
        text="\n".join(said) or "No record lacks its reservation.",
        exit_code=1 if still else 0,
    )
