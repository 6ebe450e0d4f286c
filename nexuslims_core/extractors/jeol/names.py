"""NexusLIMS's names for what JEOL's Analysis Station says, as data: key, our name, unit, power of ten.

The unit is ``TEXT`` for words and ``NUMBER`` for plain numbers.
"""

from nexuslims_core.extractors.values.naming import NUMBER, TEXT

Row = tuple[str, str, str, int]

INSTRUMENT: tuple[Row, ...] = (
    ("Name", "Microscope", TEXT, 0),
    ("AccV", "Voltage", "kV", 0),
    ("Currnnt", "Beam Current", "nA", 0),
    ("Mag", "Magnification", NUMBER, 0),
    ("WorkD", "Working Distance", "mm", 0),
)
"""Of an image or a map."""

CONDITION: tuple[Row, ...] = (
    ("AccKV", "Voltage", "kV", 0),
    ("AccNA", "Beam Current", "nA", 0),
    ("Mag", "Magnification", NUMBER, 0),
    ("WD", "Working Distance", "mm", 0),
)

COUNTING: tuple[Row, ...] = (
    ("LiveTime", "Live Time", "s", 0),
    ("RealTime", "Real Time", "s", 0),
    ("DwellTime(msec)", "Pixel Dwell Time", "µs", 3),
    ("Sweep", "Number of Frames", NUMBER, 0),
    ("CoefA", "Channel Size", "eV", 3),
)

DETECTOR: tuple[Row, ...] = (
    ("SEM", "Microscope", TEXT, 0),
    ("AccKV", "Voltage", "kV", 0),
    ("AccNA", "Beam Current", "nA", 0),
    ("DetT", "Detector Name", TEXT, 0),
    ("MnKaRES", "Energy Resolution", "eV", 0),
    ("TakeAng", "TakeOff Angle", "degree", 0),
    ("ElevAng", "Elevation Angle", "degree", 0),
    ("DirAng", "Azimuthal Angle", "degree", 0),
    ("XtiltAng", "Stage Tilt", "degree", 0),
    ("WorkD", "Working Distance", "mm", 0),
)

MAP: tuple[Row, ...] = (
    ("Title", "X-ray Line", TEXT, 0),
    ("DwellTime", "Pixel Dwell Time", "µs", 3),
    ("SweepCount", "Number of Frames", NUMBER, 0),
    ("StartRoi", "ROI Start Channel", NUMBER, 0),
    ("EndRoi", "ROI End Channel", NUMBER, 0),
)

SPECTRUM: tuple[Row, ...] = (
    ("live time", "Live Time", "s", 0),
    ("real time", "Real Time", "s", 0),
    ("CountRate", "Count Rate", "1/s", 0),
    ("DeadTime", "Dead Time", "%", 0),
    ("CoefA", "Channel Size", "eV", 3),
    ("sp_name", "Spectrum Name", TEXT, 0),
    ("username", "Operator", TEXT, 0),
)

VIEW: tuple[Row, ...] = (
    ("Volt", "Voltage", "kV", 0),
    ("Mag", "Magnification", NUMBER, 0),
    ("WorkD", "Working Distance", "mm", 0),
    ("StageZ", "Stage Position Z", "mm", 0),
    ("Rotation", "Stage Position R", "degree", 0),
    ("Tilt", "Stage Position α", "degree", 0),
)
"""Of a view in a project."""
