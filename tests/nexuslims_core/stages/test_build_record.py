from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import StorageError
from nexuslims_core.stages.build_record import BuiltRecord


@pytest.fixture
def built(tmp_path: Path) -> BuiltRecord:
    path = tmp_path / "record.xml"
    path.write_bytes(b"<Experiment/>")
    return BuiltRecord(title="x", path=path, sha256=sha256(b"<Experiment/>"))


def test_a_record_is_read_as_it_was_written(built: BuiltRecord) -> None:
    assert built.read() == b"<Experiment/>"


def test_a_record_that_was_changed_is_refused(built: BuiltRecord) -> None:
    built.path.write_bytes(b"<Experiment title='better'/>")

    with pytest.raises(StorageError, match="is not what was written there: requeue the session"):
        built.read()


def test_a_record_that_is_gone_is_said(built: BuiltRecord) -> None:
    built.path.unlink()

    with pytest.raises(StorageError, match="cannot be read: No such file or directory; requeue the session"):
        built.read()
