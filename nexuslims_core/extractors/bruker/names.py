"""NexusLIMS's names for what Bruker's Esprit says, as data: part of the file, key, our name, unit, power of ten.

The unit is ``TEXT`` for words and ``NUMBER`` for plain numbers. Esprit states kV, mm, µm of the stage, degrees, ms.
"""

from nexuslims_core.extractors.values.naming import NUMBER, TEXT, Row

COLUMN = (
    Row("Microscope", "HV", "Voltage", "kV"),
    Row("Analysis", "PrimaryEnergy", "Voltage", "kV"),
    Row("Microscope", "Mag", "Magnification", NUMBER),
    Row("Analysis", "Magnification", "Magnification", NUMBER),
    Row("Microscope", "WD", "Working Distance", "mm"),
    Row("Analysis", "WorkingDistance", "Working Distance", "mm"),
    Row("Stage", "X", "Stage Position X", "µm"),
    Row("Stage", "Y", "Stage Position Y", "µm"),
    Row("Stage", "Z", "Stage Position Z", "µm"),
    Row("Stage", "Rotation", "Stage Position R", "degree"),
    Row("Stage", "Tilt", "Stage Position α", "degree"),
    Row("DSP Configuration", "LineAverage", "Line Average", NUMBER),
    Row("DSP Configuration", "PixelAverage", "Pixel Average", NUMBER),
)
"""Of images and maps."""

DETECTOR = (
    Row("Detector", "Type", "Detector Name", TEXT),
    Row("Detector", "Serial", "Detector Serial Number", TEXT),
    Row("Detector", "Technology", "Detector Technology", TEXT),
    Row("Detector", "WindowType", "Detector Window", TEXT),
    Row("Detector", "DetectorThickness", "Detector Thickness", "mm"),
    Row("Hardware", "LifeTime", "Live Time", "s", -3),
    Row("Hardware", "RealTime", "Real Time", "s", -3),
    Row("Hardware", "DeadTime", "Dead Time", "%"),
    Row("Hardware", "PulseDensity", "Input Count Rate", "1/s"),
    Row("Analysis", "ElevationAngle", "Elevation Angle", "degree"),
    Row("Analysis", "AzimutAngle", "Azimuthal Angle", "degree"),
    Row("Analysis", "DetectorAngle", "Detector Angle", "degree"),
    Row("Spectrum", "CalibLin", "Channel Size", "eV", 3),
    Row("Spectrum", "CalibAbs", "Starting Energy", "keV"),
    Row("Spectrum", "ChannelCount", "Number of Spectrum Channels", NUMBER),
)
"""Of spectra and maps."""

MUST_BE_POSITIVE = frozenset({"Voltage", "Magnification", "Working Distance"})
"""Names for which zero or less means that Esprit was not told."""
