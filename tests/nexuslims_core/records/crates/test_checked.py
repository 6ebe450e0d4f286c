"""Crates held against the REQUIRED checks of roc-validator, and read by the library that others read them with."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]  # has no types

from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.records.crates.filing import ENDING
from nexuslims_core.reservations.models import Reservation, Sample
from tests.nexuslims_core.records.conftest import file_named
from tests.nexuslims_core.records.crates.conftest import Crate
from tests.nexuslims_core.records.crates.test_documents import HOSTILE
from tests.servers.crates import Findings

Read = Callable[..., Extracted]
Write = Callable[..., Path]


@pytest.fixture
def write(crate: Crate, tmp_path: Path) -> Write:
    """Write the crate of a session: ``write("title", outcome, …, reservation=…)``."""

    def written(title: str, *outcomes: Outcome, reservation: Reservation | None = None) -> Path:
        path = tmp_path / f"{title}{ENDING}"
        path.write_bytes(crate(*outcomes, reservation=reservation))
        return path

    return written


@pytest.fixture
def hostile(write: Write, read: Read, reservation: Reservation) -> Path:
    """A crate of names and texts that its readers may stumble over."""
    text = 'two\nlines "\\ <b> \ud800'
    sample = Sample(name=text, ref=text, description=(text,))
    booked = replace(reservation, title=text, experimenters=(text, "#x"), samples=(sample,), motivation=text)
    return write("hostile", *(read(name) for name in HOSTILE), reservation=booked)


def test_crates_of_all_kinds_pass_the_required_checks(
    write: Write, read: Read, reservation: Reservation, hostile: Path, crate_findings: Findings
) -> None:
    cut_short = Unreadable(file=file_named("b.dm3"), reason="it was cut short")
    small = write("small", read("a.dm3"), read("b.dm3"), reservation=reservation)
    unreadable = write("unreadable", read("a.dm3"), cut_short, reservation=reservation)
    unbooked = write("unbooked", read("a.dm3"))

    found = crate_findings(small, unreadable, unbooked, hostile)

    assert found == {path.name: [] for path in (small, unreadable, unbooked, hostile)}


@pytest.mark.slow
def test_a_crate_of_many_files_passes_them(write: Write, read: Read, crate_findings: Findings) -> None:
    large = write("large", *(read(f"image {i}.dm3") for i in range(60)))

    assert crate_findings(large) == {large.name: []}


def test_the_checks_find_what_a_crate_lacks(write: Write, crate_findings: Findings) -> None:
    path = write("unlicensed")
    path.write_bytes(path.read_bytes().replace(b'"license"', b'"keywords"'))

    assert "MUST have a `license`" in crate_findings(path)[path.name][0]


def test_a_crate_is_read_by_the_library_of_its_readers(hostile: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = ROCrate(hostile)

    assert again.root_dataset["mainEntity"]["encodingFormat"] == "application/xml"
    assert len(again.data_entities) == 2 + 3 * len(HOSTILE)
