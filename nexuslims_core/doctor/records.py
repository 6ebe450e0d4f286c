"""The records on disk beside the books: do the two fit each other, above all after a restore."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nexuslims_core.config import Settings
from nexuslims_core.db.database import Database
from nexuslims_core.doctor.checking import Doubt, checked
from nexuslims_core.publishing.base import Check


def records(settings: Settings, database: Database) -> Iterator[Check]:
    """Look for records that the books know and the disk lacks, and the other way round."""
    yield checked("records", partial(_compared, settings.data_path / "records", database))


def _compared(folder: Path, database: Database) -> str | Doubt:
    filed = frozenset(_filed(folder))  # before the books are read, which learn of a record after it was filed
    built = database.records()
    known, newest = {path for _, path in built}, dict(built)
    lost = sorted(path for path in newest.values() if path not in filed and not path.exists())
    doubts = [_lost(lost, folder)] if lost else []
    if strange := sorted(filed - known):
        doubts.append(_strange(strange, folder))
    if doubts:
        return Doubt(sentence=f"{'; '.join(doubts)}; docs/backup.md says more")
    have = "1 session has" if len(newest) == 1 else f"{len(newest):,} sessions have"
    return f"the books and {folder} fit each other, {have} a record"


def _lost(lost: list[Path], folder: Path) -> str:
    return (
        f"{_are(len(lost))} in the books and not on the disk, such as {lost[0]}: restore {folder} to the path it had, "
        "or requeue those sessions"
    )


def _strange(strange: list[Path], folder: Path) -> str:
    return (
        f"{_are(len(strange))} in {folder} and not in the books, such as {strange[0].name}: the database is older, as "
        "after a restore, so run `nexuslims build --waiting`"
    )


def _are(count: int) -> str:
    return "1 record is" if count == 1 else f"{count:,} records are"


def _filed(folder: Path) -> Iterator[Path]:
    """Yield the records in the folders of the years, without earlier versions and what was not valid."""
    for year in folder.glob("[0-9][0-9][0-9][0-9]"):
        with os.scandir(year) as entries:
            names = [entry.name for entry in entries]
        yield from (year / name for name in names if _is_record(name))


def _is_record(name: str) -> bool:
    title, _, end = name.rpartition(".")
    is_earlier = title.rpartition(".v")[2].isdecimal() and ".v" in title
    return end == "xml" and not (is_earlier or title.startswith(".") or title.endswith("-invalid"))
