"""NexusLIMS's names for what Velox says of an acquisition, as data.

A row is the path of a value in Velox's tree, our name, its unit and the power of ten that makes it one. Velox states SI
units; the unit is ``TEXT`` for words, ``NUMBER`` for plain numbers, ``RADIANS`` for those that become degrees, and
``FLAG`` for ``true`` and ``false``.
"""

from nexuslims_core.extractors.rosetta.names import NUMBER, TEXT, Row
from nexuslims_core.extractors.values.naming import FLAG, RADIANS

MICROSCOPE = (
    Row("Instrument.InstrumentClass", "Microscope", TEXT),
    Row("Instrument.InstrumentModel", "Microscope Model", TEXT),
    Row("Instrument.InstrumentId", "Microscope ID", TEXT),
    Row("Instrument.Manufacturer", "Manufacturer", TEXT),
    Row("Instrument.ControlSoftwareVersion", "Control Software Version", TEXT),
    Row("Acquisition.SourceType", "Electron Source", TEXT),
    Row("Optics.AccelerationVoltage", "Voltage", "kV", -3),
    Row("Optics.ExtractorVoltage", "Extractor Voltage", "V"),
    Row("Optics.GunLensSetting", "Gun Lens", NUMBER),
    Row("Optics.SpotIndex", "Spot Size", NUMBER),
    Row("Optics.CameraLength", "Camera Length", "mm", 3),
    Row("Optics.LastMeasuredScreenCurrent", "Screen Current", "nA", 9),
    Row("Optics.Defocus", "Defocus", "µm", 6),
    Row("Optics.C1LensIntensity", "C1 Lens Intensity", NUMBER),
    Row("Optics.C2LensIntensity", "C2 Lens Intensity", NUMBER),
    Row("Optics.C3LensIntensity", "C3 Lens Intensity", NUMBER),
    Row("Optics.ObjectiveLensIntensity", "Objective Lens Intensity", NUMBER),
    Row("Optics.DiffractionLensIntensity", "Diffraction Lens Intensity", NUMBER),
    Row("Optics.ObjectiveLensMode", "Objective Lens Mode", TEXT),
    Row("Optics.HighMagnificationMode", "Magnification Mode", TEXT),
    Row("Optics.TemOperatingSubMode", "TEM Mode", TEXT),
    Row("Optics.IlluminationMode", "Illumination Mode", TEXT),
    Row("Optics.EFTEMOn", "EFTEM", FLAG),
    Row("Stage.Position.x", "Stage Position X", "µm", 6),
    Row("Stage.Position.y", "Stage Position Y", "µm", 6),
    Row("Stage.Position.z", "Stage Position Z", "µm", 6),
    Row("Stage.AlphaTilt", "Stage Position α", RADIANS),
    Row("Stage.BetaTilt", "Stage Position β", RADIANS),
    Row("Stage.HolderType", "Specimen Holder", TEXT),
    Row("Vacuum.VacuumMode", "Vacuum Mode", TEXT),
    Row("Sample.Name", "Specimen", TEXT),
    Row("Sample.Description", "Specimen Description", TEXT),
    Row("Sample", "Specimen", TEXT),
)

TEM = (Row("Optics.NominalMagnification", "Magnification", NUMBER),)

STEM = (
    Row("CustomProperties.StemMagnification.value", "Magnification", NUMBER),
    Row("Optics.BeamConvergence", "Convergence Angle", "mrad", 3),
    Row("Optics.StemFocus", "STEM Focus", "µm", 6),
)

SCAN = (
    Row("Scan.DwellTime", "Pixel Dwell Time", "µs", 6),
    Row("Scan.LineTime", "Line Time", "s"),
    Row("Scan.FrameTime", "Total Frame Time", "s"),
    Row("Scan.ScanRotation", "Scan Rotation", RADIANS),
    Row("Scan.LineIntegrationCount", "Line Integration", NUMBER),
    Row("Scan.LineInterlacing", "Scan Interlacing", NUMBER),
    Row("Scan.MainsLockOn", "Mainslock", FLAG),
)
"""What is true of images and spectra that a scanned beam made."""

DETECTOR = (
    Row("Gain", "Detector Gain", NUMBER),
    Row("Offset", "Detector Offset", NUMBER),
    Row("ExposureTime", "Exposure Time", "s"),
    Row("ExposureMode", "Exposure Mode", TEXT),
    Row("Binning.width", "Binning (Horizontal)", NUMBER),
    Row("Binning.height", "Binning (Vertical)", NUMBER),
    Row("ElevationAngle", "Elevation Angle", RADIANS),
    Row("CollectionAngle", "Solid Angle", "sr"),
    Row("Dispersion", "Channel Size", "eV"),
    Row("OffsetEnergy", "Starting Energy", "keV", -3),
    Row("PulseProcessTime", "Pulse Process Time", "µs", 6),
)

ONE_DETECTOR = (
    Row("AzimuthAngle", "Azimuthal Angle", RADIANS),
    Row("LiveTime", "Live Time", "s"),
    Row("RealTime", "Real Time", "s"),
    Row("InputCountRate", "Input Count Rate", "1/s"),
    Row("OutputCountRate", "Output Count Rate", "1/s"),
)
"""What the segments of a detector differ in, so that it is said only of the spectrum of one."""

CODES = {
    "OperatingMode": ("Operating Mode", {"1": "TEM", "2": "STEM"}),
    "ProjectorMode": ("Projector Mode", {"1": "Diffraction", "2": "Imaging"}),
    "ProbeMode": ("Probe Mode", {"1": "Nanoprobe", "2": "Microprobe"}),
}
"""Numbers below ``Optics`` that stand for words."""

APERTURES = {
    "C1": "C1 Aperture",
    "C2": "C2 Aperture",
    "C3": "C3 Aperture",
    "OBJ": "Objective Aperture",
    "SA": "Selected Area Aperture",
}

MUST_BE_POSITIVE = frozenset({"Camera Length", "Convergence Angle", "Magnification", "Live Time", "Real Time"})
"""Names for which zero or less means that the microscope did not know."""
