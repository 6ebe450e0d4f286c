"""NexusLIMS's names for what Tescan's SEM and FIB write beside their images, as data.

The place is a section of the text. Values are in SI units, ``Magnification`` is a plain number; the power turns them
into the unit that people read.
"""

from nexuslims_core.extractors.values.naming import NUMBER, TEXT, Row

MAIN, BEAM = "MAIN", "beam"
"""The section on the image, and that of the beam that made it: ``SEM`` or ``FIB``."""

_WORDS = (
    ("AccFrames", "Accumulated Frames", NUMBER, 0),
    ("AccType", "Accumulation Type", TEXT, 0),
    ("Company", "Company", TEXT, 0),
    ("Date", "Acquisition Date", TEXT, 0),
    ("Description", "Description", TEXT, 0),
    ("Device", "Device", TEXT, 0),
    ("DeviceModel", "Device Model", TEXT, 0),
    ("FullUserName", "Full User Name", TEXT, 0),
    ("ImageStripSize", "Image Strip Size", NUMBER, 0),
    ("Magnification", "Magnification", NUMBER, 0),
    ("MagnificationReference", "Magnification Reference", NUMBER, 0),
    ("OrigFileName", "Original Filename", TEXT, 0),
    ("PixelSizeX", "Pixel Width", "nm", 9),
    ("PixelSizeY", "Pixel Height", "nm", 9),
    ("SerialNumber", "Serial Number", TEXT, 0),
    ("Sign", "Sign", TEXT, 0),
    ("SoftwareVersion", "Software Version", TEXT, 0),
    ("Time", "Acquisition Time", TEXT, 0),
    ("UserName", "User Name", TEXT, 0),
    ("ViewFieldsCountX", "View Fields Count X", NUMBER, 0),
    ("ViewFieldsCountY", "View Fields Count Y", NUMBER, 0),
)
_BEAM = (
    ("HV", "Voltage", "kV", -3),
    ("AcceleratorVoltage", "Voltage", "kV", -3),
    ("ApertureDiameter", "Aperture Diameter", "µm", 6),
    ("ApertureOptimization", "Aperture Optimization", NUMBER, 0),
    ("BeamCurrent", "Beam Current", "nA", 9),
    ("ChamberPressure", "Chamber Pressure", "mPa", 3),
    ("CrossFree", "Cross Free", NUMBER, 0),
    ("CrossSectionShiftX", "Cross Section Shift X", "µm", 6),
    ("CrossSectionShiftY", "Cross Section Shift Y", "µm", 6),
    ("DepthOfFocus", "Depth of Focus", "µm", 6),
    ("Detector", "Detector Name", TEXT, 0),
    *(
        row
        for number in range(4)
        for row in (
            (f"Detector{number}", f"Detector {number}", TEXT, 0),
            (f"Detector{number}FlatField", f"Detector {number} Flat Field", NUMBER, 0),
            (f"Detector{number}Gain", f"Detector {number} Gain", NUMBER, 0),
            (f"Detector{number}Offset", f"Detector {number} Offset", NUMBER, 0),
        )
    ),
    ("DwellTime", "Pixel Dwell Time", "µs", 6),
    ("EmissionCurrent", "Emission Current", "µA", 6),
    ("Gun", "Gun Type", TEXT, 0),
    ("GunShiftX", "Gun Shift X", NUMBER, 0),
    ("GunShiftY", "Gun Shift Y", NUMBER, 0),
    ("GunTiltX", "Gun Tilt X", NUMBER, 0),
    ("GunTiltY", "Gun Tilt Y", NUMBER, 0),
    ("IMLCenteringX", "IML Centering X", NUMBER, 0),
    ("IMLCenteringY", "IML Centering Y", NUMBER, 0),
    ("ImageShiftX", "Image Shift X", "nm", 9),
    ("ImageShiftY", "Image Shift Y", "nm", 9),
    ("InjectedGas", "Injected Gas", TEXT, 0),
    ("LUTGamma", "LUT Gamma", NUMBER, 0),
    ("LUTMaximum", "LUT Maximum", NUMBER, 0),
    ("LUTMinimum", "LUT Minimum", NUMBER, 0),
    ("MTDGrid", "MTD Grid", "kV", -3),
    ("MTDScintillator", "MTD Scintillator", "kV", -3),
    ("OBJCenteringX", "OBJ Centering X", NUMBER, 0),
    ("OBJCenteringY", "OBJ Centering Y", NUMBER, 0),
    ("OBJPreCenteringX", "OBJ Pre-Centering X", NUMBER, 0),
    ("OBJPreCenteringY", "OBJ Pre-Centering Y", NUMBER, 0),
    ("PotentialMode", "Potential Mode", TEXT, 0),
    ("PredictedBeamCurrent", "Predicted Beam Current", "pA", 12),
    ("PrimaryDetectorGain", "Primary Detector Gain", NUMBER, 0),
    ("PrimaryDetectorOffset", "Primary Detector Offset", NUMBER, 0),
    ("SampleVoltage", "Sample Voltage", "V", 0),
    ("ScanID", "Scan ID", TEXT, 0),
    ("ScanMode", "Scan Mode", TEXT, 0),
    ("ScanRotation", "Scan Rotation", "degree", 0),
    ("ScanSpeed", "Scan Speed", NUMBER, 0),
    ("SessionID", "Session ID", TEXT, 0),
    ("SpecimenCurrent", "Specimen Current", "pA", 12),
    ("SpotSize", "Spot Size", "nm", 9),
    ("StageRotation", "Stage Position Rotation", "degree", 0),
    ("StageTilt", "Stage Position Tilt", "degree", 0),
    ("StageX", "Stage Position X", "mm", 3),
    ("StageY", "Stage Position Y", "mm", 3),
    ("StageZ", "Stage Position Z", "mm", 3),
    ("StigmatorX", "Stigmator X Value", NUMBER, 0),
    ("StigmatorY", "Stigmator Y Value", NUMBER, 0),
    ("SymmetrizationVoltage", "Symmetrization Voltage", "kV", -3),
    ("SyncMains", "Sync to Mains", TEXT, 0),
    ("TiltCorrection", "Tilt Correction", NUMBER, 0),
    ("TubeVoltage", "Tube Voltage", "kV", -3),
    ("VirtualObserverDistance", "Virtual Observer Distance", "mm", 3),
    ("WD", "Working Distance", "mm", 3),
)

ROWS = (
    *(Row(MAIN, *row) for row in _WORDS),
    *(Row(BEAM, *row) for row in _BEAM),
)
