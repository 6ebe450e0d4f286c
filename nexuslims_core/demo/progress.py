"""How far the sessions have come, read from the database of sessions while somebody else builds them."""

from collections.abc import Callable
from contextlib import suppress

from nexuslims_core.db.database import Database
from nexuslims_core.demo.layout import Layout
from nexuslims_core.errors import DatabaseError

DOING = {
    "harvest_reservation": "asking the calendar who booked",
    "find_files": "finding the files of each session",
    "cluster_activities": "telling acquisition activities apart",
    "extract_metadata": "reading the files and drawing previews",
    "build_record": "writing the records",
    "validate_record": "holding the records against the schema",
    "upload_record": "publishing them in CDCS",
}
"""What is said as the first session begins a stage."""


class Progress:
    """Says once, of each stage, that the first session has begun it."""

    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self._database = Database.open(layout.database_url)
        self._sessions = [each.session_identifier for each in layout.expectations]
        self._say = say
        self._said: set[str] = set()

    def __call__(self) -> None:
        """Look again."""
        with suppress(DatabaseError):  # busy for once: the next look tells more
            begun = {attempt.stage for identifier in self._sessions for attempt in self._database.attempts(identifier)}
            reached = [stage for stage in DOING if stage in begun]
            for stage in list(DOING)[: list(DOING).index(reached[-1]) + 1] if reached else ():
                if stage not in self._said:
                    self._said.add(stage)
                    self._say(DOING[stage])
