"""Which tags of a DigitalMicrograph image a record shows, and the names that NexusLIMS gives them.

Units stand apart from the names. Where a tag's name states its unit, ``Exposure (s)``, that is taken; elsewhere it is
the one in which DigitalMicrograph keeps the value: voltages in V, camera lengths in mm, stage positions in µm and
degrees, DigiScan's times in µs. The beam's voltage is read in kV.
"""

TagPath = tuple[str, ...]
"""Names from the outside in."""

HIGH_LEVEL = ("Acquisition", "Parameters", "High Level")
_STAGE = ("Microscope Info", "Stage Position")

ROWS: tuple[tuple[TagPath, TagPath, str], ...] = (  # where it stands, what we call it, its unit; a later row wins
    (("Microscope Info", "Indicated Magnification"), ("Indicated Magnification",), ""),
    (("Microscope Info", "Actual Magnification"), ("Actual Magnification",), ""),
    (("Microscope Info", "Cs(mm)"), ("Cs",), "mm"),
    (("Microscope Info", "STEM Camera Length"), ("STEM Camera Length",), "mm"),
    (("Microscope Info", "Voltage"), ("Voltage",), "kV"),
    (("Microscope Info", "Operation Mode"), ("Operation Mode",), ""),
    (("Microscope Info", "Specimen"), ("Specimen",), ""),
    (("Microscope Info", "Microscope"), ("Microscope",), ""),
    (("Microscope Info", "Operator"), ("Operator",), ""),
    (("Microscope Info", "Imaging Mode"), ("Imaging Mode",), ""),
    (("Microscope Info", "Illumination Mode"), ("Illumination Mode",), ""),
    (("Microscope Info", "Name"), ("Name",), ""),
    (("Microscope Info", "Field of View (µm)"), ("Field of View",), "µm"),
    (("Microscope Info", "Facility"), ("Facility",), ""),
    (("Microscope Info", "Condenser Aperture"), ("Condenser Aperture",), ""),
    (("Microscope Info", "Objective Aperture"), ("Objective Aperture",), ""),
    (("Microscope Info", "Selected Area Aperture"), ("Selected Area Aperture",), ""),
    ((*_STAGE, "Stage Alpha"), ("Stage Position", "α"), "degree"),
    ((*_STAGE, "Stage Beta"), ("Stage Position", "β"), "degree"),
    ((*_STAGE, "Stage X"), ("Stage Position", "X"), "µm"),
    ((*_STAGE, "Stage Y"), ("Stage Position", "Y"), "µm"),
    ((*_STAGE, "Stage Z"), ("Stage Position", "Z"), "µm"),
    (("Session Info", "Detector"), ("Detector",), ""),
    (("Session Info", "Microscope"), ("Microscope",), ""),
    (("Session Info", "Operator"), ("Operator",), ""),
    (("Session Info", "Specimen"), ("Specimen",), ""),
    (("Meta Data", "Acquisition Mode"), ("Analytic Acquisition Mode",), ""),
    (("Meta Data", "Format"), ("Analytic Format",), ""),
    (("Meta Data", "Signal"), ("Analytic Signal",), ""),
    (("Meta Data", "Experiment keywords", "TagGroup1", "Label"), ("Analytic Label",), ""),
    (("DataBar", "Device Name"), ("Acquisition Device",), ""),
    (("Acquisition", "Device", "Name"), ("Acquisition Device",), ""),
    (("DataBar", "Signal Name"), ("Signal Name",), ""),
    (("DataBar", "Exposure Time (s)"), ("Exposure Time",), "s"),
    ((*HIGH_LEVEL, "Exposure (s)"), ("Exposure Time",), "s"),
    ((*HIGH_LEVEL, "Processing"), ("Camera/Detector Processing",), ""),
    (("DigiScan", "Sample Time"), ("Pixel Dwell Time",), "µs"),
    (("DigiScan", "Rotation"), ("Scan Rotation",), "degree"),
    (("GMS Version", "Created"), ("GMS Version",), ""),
    (("SI", "Acquisition", "Pixel time (s)"), ("Spectrum Imaging", "Pixel time"), "s"),
    (("SI", "Acquisition", "SI Application Mode", "Name"), ("Spectrum Imaging", "Scan Mode"), ""),
    (
        ("SI", "Acquisition", "Spatial Sampling", "Height (pixels)"),
        ("Spectrum Imaging", "Spatial Sampling (Vertical)"),
        "",
    ),
    (
        ("SI", "Acquisition", "Spatial Sampling", "Width (pixels)"),
        ("Spectrum Imaging", "Spatial Sampling (Horizontal)"),
        "",
    ),
    (
        ("SI", "Acquisition", "Scan Options", "Sub-pixel sampling"),
        ("Spectrum Imaging", "Sub-pixel Sampling Factor"),
        "",
    ),
)
POWERS = {"kV": -3}
"""Powers of ten from DigitalMicrograph's unit to the one that people read."""

