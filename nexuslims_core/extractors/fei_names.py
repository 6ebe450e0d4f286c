"""NexusLIMS's names for what FEI and Thermo Fisher write into the TIFF files of SEM and FIB, as data.

A row is place, key, name, unit, power of ten. The place is a section of the file, or ``beam``, ``scan`` or ``detector``
for the section of the one in use. The unit is ``TEXT`` for words, ``NUMBER`` for plain numbers, ``ANY`` for either. The
files state SI units; the power turns them into the unit that people read.
"""

from typing import NamedTuple

TEXT, NUMBER, ANY = "text", "number", "any"


class Row(NamedTuple):
    """Where one value stands, and what it is called."""

    place: str
    key: str
    name: str
    unit: str = ANY
    power: int = 0


ROWS = (
    Row("beam", "HV", "Voltage", "kV", -3),
    Row("beam", "EmissionCurrent", "Emission Current", "µA", 6),
    Row("beam", "BeamCurrent", "Beam Current", "nA", 9),
    Row("beam", "HFW", "Horizontal Field Width", "µm", 6),
    Row("beam", "VFW", "Vertical Field Width", "µm", 6),
    Row("beam", "WD", "Working Distance", "mm", 3),
    Row("beam", "EucWD", "Eucentric WD", "mm", 3),
    Row("beam", "SourceTiltX", "Beam Tilt X", NUMBER),
    Row("beam", "SourceTiltY", "Beam Tilt Y", NUMBER),
    Row("beam", "BeamShiftX", "Beam Shift X", NUMBER),
    Row("beam", "BeamShiftY", "Beam Shift Y", NUMBER),
    Row("beam", "StigmatorX", "Stigmator X Value", NUMBER),
    Row("beam", "StigmatorY", "Stigmator Y Value", NUMBER),
    Row("beam", "StageX", "Stage Position X", "m"),
    Row("beam", "StageY", "Stage Position Y", "m"),
    Row("beam", "StageZ", "Stage Position Z", "m"),
    Row("beam", "StageR", "Stage Position R", "rad"),
    Row("beam", "StageTa", "Stage Position α", "rad"),
    Row("beam", "StageTb", "Stage Position β", "rad"),
    Row("beam", "BeamMode", "Beam Mode", TEXT),
    Row("beam", "ImageMode", "Image Mode", TEXT),
    Row("beam", "PreTilt", "Pre-Tilt", NUMBER),
    Row("scan", "Dwell", "Pixel Dwell Time", "µs", 6),
    Row("scan", "FrameTime", "Total Frame Time", "s"),
    Row("scan", "LineTime", "Line Time", "s"),
    Row("scan", "LineIntegration", "Line Integration", NUMBER),
    Row("scan", "ScanInterlacing", "Scan Interlacing", NUMBER),
    Row("scan", "HorFieldsize", "Horizontal Field Width", "µm", 6),
    Row("scan", "VerFieldsize", "Vertical Field Width", "µm", 6),
    Row("scan", "PixelWidth", "Pixel Width", "nm", 9),
    Row("scan", "PixelHeight", "Pixel Height", "nm", 9),
    Row("scan", "Mainslock", "Mainslock", TEXT),
    Row("detector", "Brightness", "Detector Brightness Setting", NUMBER),
    Row("detector", "Contrast", "Detector Contrast Setting", NUMBER),
    Row("detector", "EnhancedContrast", "Detector Enhanced Contrast Setting", NUMBER),
    Row("detector", "BrightnessDB", "Detector Brightness (DB)", NUMBER),
    Row("detector", "ContrastDB", "Detector Contrast (DB)", NUMBER),
    Row("detector", "Signal", "Detector Signal", TEXT),
    Row("detector", "Grid", "Detector Grid Voltage", "V"),
    Row("detector", "Setting", "Detector Setting"),
    Row("detector", "Mix", "Detector Mix", "%"),
    Row("detector", "MinimumDwellTime", "Minimum Dwell Time", "µs", 6),
    Row("Beam", "Spot", "Spot Size", NUMBER),
    Row("Beam", "Beam", "Beam Name", TEXT),
    Row("Detectors", "Name", "Detector Name", TEXT),
    Row("System", "Chamber", "Chamber ID", TEXT),
    Row("System", "Pump", "Vacuum Pump", TEXT),
    Row("System", "SystemType", "System Type", TEXT),
    Row("System", "Stage", "Stage Description", TEXT),
    Row("System", "Dnumber", "Device Number", TEXT),
    Row("System", "Source", "Electron Source", TEXT),
    Row("System", "FinalLens", "Final Lens", TEXT),
    Row("System", "ESEM", "ESEM Setting", TEXT),
    Row("System", "Aperture", "Aperture Type", TEXT),
    Row("Specimen", "Temperature", "Specimen Temperature", "K"),
    Row("Specimen", "Humidity", "Specimen Humidity", "%"),
    Row("User", "User", "Operator", TEXT),
    Row("User", "UserText", "User Text", TEXT),
    Row("User", "Date", "Acquisition Date", TEXT),
    Row("User", "Time", "Acquisition Time", TEXT),
    Row("Vacuum", "UserMode", "Vacuum Mode", TEXT),
    Row("Vacuum", "Gas", "Vacuum Gas", TEXT),
    Row("Image", "MagnificationMode", "Magnification Mode", NUMBER),
    Row("Image", "DigitalContrast", "Digital Contrast", NUMBER),
    Row("Image", "DigitalBrightness", "Digital Brightness", NUMBER),
    Row("Image", "DigitalGamma", "Digital Gamma", NUMBER),
    Row("Image", "ZoomFactor", "Zoom Factor", NUMBER),
    Row("Image", "ZoomPanX", "Zoom Pan X", NUMBER),
    Row("Image", "ZoomPanY", "Zoom Pan Y", NUMBER),
    Row("Image", "MagCanvasRealWidth", "Magnification Canvas Real Width", "m"),
    Row("Image", "ScreenMagCanvasRealWidth", "Screen Magnification Canvas Real Width", "m"),
    Row("Image", "ScreenMagnificationMode", "Screen Magnification Mode", NUMBER),
    Row("Image", "Average", "Frame Average", NUMBER),
    Row("Image", "PostProcessing", "Post Processing", TEXT),
)

DATA_TYPES = {"EBeam": "SEM_Imaging", "IBeam": "FIB_Imaging", "IRBeam": "Optical_Imaging"}
"""What the beam in use makes of an image; files that name no beam come from microscopes that have but one."""
