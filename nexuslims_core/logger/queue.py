"""A folder that keeps entries until they are heard: one file each, in the order of their names.

A name such as ``000000012-start-1f3a9c0b2d4e-7c1f.json`` holds the place in the queue, the event, a digest of the
session's id and a few random digits, so that the order and who belongs together are known even of a file that cannot be
read. Places are counted, not taken from a clock that somebody may set back. Files with other names are not looked at.
"""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nexuslims_core import codec
from nexuslims_core.artefacts import sha256, write_whole
from nexuslims_core.errors import StorageError
from nexuslims_core.logger.entries import Entry, Event, RefusedError
from nexuslims_core.logger.locks import alone

PATIENCE_S = 10.0
"""How long a command waits for another one that is sending."""

ENTRY_LIMIT_BYTES = 64 * 1024
_NAME = re.compile(r"(?P<place>\d{9})-(?P<event>start|end)-(?P<session>[0-9a-f]{12})-[0-9a-f]{4}\.json", re.ASCII)
_OWNERS_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The entries of one computer that were not heard yet, and in ``refused`` those that never will be.

    Attributes
    ----------
    folder
        Made when the first entry is kept; only its owner can look into it.
    """

    folder: Path
    patience_s: float = PATIENCE_S

    @property
    def refused(self) -> Path:
        """The folder of what was refused, each file beside its reason."""
        return self.folder / "refused"

    def add(self, entry: Entry) -> str:
        """Keep an entry behind all others, and return its name.

        Raises
        ------
        StorageError
            If the folder cannot be made or written.
        """
        with _saying(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = self.names()
        place = int(_NAME.fullmatch(kept[-1])["place"]) + 1 if kept else 1  # type: ignore[index]  # names() matched it
        session = sha256(entry.session.encode("utf-8"))[:12]
        name = f"{place:09d}-{entry.event}-{session}-{secrets.token_hex(2)}.json"
        write_whole(self.folder / name, codec.dumps(entry), mode=_OWNERS_ONLY)
        return name

    def names(self) -> tuple[str, ...]:
        """Return the names of what is kept, the first one first."""
        return _names(self.folder)

    def refused_names(self) -> tuple[str, ...]:
        """Return the names of what was refused, in the order in which it was kept."""
        return _names(self.refused)

    def read(self, name: str) -> Entry | None:
        """Return an entry, or None if it was taken away meanwhile.

        Raises
        ------
        RefusedError
            If the file holds none.
        StorageError
            If it cannot be read.
        """
        return _entry(self.folder / name)

    def read_refused(self, name: str) -> Entry | None:
        """Return an entry that was refused; raises as ``read`` does."""
        return _entry(self.refused / name)

    def remove(self, name: str) -> None:
        """Forget an entry that was heard; one that stays because another program holds it open is sent again."""
        try:
            (self.folder / name).unlink(missing_ok=True)
        except PermissionError:
            return

    def refuse(self, name: str, reason: str) -> dict[str, str]:
        """Set an entry aside, with a start also the ends that wait for it; return the reason for each.

        The start goes last: where this is cut short, it is refused again, and no end is sent without its start.
        """
        reasons = dict.fromkeys(self._ends_behind(name), f"its start was refused: {reason}") | {name: reason}
        for each, why in reasons.items():
            write_whole(self._reason_file(each), f"{why}\n".encode(errors="backslashreplace"), mode=_OWNERS_ONLY)
            with _saying(self.folder):
                (self.folder / each).replace(self.refused / each)
        return reasons

    def reason(self, name: str) -> str | None:
        """Return why an entry was refused; None if it was not."""
        try:
            return self._reason_file(name).read_text("utf-8", "replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _cannot_use(self.refused, error) from error

    def alone(self) -> AbstractContextManager[bool]:
        """Send alone while the block lasts; says whether no other process of this computer does it already."""
        return alone(self.folder / ".lock", self.patience_s)

    def _reason_file(self, name: str) -> Path:
        return self.refused / f"{name.removesuffix('.json')}.txt"

    def _ends_behind(self, name: str) -> tuple[str, ...]:
        """Return the ends that belong to a start: those behind it, up to another start of a session of that id."""
        if event_of(name) is not Event.START:
            return ()
        ends: list[str] = []
        for each in self.names():
            if each <= name or session_of(each) != session_of(name):
                continue
            if event_of(each) is Event.START:
                break
            ends.append(each)
        return tuple(ends)


def event_of(name: str) -> Event:
    """Return which event an entry of this name tells."""
    return Event(name.split("-")[1])


def session_of(name: str) -> str:
    """Return the digest of the session's id; the same for the entries of one session."""
    return name.split("-")[2]


def _names(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name)))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _cannot_use(folder, error) from error


def _entry(path: Path) -> Entry | None:
    try:
        with path.open("rb") as file:
            content = file.read(ENTRY_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _cannot_use(path, error) from error
    try:
        return codec.decode(Entry, json.loads(content))
    except (ValueError, RecursionError) as error:  # ValueError: pydantic's ValidationError is one
        raise RefusedError(f"the file {path.name} is damaged: it holds no start and no end of a session") from error


@contextmanager
def _saying(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _cannot_use(folder, error) from error


def _cannot_use(path: Path, error: OSError) -> StorageError:
    return StorageError(f"cannot use {path}: {error.strerror or error}; correct it, or NEXUSLIMS_QUEUE_PATH")
