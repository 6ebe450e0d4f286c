"""``nexuslims publish``."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.answers import Answer, WrongUsageError
from nexuslims_core.cli.paths import absolute
from nexuslims_core.cli.progress import progress
from nexuslims_core.cli.validating import read_record
from nexuslims_core.errors import (
    ClaimedElsewhereError,
    ConfigurationError,
    DatabaseError,
    InvalidRecordError,
    NexusLimsError,
)

if TYPE_CHECKING:  # this command's help must not wait for the clients
    from nexuslims_core.config import Settings
    from nexuslims_core.db.database import Database
    from nexuslims_core.publishing.base import Receipt, RecordStore
    from nexuslims_core.sessions.attempts import Attempt
    from nexuslims_core.stages.build_record import BuiltRecord
    from nexuslims_core.stages.facility import Facility

_Told = dict[str, Any]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the records."""
    parser.add_argument("records", nargs="*", type=absolute, metavar="RECORD.xml", help="its name is its title")
    parser.add_argument(
        "--pending", action="store_true", help="every record that is built and not at each destination, now"
    )


def run(args: argparse.Namespace) -> Answer:
    """Publish records at every destination; what is there already is replaced. All are valid, or none goes."""
    if bool(args.records) == args.pending:
        raise WrongUsageError("name the records to publish, or say --pending for all that wait")
    from nexuslims_core.config import load_settings
    from nexuslims_core.stages.facility import open_facility, stores

    settings = load_settings()
    destinations = stores(settings)
    if not destinations:
        raise ConfigurationError(
            "neither NEXUSLIMS_CDCS_URL nor NEXUSLIMS_SITE_PATH is set: say where to publish (see .env.example)"
        )
    if args.pending:
        return _answer([*_pending(open_facility(settings))], nothing="No record waits to be published.")
    records = _valid(args.records)
    if _books(settings) is None:
        return _answer([_put(store, path, xml) for path, xml in records.items() for store in destinations])
    facility = open_facility(settings)
    return _answer([told for path, xml in records.items() for told in _with_books(facility, path, xml)])


def _valid(paths: list[Path]) -> dict[Path, bytes]:
    from nexuslims_core.records.validation import findings

    records = {path: read_record(path) for path in paths}
    for path, xml in records.items():
        if found := findings(xml):
            raise InvalidRecordError(f"{path}: {found[0]}; nothing was published")
    return records


def _books(settings: "Settings") -> "Database | None":
    """Return the database of sessions; None on a computer that has none, where records are published all the same."""
    from nexuslims_core.db.database import Database
    from nexuslims_core.db.engine import connect, sqlite_file

    try:
        return Database.open(settings.database_url)
    except DatabaseError:
        file = sqlite_file(connect(settings.database_url))
        if file is None or file.exists():
            raise
        return None


def _pending(facility: "Facility") -> Iterator[_Told]:
    from nexuslims_core.housekeeping import publish_waiting
    from nexuslims_core.pipeline import this_process

    with progress("publishing what waits"):
        reports = publish_waiting(facility, this_process())
    for report in reports:
        yield from _told_of_session(facility, report.session_identifier, str(report.record))


def _with_books(facility: "Facility", path: Path, xml: bytes) -> list[_Told]:
    """Publish a record so that the books of its session know of it; one of no session is simply published."""
    session = facility.database.session_titled(path.stem)
    if session is None:
        return [_put(store, path, xml) for store in facility.stores]
    try:
        with progress(f"publishing {path.name}"):
            _publish(facility, session, path, xml)
    except NexusLimsError as error:
        return [_nothing(store, path) | {"reason": f"{path}: {error}"} for store in facility.stores]
    return [*_told_of_session(facility, session, str(path))]


def _publish(facility: "Facility", session: str, path: Path, xml: bytes) -> None:
    from nexuslims_core.artefacts import sha256
    from nexuslims_core.housekeeping import publish_built
    from nexuslims_core.pipeline import this_process
    from nexuslims_core.stages.build_record import BuiltRecord

    record = BuiltRecord(title=path.stem, path=path, sha256=sha256(xml))
    waiting = next((each for each in facility.database.unpublished() if each.session_identifier == session), None)
    if waiting is not None:
        publish_built(facility, this_process(), _as_given(waiting.built, record), facility.stores)
        return
    lease_until = facility.database.summary(session).lease_until
    if lease_until is not None and lease_until > facility.now():
        raise ClaimedElsewhereError(f"session {session} is being built now, which publishes its record")
    _send(facility, session, record)


def _as_given(built: "Attempt", record: "BuiltRecord") -> "Attempt":
    """Return an attempt with the record that a person has at hand, where that is not the one it built."""
    if built.record_sha256 == record.sha256:
        return built
    return replace(built, record_path=record.path, record_sha256=record.sha256)


def _send(facility: "Facility", session: str, record: "BuiltRecord") -> None:
    """Send a record of a session that does not wait for it; the books say where it is, the session stays as it was."""
    from nexuslims_core.stages.upload_record import send

    for store in facility.stores:
        try:
            send(facility, session, record, store)
        except NexusLimsError:
            continue  # the books hold the sentence, and the next destination gets it all the same


def _told_of_session(facility: "Facility", session: str, record: str) -> Iterator[_Told]:
    """Yield what the books say of a record at each destination."""
    known = {each.destination: each for each in facility.database.publications_of(session)}
    for store in facility.stores:
        told, nothing = known.get(store.name), _nothing(store, Path(record))
        if told is not None and told.published:
            yield nothing | {"record_id": told.record_id, "url": told.url, "sha256": told.sha256}
        else:
            yield nothing | {"reason": f"{record}: {(told and told.last_error) or 'it was not sent'}"}


def _put(destination: "RecordStore", path: Path, xml: bytes) -> _Told:
    try:
        with progress(f"publishing {path.name}"):
            receipt = destination.put(path.stem, xml)
    except NexusLimsError as error:
        return _nothing(destination, path) | {"reason": f"{path}: {error}"}
    return _nothing(destination, path) | _plain(receipt)


def _plain(receipt: "Receipt") -> _Told:
    from nexuslims_core import codec

    plain: _Told = codec.encode(receipt)
    return plain


def _nothing(destination: "RecordStore", path: Path) -> _Told:
    told = {"record": str(path), "destination": destination.name, "record_id": None, "url": None, "sha256": None}
    return {**told, "reason": None}


def _answer(told: list[_Told], nothing: str = "") -> Answer:
    return Answer(
        document=told,
        text="\n".join(each["url"] or each["reason"] for each in told) or nothing,
        exit_code=1 if any(each["reason"] for each in told) else 0,
    )
