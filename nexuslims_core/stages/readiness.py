"""What the stages make when they are first called, made before: for a process that forks many which build a session.

Readers, the mapping of rows, the JSON codecs of our nouns, the compiled schema and stylesheet take longer to make than
a small session to build.
"""

from pathlib import Path
from typing import Any

from nexuslims_core import codec
from nexuslims_core.activities.models import Grouping
from nexuslims_core.artefacts import Stamp
from nexuslims_core.datasets.models import Outcome
from nexuslims_core.db.rows import Row
from nexuslims_core.extractors import choosing
from nexuslims_core.files.models import FileList, FoundFile, Scan
from nexuslims_core.instruments.profiles.loading import digest, load_profiles
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.publishing.folder_entries import Entry
from nexuslims_core.records.crates.models import CrateSource
from nexuslims_core.records.page import to_html
from nexuslims_core.records.validation import findings
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Claim, Session
from nexuslims_core.stages.build_record import BuiltRecord, Ingredients
from nexuslims_core.stages.extract_metadata import Outcomes
from nexuslims_core.stages.finish import BuildReport

KINDS: tuple[Any, ...] = (
    *(dict, type(Path()), codec.AnyPath),
    *(Session, Claim, ReservationMatch, Scan, FoundFile, FileList, Grouping, Outcome, Outcomes),
    *(Ingredients, CrateSource, BuiltRecord, tuple[Stamp, ...], Entry, dict[str, Entry]),
    *(Receipt, tuple[Receipt, ...], BuildReport),
)
"""What a session's stages write and read as JSON."""

_SMALLEST = b"<Experiment/>"


def prepare() -> None:
    """Make all that does not depend on a session or on where it is kept.

    Raises
    ------
    ConfigurationError
        If an extractor cannot be imported.
    """
    Row.registry.configure()
    for kind in KINDS:
        codec.prepare(kind)
    digest(load_profiles())
    findings(_SMALLEST)
    to_html(_SMALLEST, preview_base="", dataset_base="")
    choosing.installed()
