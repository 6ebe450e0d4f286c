"""An extractor of a site, installed beside ours, whose files say what is to become of them."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexuslims_core.extractors import choosing

ACME = '''
"""Acme files: a word on the first line says what happens."""

import errno
from pathlib import Path

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError


class Numbers:
    shape = (4, 4)
    dtype = __import__("numpy").dtype("u1")

    def blocks(self, index=(), *, rows=1):
        raise OSError(errno.EIO, "Input/output error")


class AcmeExtractor:
    name = "acme"
    VERSION
    suffixes = frozenset({".acm"})
    companions = {".acm": frozenset({".hdr"})}

    def claims(self, path, head):
        return head.startswith(b"ACME")

    def read(self, source):
        words = source.path.read_text().split()
        if "damaged" in words:
            raise ExtractionError(source.path, "is damaged")
        if "fault" in words:
            try:
                raise OSError(errno.EIO, "Input/output error")
            except OSError as error:
                raise ExtractionError(source.path, "cannot be read") from error
        if "library" in words:
            try:
                raise OSError("Unable to open file (truncated)")
            except OSError as error:
                raise ExtractionError(source.path, "cannot be read") from error
        if "missing" in words:
            try:
                import no_such_package
            except ImportError as error:
                raise ExtractionError(source.path, "needs no_such_package") from error
        if "memory" in words:
            raise MemoryError
        entries = {"Words": " ".join(words)}
        if "beside" in words:
            entries["Beside"] = source.path.with_name("beside.txt").read_text()
        metadata = Metadata(dataset_type=DatasetType.IMAGE, data_type="Acme", creation_time=None, entries=entries)
        data = Numbers() if "unlucky" in words else None
        return (Signal(title="a", kind=SignalKind.IMAGE, metadata=metadata, data=data),)


extractor = AcmeExtractor()
'''

Install = Callable[..., None]


def _forget() -> None:
    sys.modules.pop("acme_extractor", None)
    importlib.invalidate_caches()
    choosing.installed.cache_clear()
    choosing.standing.cache_clear()


@pytest.fixture
def install_acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install the extractor of the site in a version, or none; again, it takes the place of the other."""
    site = tmp_path / "site"
    about = site / "acme-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[nexuslims.extractors]\nacme = acme_extractor:extractor\n")

    def install(version: int | None = 1) -> None:
        stated = f"version = {version}" if version else ""
        (site / "acme_extractor.py").write_text(ACME.replace("VERSION", stated))
        os.utime(site / "acme_extractor.py", (version or 0, version or 0))  # else Python takes it for the same
        if str(site) not in sys.path:
            monkeypatch.syspath_prepend(site)
        _forget()

    yield install
    _forget()
