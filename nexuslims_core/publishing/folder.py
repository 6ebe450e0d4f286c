"""Records as a static site in a folder, which any web server can serve and any browser can open from a disk.

    index.html              lists all records; index.json holds the same for the next writer
    records/<name>/         one folder a record: index.html, its page; <name>.xml; entry.json, its line in the index;
                            files/, the previews and metadata files that the page shows

Nothing in it points out of it but the links to raw files, so it can be moved and copied as it is. One writer at a time,
on one computer or on several: the others wait for a lock. A reader never sees half a file.
"""

import errno
import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from nexuslims_core import codec
from nexuslims_core.artefacts import confined, sha256, write_whole
from nexuslims_core.errors import (
    InvalidRecordError,
    PublishingError,
    ServiceUnavailableError,
    StorageError,
    UnsafePathError,
)
from nexuslims_core.publishing.base import Check, Earlier, Receipt
from nexuslims_core.publishing.folder_entries import Entry, entry_of, folder_name, linked_files, sound
from nexuslims_core.publishing.folder_files import placed, remove_all_but
from nexuslims_core.publishing.folder_index import GENERATOR, index_page, record_address
from nexuslims_core.records.page import to_html

log = logging.getLogger(__name__)

_INDEX, _LIST, _ENTRY, _RECORDS, _FILES, _LOCK = (
    "index.html",
    "index.json",
    "entry.json",
    "records",
    "files",
    ".nexuslims.lock",
)


