"""Velox files of Thermo Fisher, ``.emd``: every image, spectrum and spectrum image of a file is a signal.

HDF5 with JSON texts, versions 4 to 11 seen; not documented by the maker. The layout is RosettaSciIO's
(``rsciio.emd._emd_velox``), which is too heavy to use for its own sake: it unfolds each spectrum image. Axes are in nm,
energies in keV. An image that was taken along with a spectrum image is shown by its first frame. The element maps that
Velox computed are images; those of a spectrum image that was not computed are not there.
"""

from dataclasses import replace
from pathlib import Path

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.contents.hdf5_data import is_hdf5, opened
from nexuslims_core.extractors.velox.signals import Opener, json_in

MOST_SIGNALS = 1000
"""Data sets of one file that are looked at."""

_FORMATS = frozenset({"Velox", "DevelopersKit"})


class VeloxExtractor:
    """Reads images, spectra and spectrum images with the settings of the microscope."""

    name = "velox"
    suffixes = frozenset({".emd"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's own type, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its ``Version``; other programs write other files with this suffix."""
        if not is_hdf5(head):
            return False
        try:
            with opened(path) as file:
                return "Version" in file and json_in(file["Version"]).get("format") in _FORMATS
        except ExtractionError:
            return False

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the images, spectra and spectrum images of a file.

        Raises
        ------
        ExtractionError
            If it is damaged, or holds none of them. One that is damaged does not cost the others.
        """
        notes: list[str] = []
        signals: list[Signal] = []
        with opened(source.path) as file:
            opener = Opener(source, file)
            for kind, open_one in opener.kinds():
                try:
                    signals.append(open_one())
                except ExtractionError as error:
                    notes.append(f"{kind} of it {error.reason}")
                except FOREIGN_FAULTS as error:
                    notes.append(f"{kind} of it cannot be read ({said(error)})")
                if len(signals) >= MOST_SIGNALS:
                    break
        if not signals:
            raise ExtractionError(source.path, "; ".join(notes) or "holds no image and no spectrum")
        first = replace(signals[0].metadata, notes=(*signals[0].metadata.notes, *notes))
        return (replace(signals[0], metadata=first), *signals[1:])


extractor = VeloxExtractor()
