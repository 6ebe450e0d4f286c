"""Files that appear whole or not at all, and the results of stages kept beside the digest of what they were made from.

A result is reused only when it is whole and its inputs are the same: a retry starts at the first stage not done.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from nexuslims_core import codec
from nexuslims_core.errors import StorageError, UnsafePathError

T = TypeVar("T")

Stamp = tuple[str, int, int]
"""A file as it was, by what changes when its content does: path, size, modification time in nanoseconds."""


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file, the new file, and nothing between.

    Parameters
    ----------
    mode
        Who may read and write the file.

    Raises
    ------
    StorageError
        If the folder cannot be made or written, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def confined(root: Path, *parts: str) -> Path:
    """Join ``parts`` to ``root`` and make sure that the result stays inside it.

    Raises
    ------
    UnsafePathError
        If a part is absolute, or ``..`` or a symbolic link leads out of ``root``, or links lead in a circle.
    """
    path = root.joinpath(*parts)
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except RuntimeError as error:  # Python 3.13 and later resolve a circle without a word
        raise UnsafePathError(f"{path} leads nowhere, since its links lead in a circle: mend the folder") from error
    if not inside:
        raise UnsafePathError(f"{'/'.join(parts)!r} leads out of {root}: correct it in the instruments table")
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """The folder that holds what the stages of every session have made so far.

    Attributes
    ----------
    root
        ``DATA_PATH/work``.
    """

    root: Path

    def folder(self, session_identifier: str) -> Path:
        """Return the folder of one session; its name is a digest, since identifiers may hold any character."""
        return self.root / sha256(session_identifier.encode("utf-8", "surrogatepass"))

    def result_path(self, session_identifier: str, stage: str) -> Path:
        """Return where the result of one stage is kept."""
        return self.folder(session_identifier) / f"{stage}.json"

    def save(self, session_identifier: str, stage: str, inputs: str, result: object, kind: object) -> None:
        """Keep the result of a stage with the digest of its inputs."""
        save_result(self.result_path(session_identifier, stage), inputs, result, kind)

    def load(self, session_identifier: str, stage: str, inputs: str, kind: type[T]) -> T | None:
        """Return the kept result of a stage, or None if there is none, it is not whole, or its inputs were others."""
        return load_result(self.result_path(session_identifier, stage), inputs, kind)

    def clear(self, session_identifier: str) -> None:
        """Forget every kept result of a session."""
        for path in self.folder(session_identifier).glob("*.json"):
            path.unlink(missing_ok=True)


def save_result(path: Path, inputs: str, result: object, kind: object) -> None:
    """Write a result below a line with the digest of what it was made from and its own."""
    body = codec.to_line(result, kind)
    write_whole(path, codec.to_line({"inputs": inputs, "digest": sha256(body)}) + body)


def load_result(path: Path, inputs: str, kind: type[T]) -> T | None:
    """Return what :func:`save_result` wrote, or None if it is not there, not whole, or made from something else."""
    try:
        line, _, body = path.read_bytes().partition(b"\n")
        kept = json.loads(line)
        if kept["inputs"] != inputs or kept["digest"] != sha256(body):
            return None
        return codec.from_line(kind, body)
    except (OSError, ValueError, KeyError, TypeError):  # ValueError: pydantic's ValidationError is one
        return None


def result_in(content: bytes, kind: type[T]) -> T:
    """Return the result in a file that :func:`save_result` wrote, whatever it was made from.

    Raises
    ------
    pydantic.ValidationError
        If it holds none of this kind.
    """
    return codec.from_line(kind, content.partition(b"\n")[2])


def stamps(paths: Iterable[str | Path]) -> tuple[Stamp, ...] | None:
    """Return files as they are; None if one is not there."""
    try:
        return tuple(_stamp(os.fspath(path)) for path in paths)
    except OSError:
        return None


def _stamp(path: str) -> Stamp:
    status = os.stat(path)  # noqa: PTH116 - thousands of times, and a Path takes longer than its file
    return path, status.st_size, status.st_mtime_ns


def fingerprint(noun: object) -> str:
    """Return the SHA-256 of a noun of ours, the same for equal ones."""
    return sha256(codec.to_line(noun))


def digest(inputs: Iterable[object]) -> str:
    """Return one SHA-256 over plain JSON values, the same for equal values in the same order."""
    return sha256(json.dumps(list(inputs), sort_keys=True).encode("ascii"))