@dataclass(frozen=True, kw_only=True)
class FolderStore:
    """A folder as a destination of records.

    Attributes
    ----------
    root
        The folder; made where it is not there.
    data_path
        Where previews and metadata files are taken from.
    url
        Address under which a web server serves the folder; without it records are found by their path.
    dataset_base
        What is put before the addresses of raw files.
    preview_base
        What is put before those of previews and metadata files; without it they are kept in the site.
    heading
        Title of the index.
    patience_s
        How long to wait for another writer.
    sleep
        Waits so many seconds.
    """

    root: Path
    data_path: Path
    url: str = ""
    dataset_base: str = ""
    preview_base: str = ""
    heading: str = "Experiment records"
    patience_s: float = 120.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    @property
    def name(self) -> str:
        """Name of the destination in the books."""
        return "folder"

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        """Make the record part of the site with exactly these bytes, and read all of it back.

        Raises
        ------
        PublishingError
            If it is no valid record, cannot have this title, or the folder is somebody else's.
        ServiceUnavailableError
            If another writer keeps the folder for longer than we wait.
        StorageError
            If the folder cannot be written, or the disk is full.
        """
        root = sound(title, xml)
        entry = entry_of(title, root, sha256(xml))
        linked = () if self.preview_base else tuple(linked_files(root))
        try:
            contents = self._contents(entry, xml)
            with self._locked():
                self._take_over(entry, earlier)
                self._write(entry, contents, linked)
                self._write_index(entry)
                self._prove(entry, contents)
        except OSError as error:
            raise StorageError(
                f"the folder of records {self.root} cannot be used: {error.filename or ''} {error.strerror or error}"
            ) from error
        return Receipt(destination=self.name, record_id=entry.name, url=self._address(entry), sha256=entry.sha256)

    def check(self) -> tuple[Check, ...]:
        """Say whether records could be published now; writes nothing."""
        try:
            ok, sentence = self._looked_at()
        except OSError as error:
            ok, sentence = False, f"{error.filename or self.root} cannot be used: {error.strerror or error}"
        return (Check(subject="folder of records", ok=ok, sentence=sentence),)

    def _looked_at(self) -> tuple[bool, str]:
        place = next(path for path in (self.root, *self.root.parents) if path.exists())
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            return False, f"{place} cannot be written: correct its owner or mode"
        if self._is_foreign():
            return False, self._foreign()
        if place != self.root:
            return True, f"{self.root} is made with the first record"
        count = len(self._names()) if (self.root / _RECORDS).is_dir() else 0
        return True, f"{self.root} holds {count:,} {'record' if count == 1 else 'records'}"

    def _folder(self, name: str) -> Path:
        return self.root / _RECORDS / name

    def _address(self, entry: Entry) -> str:
        page = record_address(entry.name, _INDEX)
        return f"{self.url.rstrip('/')}/{page}" if self.url else f"{self.root.absolute().as_uri()}/{page}"

    def _contents(self, entry: Entry, xml: bytes) -> dict[str, bytes]:
        """Return the files of a record that are made from its XML, by name."""
        try:
            page = to_html(
                xml,
                preview_base=self.preview_base or _FILES,
                dataset_base=self.dataset_base,
                record_url=quote(f"{entry.name}.xml"),
            )
        except InvalidRecordError as error:
            raise PublishingError(str(error)) from error
        return {f"{entry.name}.xml": xml, _INDEX: page, _ENTRY: codec.dumps(entry)}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Be the only writer; the lock of one that was killed is free at once."""
        self.root.mkdir(parents=True, exist_ok=True)
        if self._is_foreign():
            raise PublishingError(self._foreign())
        handle = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._wait_for(handle)
            yield
        finally:
            os.close(handle)

    def _wait_for(self, handle: int) -> None:
        waited_s, pause_s = 0.0, 0.02
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    raise
                if waited_s >= self.patience_s:
                    raise ServiceUnavailableError(
                        f"another writer has kept the folder of records {self.root} for {self.patience_s:g} s"
                    ) from error
                self.sleep(pause_s)
                waited_s, pause_s = waited_s + pause_s, min(2 * pause_s, 1.0)
            else:
                return

    def _is_foreign(self) -> bool:
        """Tell whether the folder has a page that is none of ours, such as the front page of a web server."""
        try:
            with (self.root / _INDEX).open("rb") as page:
                return GENERATOR.encode() not in page.read(2000)
        except FileNotFoundError:
            return False

    def _foreign(self) -> str:
        return f"{self.root} holds an index.html that is none of ours: give records a folder of their own"

    def _take_over(self, entry: Entry, earlier: Earlier | None) -> None:
        """Give the folder of a record that is known by another title the name of this one, where there is none yet.

        Raises
        ------
        PublishingError
            If the folder of this name holds another record, as on a disk that cannot tell capitals.
        """
        folder = self._folder(entry.name)
        if not folder.exists() and earlier is not None and earlier.record_id == folder_name(earlier.title):
            known = self._entry(earlier.record_id)
            if known is not None and known.title == earlier.title:
                self._folder(earlier.record_id).rename(folder)
        known = self._entry(entry.name)
        allowed = {entry.title, earlier.title if earlier else entry.title}
        if known is not None and known.title not in allowed:
            raise PublishingError(f"{folder} holds the record {known.title}: {entry.title} needs another title")

    def _write(self, entry: Entry, contents: Mapping[str, bytes], linked: tuple[Path, ...]) -> None:
        """Write what is not there yet; the line of the index last, and then remove what an earlier version left."""
        folder = self._folder(entry.name)
        kept = {folder / name for name in contents}
        for path in linked:
            source = self._source(path)
            if source is not None:
                kept.add(placed(source, folder / _FILES / path))
        for name, content in contents.items():
            _write_if_new(folder / name, content)
        remove_all_but(folder, kept)

    def _source(self, path: Path) -> Path | None:
        """Return the file that a record names; None where it is not there, or a link leads out of our folder."""
        try:
            source = confined(self.data_path, str(path)).resolve()
        except UnsafePathError as error:
            log.warning("%s; the site goes without it", error)
            return None
        return source if source.is_file() else None

    def _write_index(self, entry: Entry) -> None:
        entries = {**self._listed(), entry.name: entry}
        entries = dict(sorted(entries.items()))
        for left in self.root.glob(".*.part"):  # by a writer that was killed
            left.unlink(missing_ok=True)
        _write_if_new(self.root / _LIST, codec.to_line(codec.encode(entries, dict[str, Entry])))
        _write_if_new(self.root / _INDEX, index_page(entries.values(), heading=self.heading))

    def _listed(self) -> dict[str, Entry]:
        """Return the lines of all records that are there, as the last writer has kept them or as each record has."""
        try:
            kept = codec.loads(dict[str, Entry], (self.root / _LIST).read_bytes())
        except (FileNotFoundError, ValueError):
            kept = {}
        found = ((name, kept.get(name) or self._entry(name)) for name in self._names())
        return {name: entry for name, entry in found if entry is not None}

    def _names(self) -> list[str]:
        with os.scandir(self.root / _RECORDS) as found:
            return [each.name for each in found if each.is_dir(follow_symlinks=False)]

    def _entry(self, name: str) -> Entry | None:
        try:
            return codec.loads(Entry, (self._folder(name) / _ENTRY).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None

    def _prove(self, entry: Entry, contents: Mapping[str, bytes]) -> None:
        """Read the record back from the disk, and make sure that the index names it.

        Raises
        ------
        StorageError
            If something else is there.
        """
        folder = self._folder(entry.name)
        wrong = next((name for name, content in contents.items() if (folder / name).read_bytes() != content), None)
        if wrong is not None:
            raise StorageError(f"{folder / wrong} holds something else than was written: check the disk")
        if record_address(entry.name, _INDEX).encode() not in (self.root / _INDEX).read_bytes():
            raise StorageError(
                f"{self.root / _INDEX} does not name {entry.title} though it was written: check the disk"
            )


def _write_if_new(path: Path, content: bytes) -> None:
    """Write a file, unless it is there to the letter already; then it keeps its date."""
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        pass
    write_whole(path, content)