ZERO_IS_UNSET = (
    ("Emission Current (µA)", "Emission Current", "µA"),
    ("Probe Current (nA)", "Probe Current", "nA"),
    ("Probe Size (nm)", "Probe Size", "nm"),
)
"""DigitalMicrograph writes 0 where the microscope does not tell."""

_SPECTROMETER = (
    "Aperture label",
    "Dispersion (eV/ch)",
    "Energy loss (eV)",
    "Instrument name",
    "Drift tube enabled",
    "Drift tube voltage (V)",
    "Slit inserted",
    "Slit width (eV)",
    "Prism offset (V)",
    "Prism offset enabled",
)
EDS_ACQUISITION = ("Continuous Mode", "Count Rate Unit", "Dispersion (eV)", "Energy Cutoff (V)", "Exposure (s)")
EDS_DETECTOR = (
    "Active layer",
    "Azimuthal angle",
    "Dead layer",
    "Detector type",
    "Elevation angle",
    "Fano",
    "Gold layer",
    "Incidence angle",
    "Solid angle",
    "Stage tilt",
    "Window thickness",
    "Window type",
    "Zero fwhm",
)
EDS_COUNTING = ("Count rate", "Live time", "Real time")
LEAVES: tuple[tuple[TagPath, str, str, tuple[str, ...]], ...] = (  # group of tags, our group, what we put before, tags
    (("EELS", "Acquisition"), "EELS", "", ("Exposure (s)", "Integration time (s)", "Number of frames")),
    (
        ("EELS", "Experimental Conditions"),
        "EELS",
        "",
        ("Collection semi-angle (mrad)", "Convergence semi-angle (mrad)"),
    ),
    (("EELS Spectrometer",), "EELS", "Spectrometer ", _SPECTROMETER),
    (("EELS", "Acquisition", "Spectrometer"), "EELS", "Spectrometer ", _SPECTROMETER),
    (("EDS", "Acquisition"), "EDS", "", EDS_ACQUISITION),
    (("EDS",), "EDS", "", EDS_COUNTING),
    (("EDS", "Detector Info"), "EDS", "", EDS_DETECTOR),
    (
        ("CL", "Acquisition"),
        "CL",
        "",
        (
            "Exposure (s)",
            "Integration time (s)",
            "Number of frames",
            "Dwell time (s)",
            "Start wavelength (nm)",
            "Central wavelength (nm)",
            "Step-size (nm)",
            "Dispersion grating (lines/mm)",
        ),
    ),
    (("Acquisition", "Monarc Spectrometer"), "CL Spectrometer", "", ("Grating", "Filter", "Lightpath", "Polarizer")),
)
UNITS = {"s": "s", "eV": "eV", "eV/ch": "eV", "V": "V", "mrad": "mrad", "nm": "nm", "lines/mm": "1/mm"}
KEPT_IN = {"Live time": "s", "Real time": "s", "Solid angle": "sr"} | dict.fromkeys(
    ("Azimuthal angle", "Elevation angle", "Incidence angle", "Stage tilt"), "degree"
)
STEPS = {
    "AlignSIByPeak": "Aligned parent SI By Peak",
    "Background Removal": "Background Removal",
    "SpectrumCalibrate": "Calibrated Post-acquisition",
    "Compute Thickness": "Compute Thickness",
    "DataPicker": "Extracted from SI",
    "Signal Integration": "Signal Integration",
}
"""What DigitalMicrograph calls a step of processing, and what people do."""

DATES: tuple[tuple[TagPath, str, str], ...] = (
    (("DataBar",), "Acquisition Date", "Acquisition Time"),
    (("SI", "Acquisition"), "Date", "Start time"),
    (("EELS", "Acquisition"), "Date", "Start time"),
    (("EDS", "Acquisition"), "Date", "Start time"),
    (("CL", "Acquisition"), "Date", "Start time"),
)
"""Where an acquisition's date and time of day stand; the first that is there is taken."""
